"""IDs that cannot come about, and what must be unique beside the ID: refused by name, with nothing used up."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.api.envelope import check_refusal
from tests.api.marketplace import Api
from tests.api.uniform.subjects import checked
from tests.api.world import PERSON, World, unchanged


@pytest.fixture(autouse=True)
async def world(api: Api) -> World:
    return await World.create(api)


@pytest.mark.parametrize(
    ("object_id", "status", "code", "data"),
    [
        ("x{nope}", 404, "NotFound", {"ObjectType": "Incrementor", "ObjectID": "nope"}),
        ("{known}{nope}", 400, "ValidationFailure", {"Property": "ID", "Value": "{known}{nope}"}),
        ("{known}{known}", 400, "ValidationFailure", {"Property": "ID", "Value": "{known}{known}"}),
        ("{known} ", 400, "ValidationFailure", {"Property": "ID", "Value": "{known} "}),
        ("{{known}}", 400, "ValidationFailure", {"Property": "ID", "Value": "{{known}}"}),
        ("{known}}", 400, "ValidationFailure", {"Property": "ID", "Value": "{known}}"}),
        ("{}", 400, "ValidationFailure", {"Property": "ID", "Value": "{}"}),
        ("{known" * 2, 400, "ValidationFailure", {"Property": "ID", "Value": "{known{known"}),
        ("{known}" * 101, 400, "ValidationFailure", {"Property": "ID", "MaxLength": 100}),
        ("../{known}", 400, "ValidationFailure", {"Property": "ID", "Value": "../{known}"}),
    ],
)
async def test_braces(object_id: str, status: int, code: str, data: dict[str, str], api: Api) -> None:
    """ID-1, ID-3: what can be no ID takes no number of an incrementor with it; an ID takes one (security 33)."""
    async with unchanged(api):
        for verb, url in (
            ("POST", "/v1/suppliers"),
            ("PUT", "/v1/suppliers/new"),
            ("PATCH", "/v1/suppliers/known"),
        ):
            body = {"ID": object_id, "Name": "S", "Active": True}
            refused = await checked(api.seller.request(verb, url, json=body), status)
            (entry,) = check_refusal(refused.status_code, refused.headers, refused.content)
            assert (entry["ErrorCode"], entry["Data"]) == (code, data)


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/v1/adminusers", {**PERSON, "Username": "Same"}, "User.UsernameMustBeUnique"),
        ("/v1/buyers/known/users", {**PERSON, "Username": "Same"}, "User.UsernameMustBeUnique"),
        ("/v1/locales", {"Currency": "EUR", "Language": "de"}, "Locale.DuplicateLanguageAndCurrency"),
    ],
)
async def test_identical_creates_that_meet(path: str, body: dict[str, Any], code: str, api: Api) -> None:
    """HTTP-4: of what must be unique beside the ID, one is made and the others are refused by name."""
    before = (await api.seller.get(path)).json()["Meta"]["TotalCount"]
    answers = await asyncio.gather(*(api.seller.post(path, json=body) for _ in range(8)))
    refused = [answer for answer in answers if answer.status_code != 201]
    assert len(refused) == 7
    for answer in refused:
        (entry,) = check_refusal(answer.status_code, answer.headers, answer.content)
        assert entry["ErrorCode"] == code
    assert (await api.seller.get(path)).json()["Meta"]["TotalCount"] == before + 1
