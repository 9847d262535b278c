"""What a body may be: how much of it, nothing at all, and values at the edge of their types."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from tests.api.envelope import check_refusal
from tests.api.marketplace import Api
from tests.api.test_registry_loops import OPERATIONS, url
from tests.api.uniform.subjects import checked
from tests.http.driver import ask
from tests.rows import by, tabled

from entrepot.declare.operation import FILE_BODY, SMALL_BODY, USUAL_BODY, Operation
from entrepot.declare.types import MAX_CLIENT_SECRET, MAX_FOREIGN_SECRET, MAX_SECRET
from entrepot.declare.wire import Wire
from entrepot.engine.wire.models import body_model
from entrepot.features.people.credentials.secrets import new_client_secret

WITH_BODY = sorted(name for name, operation in OPERATIONS.items() if operation.body is not None)
OPTIONAL = sorted(
    name
    for name, operation in OPERATIONS.items()
    if operation.body is not None and not operation.body.required
)
BEYOND = {
    "Batches.Create": (4_194_304, 90_000),
    "TestMarketplaces.Create": (FILE_BODY.bytes, FILE_BODY.values),
}
"""Operations whose bodies may cost more than usual, with bytes and values: those that hold many requests, or bring a file along."""
HUGE = (
    "1e99999999",
    "-1e99999999",
    "1e-99999999",
    "9" * 5000,
    "-" + "9" * 5000,
    "0." + "1" * 5000,
    "1E+100000",
)


def test_what_a_body_may_cost() -> None:
    """Security 2: small where no token is asked for and where nothing is read, else the usual."""
    for name, operation in OPERATIONS.items():
        small = operation.public or operation.body is None
        usual = (SMALL_BODY.bytes, SMALL_BODY.values) if small else (USUAL_BODY.bytes, USUAL_BODY.values)
        limit = operation.body_limit
        assert (limit.bytes, limit.values) == BEYOND.get(name, usual), name
    assert (SMALL_BODY.bytes, USUAL_BODY.bytes, FILE_BODY.bytes) == (65_536, 1_048_576, 4_194_304)


@pytest.mark.parametrize("name", sorted(n for n in WITH_BODY if OPERATIONS[n].public))
async def test_values_are_counted_before_they_are_parsed(name: str, api: Api) -> None:
    """Security 2: by anybody, without a token."""
    operation = OPERATIONS[name]
    body = b'{"ClientID":"x","a":[' + b"1.5," * 3000 + b"1.5]}"
    answer = await ask(api.server.app, operation.verb, url(operation), body=body)
    (entry,) = check_refusal(answer.status, answer.headers, answer.body)
    assert (answer.status, entry["ErrorCode"], entry["Data"]) == (
        413,
        "Request.BodyTooLarge",
        {"MaxValues": SMALL_BODY.values},
    )


def test_which_bodies_may_be_left_out() -> None:
    """Behaviour C1: those that the SDKs leave out."""
    assert OPTIONAL == [
        "BundleLineItems.Create",
        "BundleSubscriptionItems.Create",
        "Cart.CreateBundleItem",
        "Cart.Save",
        "FullSynchronization.Start",
        "Me.CreateSubscriptionBundleItem",
        "OrderReturns.Approve",
        "OrderReturns.Decline",
        "Orders.Approve",
        "Orders.Create",
        "Orders.Decline",
        "Orders.Repeat",
        "Orders.Ship",
        "Products.GenerateVariants",
        "Recordings.Create",
        "Snapshots.Create",
        "TestMarketplaces.Create",
    ]


@pytest.mark.parametrize("name", OPTIONAL)
async def test_nothing_and_null_are_no_body(name: str, api: Api) -> None:
    """Behaviour C1: what the C# SDK sends for an optional body is the same as `{}`, whatever that leads to."""
    operation = OPERATIONS[name]
    company = await api.buyer()
    path = url(operation).replace("/orders/nope", "/orders/Incoming")
    people = (api.seller, api.as_(await api.user(buyer=company), roles=["Shopper", "OrderAdmin"]))
    for http in people:
        answers = []
        for body in (b"{}", b"", b"null", b" null\n"):
            headers = {"Content-Type": "application/json; charset=UTF-8"}
            answer = await http.request(operation.verb, path, content=body, headers=headers)
            if name == "Recordings.Create" and answer.status_code == 201:
                # A marketplace has one at a time.
                await http.delete(f"{path}/{answer.json()['ID']}")
            codes = [each["ErrorCode"] for each in answer.json()["Errors"]] if answer.is_error else []
            answers.append((answer.status_code, codes))
        if name == "Orders.Create":
            # ORD-15 has an answer of its own for null.
            assert answers[2:] == [(400, ["Order.CannotCreateInvalid"])] * 2 or answers[2][0] == 403
            del answers[2:]
        assert len(set(map(str, answers))) == 1, answers


def numbers_of(model: type[Wire], *, partial: bool) -> list[str]:
    """Bodies with a hole `@` where a number belongs: at every place of the model, nested ones too."""
    bodies = []
    for name in body_model(model, partial=partial).model_fields:
        wire = model.__columns__[name].type
        inner = wire.item or wire
        if inner.kind in ("integer", "decimal"):
            bodies.append(f'{{"{name}":{"[@]" if wire.item else "@"}}}')
        elif inner.model is not None:
            nested = numbers_of(inner.model, partial=partial)
            bodies += [f'{{"{name}":{f"[{each}]" if wire.item else each}}}' for each in nested]
    return bodies


NUMERIC = sorted(
    name
    for name in WITH_BODY
    if (body := OPERATIONS[name].body) is not None and numbers_of(body.model, partial=body.partial)
)


@tabled(by(lambda name: OPERATIONS[name].tag, NUMERIC))
async def test_huge_numbers(name: str, api: Api) -> None:
    """Reliability R10: refused before anybody calculates with them, as numbers and as text, at every numeric place."""
    operation = OPERATIONS[name]
    body = operation.body
    assert body is not None
    token = api.token(api.admin, roles=["FullAccess"])
    path = url(operation).replace("/orders/nope", "/orders/Outgoing")
    for template in numbers_of(body.model, partial=body.partial):
        for number in HUGE:
            for value in (number, f'"{number}"'):
                text = template.replace("@", value).encode()
                answer = await ask(api.server.app, operation.verb, path, token=token, body=text)
                entries = check_refusal(answer.status, answer.headers, answer.body)
                assert answer.status < 500, (template, number[:20], entries)
                assert len(answer.body) < 4000


SECRETS = re.compile(r"(Password|Secret|HashKey|SharedKey)$")


def secret_columns(operation: Operation) -> list[tuple[str, int | None]]:
    """The writable secrets of an operation's body, at any depth, with their longest length."""

    def found(model: type[Wire]) -> list[tuple[str, int | None]]:
        columns: list[tuple[str, int | None]] = []
        for name, column in model.__columns__.items():
            if column.writable and column.type.kind in ("string", "password") and SECRETS.search(name):
                longest = next(
                    (
                        part.max_length
                        for part in _metadata(model, name)
                        if getattr(part, "max_length", None) is not None
                    ),
                    None,
                )
                columns.append((name, longest))
            if column.writable and column.type.model is not None:
                columns += found(column.type.model)
        return columns

    return found(operation.body.model) if operation.body is not None else []


def _metadata(model: type[Wire], name: str) -> Any:
    annotation = body_model(model, partial=False).model_fields[name].annotation
    pending: list[Any] = [annotation]
    parts: list[Any] = []
    while pending:
        each = pending.pop()
        parts += getattr(each, "__metadata__", ())
        pending += getattr(each, "__args__", ())
    return [part for field in parts for part in (field, *getattr(field, "metadata", ()))]


def test_no_secret_is_endless() -> None:
    """Security 12: every password and key has a longest length, the contract's or ours."""
    seen = {pair for operation in OPERATIONS.values() for pair in secret_columns(operation)}
    assert seen >= {("Password", MAX_SECRET), ("NewPassword", MAX_SECRET), ("HashKey", 50), ("Secret", 50)}
    beyond = {
        "SaslPassword": MAX_FOREIGN_SECRET,
        "ConnectClientSecret": MAX_FOREIGN_SECRET,
        "ClientSecret": MAX_CLIENT_SECRET,
    }
    for name, longest in seen:
        assert longest is not None, name
        assert longest <= beyond.get(name, MAX_SECRET), name
    assert len(new_client_secret()) <= MAX_CLIENT_SECRET


async def test_long_passwords(api: Api) -> None:
    """Security 12: 256 characters are kept and open the account again; one more is refused by name, by all three ways."""
    user = await api.user()
    own = api.as_(user, roles=["FullAccess"])
    longest = "Ab1z" * 64
    refusal = {"Property": "Password", "MaxLength": 256}
    path = f"/v1/adminusers/{user.id}"
    for http, verb, where, name in (
        (api.seller, "PATCH", path, "Password"),
        (own, "PATCH", "/v1/me", "Password"),
        (own, "POST", "/v1/me/password", "NewPassword"),
    ):
        answer = await checked(http.request(verb, where, json={name: longest + "x"}), 400)
        assert [each["Data"] for each in answer.json()["Errors"]] == [{**refusal, "Property": name}]
        big = await checked(http.request(verb, where, json={name: "aA1" * 300_000}), 400)
        assert len(big.content) < 1000
    await checked(own.patch("/v1/me", json={"Password": longest}), 200)
    form = {
        "grant_type": "password",
        "client_id": api.client_id,
        "username": user.username,
        "password": longest,
    }
    await checked(api.http.post("/oauth/token", data=form), 200)


UNSET = "0001-01-01T00:00:00+00:00"


async def test_the_unset_date_of_net(api: Api) -> None:
    """Behaviour C4: `default(DateTimeOffset)` is a date like others: kept, answered, found."""
    body = {"Name": "v", "SaleStart": UNSET, "PriceBreaks": [{"Quantity": 1, "Price": 1}]}
    for sent in (UNSET, "0001-01-01T00:00:00Z", "0001-01-01"):
        put = await api.seller.put("/v1/priceschedules/x", json={**body, "SaleStart": sent})
        assert put.json()["SaleStart"] == UNSET
    await checked(api.seller.put("/v1/priceschedules/y", json={**body, "SaleStart": "0001-01-02"}), 200)
    assert (await checked(api.seller.get("/v1/priceschedules/x"), 200)).json()["SaleStart"] == UNSET
    for query, ids in (
        (f"SaleStart={UNSET.replace('+', '%2B')}", ["x"]),
        ("SaleStart=%3E0001-01-01", ["y"]),
    ):
        found = (await checked(api.seller.get(f"/v1/priceschedules?{query}"), 200)).json()
        assert [each["ID"] for each in found["Items"]] == ids, query
    me = await checked(api.seller.patch("/v1/me", json={"TermsAccepted": UNSET}), 200)
    assert me.json()["TermsAccepted"] == UNSET
    assert (await checked(api.seller.get("/v1/me"), 200)).json()["TermsAccepted"] == UNSET
    listed = (await checked(api.seller.get("/v1/adminusers"), 200)).json()
    assert [each["TermsAccepted"] for each in listed["Items"]].count(UNSET) == 1


@pytest.mark.parametrize("text", ["0000-01-01", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"])
async def test_dates_beyond_the_calendar(text: str, api: Api) -> None:
    """Behaviour C4, the kind: years outside 1 to 9999 are refused by name."""
    answer = await checked(api.seller.patch("/v1/me", content=json.dumps({"TermsAccepted": text})), 400)
    assert answer.json()["Errors"][0]["Data"]["Property"] == "TermsAccepted"
