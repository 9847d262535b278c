"""References of requests of a batch to earlier answers."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest
from tests.api.batching import PATH, done, refused, request
from tests.api.marketplace import Api
from tests.api.world import unchanged

from entrepot.declare.operation import BodyLimit
from entrepot.engine.content import Content
from entrepot.engine.wire.json import encode
from entrepot.features.people.batches import operations
from entrepot.features.people.batches.planning import planned

BUYER = {"Name": "B", "Active": True}
FIRST = request("POST", "/v1/buyers", {**BUYER, "xp": {"n": None, "list": [1, 2.50], "a": {"b": "c d/é?"}}}, Label="first")  # fmt: skip


def named(name: Any) -> dict[str, Any]:
    return request("PUT", "/v1/buyers/second", {**BUYER, "Name": name})


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (named("${2.ID}"), "Batch.ForwardReference"),
        (named("${1.ID}"), "Batch.ForwardReference"),
        (named("${last.ID}"), "Batch.ForwardReference"),
        (named("${nobody.ID}"), "Batch.UnknownReference"),
        (named("${3.ID}"), "Batch.UnknownReference"),
        (named("${999999.ID}"), "Batch.UnknownReference"),
        (named("${9999999.ID}"), "Batch.MalformedReference"),
        (named("${-1.ID}"), "Batch.MalformedReference"),
        (named("${01.ID}"), "Batch.MalformedReference"),
        (named("${first.ID"), "Batch.MalformedReference"),
        (named("${}"), "Batch.MalformedReference"),
        (named("${first..ID}"), "Batch.MalformedReference"),
        (named("${first.}"), "Batch.MalformedReference"),
        (named("${.ID}"), "Batch.MalformedReference"),
        (named("${first.${first.ID}}"), "Batch.MalformedReference"),
        (named("${first." + "x" * 300 + "}"), "Batch.MalformedReference"),
        (named("${" * 1_000), "Batch.MalformedReference"),
        (named("${first.Nothing}"), "Batch.NothingAtReference"),
        (named("${first.id}"), "Batch.NothingAtReference"),
        (named("${first.ID.length}"), "Batch.NothingAtReference"),
        (named("${first.xp.list.2}"), "Batch.NothingAtReference"),
        (named("${first.xp.list.-1}"), "Batch.NothingAtReference"),
        (named("${first.xp.list.length}"), "Batch.NothingAtReference"),
        (named("${first.xp.n.x}"), "Batch.NothingAtReference"),
        (named("${first.__proto__}"), "Batch.NothingAtReference"),
        (named("${first.__class__.__mro__}"), "Batch.NothingAtReference"),
        (named("${first.constructor.prototype}"), "Batch.NothingAtReference"),
        (named("${first.xp.items}"), "Batch.NothingAtReference"),
        (named("is ${first.xp}"), "Batch.UnfitReference"),
        (named("is ${first.xp.n}"), "Batch.UnfitReference"),
        (named("is ${first}"), "Batch.UnfitReference"),
        (named("${first.xp}"), "ValidationFailure"),
        (named("${first.xp.n}"), "ValidationFailure"),
        (request("GET", "/v1/buyers/${first.xp}"), "Batch.UnfitReference"),
        (request("GET", "/v1/buyers/${first.xp.n}"), "Batch.UnfitReference"),
        (request("GET", "/v1/${first.ID}"), "NotFound"),
        (request("${first.ID}", "/v1/me"), "ValidationFailure"),
        (request("GET", "${first.ID}"), "ValidationFailure"),
    ],
)  # fmt: skip
async def test_what_leads_nowhere(wrong: dict[str, Any], code: str, api: Api) -> None:
    """At its place, and nothing has been carried out. Issue, section 6: a batch that refers forward."""
    async with unchanged(api):
        status, index, found = await refused(api.seller, FIRST, wrong, request("GET", "/v1/me", Label="last"))
    assert (index, found[0]) == (1, code)
    assert 400 <= status < 500


async def test_what_a_reference_becomes(api: Api) -> None:
    """The value where it stands alone, else text; percent-encoded in paths and queries."""
    answers = await done(
        api.seller,
        FIRST,
        request(
            "PUT",
            "/v1/buyers/x",
            {
                **BUYER,
                "Name": "$${first.ID} costs $5, {no} ${first.xp.list.1} ${0.Active}",
                "xp": {
                    "n": "${first.xp.n}",
                    "list": "${first.xp.list}",
                    "deep": [{"a": ["${first.xp.a.b}", "${0.xp.a}"]}],
                    "${first.ID}": "a name of a property is none",
                },
            },
        ),
        request("GET", "/v1/buyers?xp.a.b=${first.xp.a.b}&ID=${first.ID}"),
        request("GET", "/v1/buyers/${2.Items.0.ID}"),
        request("PUT", "/v1/buyers/no-reference", {**BUYER, "Name": "$${first.ID}"}),
    )
    body = answers[1]["Body"]
    assert body["Name"] == "${first.ID} costs $5, {no} 2.5 true"
    assert body["xp"] == {
        "n": None,
        "list": [1, 2.5],
        "deep": [{"a": ["c d/é?", {"b": "c d/é?"}]}],
        "${first.ID}": "a name of a property is none",
    }
    assert answers[2]["Body"]["Meta"]["TotalCount"] == 1
    assert answers[3]["Body"] == answers[0]["Body"]
    assert answers[4]["Body"]["Name"] == "${first.ID}"


async def test_no_value_leads_elsewhere(api: Api) -> None:
    """A slash belongs to the ID that it is in, and a word of another path names that of the planned one alone."""
    word = request("PUT", "/v1/buyers/x", {**BUYER, "xp": {"slash": "x/addresses", "up": "..", "word": "assignments"}}, Label="x")  # fmt: skip
    for wanted in ("slash", "up"):
        assert (await refused(api.seller, word, request("GET", f"/v1/buyers/${{x.xp.{wanted}}}")))[2] == [
            "NotFound"
        ]
    led = await refused(api.seller, word, request("GET", "/v1/buyers/x/addresses/${x.xp.word}"))
    assert led == (400, 1, ["Batch.UnfitReference"])


async def test_what_references_stand_for_is_bounded(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large answer that is used again and again counts each time, as if it had been sent."""
    monkeypatch.setattr(operations, "LIMIT", BodyLimit(200_000, 100_000))
    large = request("PUT", "/v1/buyers/large", {**BUYER, "xp": {"text": "x" * 7_000}}, Label="large")
    use = [request("PUT", f"/v1/buyers/b{n}", {**BUYER, "xp": "${large.xp}"}) for n in range(100)]
    async with unchanged(api):
        status, index, found = await refused(api.seller, large, *use)
    assert (status, found) == (413, ["Batch.ReferencesTooLarge"])
    assert 10 < index < 40
    await done(api.seller, large, *use[:10])


async def test_references_of_one_request_are_few(api: Api) -> None:
    """However they are written, and wherever they stand: a text of a hundred thousand would keep all others waiting for seconds, though
    the JSON of each is one value.
    """
    first = request("GET", "/v1/me", Label="me")
    await done(
        api.seller, first, request("PUT", "/v1/buyers/b", {**BUYER, "xp": {"a": ["${me.Active}"] * 1_000}})
    )
    for wrong in (
        named("${me.ID}" * 1_001),
        named("$${" * 10_000),
        request("PUT", "/v1/buyers/b", {**BUYER, "xp": {"a": ["${me.Active}"] * 1_001}}),
        request("PUT", "/v1/buyers/${me.ID}", {**BUYER, "xp": {"a": ["${me.Active}"] * 1_000}}),
        request("GET", "/v1/buyers?search=" + "${0}" * 1_001),
    ):
        assert await refused(api.seller, first, wrong) == (400, 1, ["Batch.TooManyReferences"])
    escaped = json.dumps({"Requests": [first, named("${me.ID}" * 50_000)]}).replace("{me", "\\u007bme")
    answer = await api.seller.post(PATH, content=escaped, headers={"Content-Type": "application/json"})
    assert [each["ErrorCode"] for each in answer.json()["Errors"]][1:] == ["Batch.TooManyReferences"]


async def test_planning_lets_others_have_their_turn() -> None:
    """A batch whose texts are full of references is read request by request."""
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    path = "/v1/buyers?search=" + "${0}" * 900
    body = {"Requests": [request("GET", "/v1/me"), *(request("GET", path) for _ in range(18))]}
    raw = encode(body)
    call: Any = SimpleNamespace(body=body, content=Content(raw))
    inside: Any = SimpleNamespace(
        lead=lambda *_: (operations.create_batch, {}),
        may_join=lambda _: True,
    )
    beside = asyncio.create_task(others())
    await planned(call, inside)
    beside.cancel()
    assert turns > 18


async def test_one_request_does_not_grow_beyond_what_it_could_be(api: Api) -> None:
    """By many references in one body; nor deeper than a body may be."""
    large = request("PUT", "/v1/buyers/large", {**BUYER, "xp": {"text": "x" * 7_000}}, Label="large")
    many = request("PUT", "/v1/buyers/b", {**BUYER, "xp": {str(n): "${large.xp}" for n in range(200)}})
    assert await refused(api.seller, large, many) == (413, 1, ["Request.BodyTooLarge"])
    nested = [request("PUT", "/v1/buyers/n0", {**BUYER, "xp": {"a": {}}})]
    nested += [
        request("PUT", f"/v1/buyers/n{n}", {**BUYER, "xp": {"a": {"b": f"${{{n - 1}.xp}}"}}})
        for n in range(1, 60)
    ]
    status, index, found = await refused(api.seller, *nested)
    assert (status, found) == (400, ["Request.InvalidRequestBody"])
    assert 20 < index < 40
    text = request("PUT", "/v1/buyers/b", {**BUYER, "Name": "${large.xp.text}" * 200})
    assert await refused(api.seller, large, text) == (413, 1, ["Request.BodyTooLarge"])
    path = request("GET", "/v1/buyers/" + "${large.xp.text}" * 3)
    assert await refused(api.seller, large, path) == (400, 1, ["Batch.UnfitReference"])
