"""`entrepot routes`, `entrepot explain` and `entrepot openapi`: every operation can be listed and explained."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from entrepot.app.inspect import explain, facts, openapi, print_routes
from entrepot.app.message_types import messages
from entrepot.app.reference import orders
from entrepot.declare.registry import Registry
from entrepot.features.registry import build_registry


@pytest.fixture(scope="module")
def registry() -> Registry:
    return build_registry()


def test_routes_are_one_line_each(registry: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    print_routes(registry)
    heading, *lines = capsys.readouterr().out.splitlines()
    assert heading.split() == ["Verb", "Path", "Operation", "Roles"]
    rows = [line.split() for line in lines]
    assert sorted(row[2] for row in rows) == sorted(registry.operations)
    me = next(row for row in rows if row[2] == "Me.Patch")
    assert me == ["PATCH", "/v1/me", "Me.Patch", "FullAccess", "MeAdmin"]


@pytest.mark.parametrize(
    ("containing", "ids"),
    [
        ("buyers.patch", ["Buyers.Patch"]),
        ("/V1/XPINDICES", ["XpIndices.List", "XpIndices.Put", "XpIndices.Delete"]),
        ("no such thing", []),
    ],
)
def test_routes_by_what_they_contain(
    registry: Registry, capsys: pytest.CaptureFixture[str], containing: str, ids: list[str]
) -> None:
    print_routes(registry, containing)
    assert sorted(line.split()[2] for line in capsys.readouterr().out.splitlines()[1:]) == sorted(ids)


def test_explain_tells_everything(registry: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    explain(registry, "buyers.patch")
    told = dict(re.split(r"  +", line, maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert told["Operation"] == "Buyers.Patch"
    assert told["Route"] == "PATCH /v1/buyers/{buyerID}"
    assert re.search(r"organizations/resources\.py:\d+$", told["Declared at"])
    assert re.search(r"UniformVerbs\.patch at .*engine/verbs\.py:\d+$", told["Handler"])
    assert told["Roles"] == "FullAccess, BuyerAdmin"
    assert told["User types"] == "admin, buyer"
    assert told["Hooks"] == "BuyerHooks"
    assert told["Unit of work"] == "write"
    assert told["Table"] == "buyers"
    assert told["Columns"].startswith("marketplace_id, ID, Name, ")
    assert "IdExists (409)" in told["Errors"]


def test_explain_tells_about_lists(registry: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    explain(registry, "Users.List")
    told = capsys.readouterr().out
    assert re.search(r"Query parameters +userGroupID \(String\)", told)
    assert re.search(r"Searchable +ID, Username, LastName, FirstName, Email\n", told)
    assert re.search(r"Sortable +LastName, FirstName, Username, ID, ", told)


def test_every_operation_can_be_explained(registry: Registry) -> None:
    for operation in registry.operations.values():
        told = dict(facts(registry, operation))
        for heading in ("Route", "Summary", "Declared at", "Handler", "Roles", "User types", "Answer"):
            assert told[heading], f"{operation.id}: {heading}"
        assert re.search(r"\.py:\d+$", told["Handler"]), operation.id


def test_an_unknown_operation_gets_near_misses(
    registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        explain(registry, "Buyers.Pach")
    assert ended.value.code == 1
    assert "Did you mean Buyers.Patch" in capsys.readouterr().err


def test_openapi_prints_the_document(registry: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    openapi(registry, "http://shop.example")
    printed = json.loads(capsys.readouterr().out)
    assert printed["servers"][0]["url"] == "http://shop.example/v1"


def test_explain_shows_moves_and_steps(registry: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    """The status table and the steps of a submit, from the code."""
    explain(registry, "Orders.Submit")
    told = capsys.readouterr().out
    assert "Unsubmitted -> Open on submit (ST-2)" in told
    assert "Unsubmitted -> AwaitingApproval on submit for approval (ST-3)" in told
    assert [f"SUB-2.{number}:" for number in range(1, 13)] == re.findall(r"SUB-2\.\d+:", told)


@pytest.mark.parametrize(("name", "page"), [("orders", orders), ("messages", messages)])
def test_the_reference_is_what_the_code_says(name: str, page: Callable[[], str]) -> None:
    """docs/reference; `python -m entrepot.app.reference` and `entrepot.app.message_types` write them anew."""
    written = Path(__file__).parents[2] / "docs" / "reference" / f"{name}.md"
    assert written.read_text("utf-8") == page()
