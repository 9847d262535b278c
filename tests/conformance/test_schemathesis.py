"""Schemathesis on the server's own OpenAPI document: whatever it sends, the answer is the contract's.

The examples are the same in every run. More of them, for a night: FUZZ_EXAMPLES=500.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Response
from schemathesis.checks import CheckFunction
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance
from tests.api.envelope import check_refusal
from tests.conformance.fuzzing import FuzzedShop, Request, fuzzed_shop

from entrepot.features.registry import build_registry
from entrepot.http.encoding import HTML

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "6"))
OPERATIONS = build_registry().operations
SHOPPERS = ("buyer", "guest")

CONFORMANCE: list[CheckFunction] = [content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def fuzzed(prepared: Path) -> Iterator[FuzzedShop]:
    with fuzzed_shop(prepared) as made:
        yield made


@pytest.mark.parametrize("name", sorted(name for name, each in OPERATIONS.items() if not each.streams))
def test_any_request(name: str, fuzzed: FuzzedShop) -> None:
    """Success is the documented one, in its type and shape; everything else is a 4xx in the envelope. To each caller of /me
    the same requests: to think them out takes longer than to answer them. A stream, which has no end, is tests/api/test_events.py's.
    """
    fuzzed.arrange()
    kinds = ("seller", *SHOPPERS) if OPERATIONS[name].tag == "Me" else ("seller",)

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        # The server keeps what it was sent, so that a smaller example is another matter.
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=fuzzed.cases(name))
    def run(case: Request) -> None:
        for kind in kinds:
            judge(case, fuzzed.send(case, kind))

    def judge(case: Request, response: Response) -> None:
        headers = {header: values[0] for header, values in response.headers.items()}
        if OPERATIONS[name].for_browsers and headers.get("content-type") == HTML:
            assert 400 <= response.status_code < 500
            return
        if response.status_code >= 400:
            check_refusal(response.status_code, headers, response.content)
            return
        assert response.status_code == OPERATIONS[name].status
        assert response.status_code != 201 or not name.endswith(".Create") or headers["location"]
        case.validate_response(response, checks=CONFORMANCE)

    run()
