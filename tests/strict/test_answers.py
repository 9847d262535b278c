"""The check of every answer: what it lets pass and what it does not."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from tests.strict.answers import Answer, WrongAnswerError, answers
from tests.strict.application import Checked

from entrepot.app.registry import registry
from entrepot.http.encoding import JSON, encode
from entrepot.http.openapi.examples import example

ORDER = example(registry().operations["Orders.Get"].returns.model)  # type: ignore[union-attr]
META = {
    "Page": 1,
    "PageSize": 20,
    "TotalCount": 1,
    "TotalPages": 1,
    "ItemRange": [1, 1],
    "NextPageKey": None,
}
REFUSAL = {"Errors": [{"ErrorCode": "NotFound", "Message": "Object not found.", "Data": None}]}
USER = {"ID": "u", "Username": "u", "FirstName": "F", "LastName": "L", "Email": "e", "AvailableRoles": []}

RIGHT: list[tuple[str, int, Any]] = [
    ("Orders.Get", 200, ORDER),
    ("Orders.Get", 200, {**ORDER, "FromUser": None, "BillingAddress": None, "DateSubmitted": None}),
    ("Orders.Get", 200, {**ORDER, "FromUser": USER}),
    ("Orders.List", 200, {"Meta": META, "Items": [ORDER]}),
    ("Orders.Get", 404, REFUSAL),
    ("Orders.Delete", 204, None),
    ("Orders.Get", 500, REFUSAL),
    ("Specs.GetOption", 200, {"ID": "o", "Value": "v", "PriceMarkupType": None, "xp": {"any": [1, None]}}),
]
WRONG: list[tuple[str, int, Any, str]] = [
    ("Orders.Get", 200, {**ORDER, "Status": None}, "Status"),
    ("Orders.Get", 200, {**ORDER, "Status": "Lost"}, "Lost"),
    ("Orders.Get", 200, {**ORDER, "LastUpdated": None}, "LastUpdated"),
    ("Orders.Get", 200, {**ORDER, "LastUpdated": "yesterday"}, "yesterday"),
    ("Orders.Get", 200, {**ORDER, "Total": None}, "Total"),
    ("Orders.Get", 200, {**ORDER, "Total": "1"}, "Total"),
    ("Orders.Get", 200, {**ORDER, "FromUser": {**USER, "AvailableRoles": None}}, "FromUser.AvailableRoles"),
    ("Orders.Get", 200, {**ORDER, "status": "Open"}, "status"),
    ("Orders.Get", 200, {**ORDER, "FromUser": {**USER, "key": 7}}, "key"),
    ("Orders.Get", 200, None, "null"),
    ("Orders.List", 200, {"Meta": META, "Items": [None]}, "Items.0"),
    ("Orders.List", 200, {"Meta": None, "Items": []}, "Meta"),
    ("Orders.Get", 201, ORDER, "201"),
    ("Orders.Get", 404, {"Errors": [{"Code": "NotFound"}]}, "Code"),
    ("Orders.Delete", 204, {}, "body"),
]


def told(status: int, body: Any) -> Answer:
    empty = body is None and status == 204
    return Answer(status, {} if empty else {"content-type": JSON}, b"" if empty else encode(body))


@pytest.mark.parametrize(("operation_id", "status", "body"), RIGHT)
def test_right_answers(operation_id: str, status: int, body: Any) -> None:
    answers().check(registry().operations[operation_id], told(status, body))


@pytest.mark.parametrize(("operation_id", "status", "body", "named"), WRONG)
def test_wrong_answers(operation_id: str, status: int, body: Any, named: str) -> None:
    """What may not be null, in nested objects too (tools F4); what is not declared; other statuses and types."""
    with pytest.raises(WrongAnswerError, match=named):
        answers().check(registry().operations[operation_id], told(status, body))


async def test_a_wrong_answer_never_leaves() -> None:
    """A server under test fails in its place, in this process and in others."""
    bodies = {b"/v1/orders/All/o": ORDER, b"/v1/orders/All/x": {**ORDER, "Total": None}}

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        headers = [(b"Content-Type", JSON.encode()), (b"Content-Encoding", b"gzip")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": gzip.compress(encode(bodies[scope["raw_path"]]))})

    async def call(path: bytes) -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = []

        async def send(event: dict[str, Any]) -> None:
            sent.append(event)

        scope = {"type": "http", "method": "GET", "path": path.decode(), "raw_path": path}
        await Checked(application, answers())(scope, None, send)
        return sent

    assert json.loads(gzip.decompress((await call(b"/v1/orders/All/o"))[1]["body"])) == json.loads(
        encode(ORDER)
    )
    with pytest.raises(WrongAnswerError, match="Total"):
        await call(b"/v1/orders/All/x")
