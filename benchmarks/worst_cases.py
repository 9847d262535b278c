"""For each limit of a request, the worst that it lets through, and what is just beyond it.

What asks for the most is made of the registry, so that a list or a body that is added is tried by itself.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import quote, urlencode

from entrepot.declare.operation import TEST_BENCH, Operation
from entrepot.declare.registry import Registry
from entrepot.domain.expressions.budget import MAX_STEPS
from entrepot.domain.listing.budget import MAX_SEARCH_LENGTH, MOST_BYTES, MOST_LOOKS, MOST_VALUES
from entrepot.features.people.batches.models import MOST_REQUESTS
from entrepot.http.protocol import MAX_HEAD
from entrepot.kernel.user_types import UserType

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
NUMBERS = 2_500
HEAVY = f"order.xp.Many.count(item > 0) = {NUMBERS}"
"""True of the order that `preparations` make; four steps for each of its numbers."""
ORDER = "worst"
PLACES = {
    "direction": "All",
    "buyerID": "demo-buyer",
    "supplierID": "demo-supplier",
    "catalogID": "outfitter",
    "categoryID": "camp",
    "productID": "lark-1",
    "orderID": ORDER,
    "userID": "buyer01",
}
"""What the path of an operation leads through, in the demo marketplace; anything else is nothing's ID."""
OWN = ("/me", "/cart")
BATCH = TEST_BENCH["batch"]
READERS = frozenset(
    {
        "Me.ListProducts",
        "Products.List",
        "Orders.List",
        "Me.ListOrders",
        "LineItems.ListAcrossOrders",
        "Me.ListAddresses",
        "Me.ListCategories",
        "Users.List",
        "Buyers.List",
        "Orders.ListEligiblePromotions",
        "Products.ListAssignments",
    }
)
"""A list of each way to read one. They get every query, all others those that cost most."""
TAKERS = frozenset(
    {"Products.Create", "PriceSchedules.Create", "Me.Patch", "ForgottenCredentials.SendVerificationCode"}
)
"""Bodies of each limit, and of each way to read one. They get every kind of text, all others the dearest."""


@dataclass(frozen=True, slots=True)
class Attack:
    """A request as it goes over the wire."""

    method: str
    path: str
    token: str = ""
    body: bytes = b""
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class WorstCase:
    """One limit and the requests that try it, one after the other."""

    name: str
    attacks: tuple[Attack, ...]


@dataclass(frozen=True, slots=True)
class Attackers:
    """Who sends it: tokens of an administrator of the seller and of a buyer's shopper, and how one logs in."""

    admin: str
    shopper: str
    client_id: str
    username: str

    def of(self, operation: Operation) -> str:
        """A token of somebody who may call it."""
        is_own = operation.path.startswith(OWN) or UserType.SELLER not in operation.user_types
        return "" if operation.public else self.shopper if is_own else self.admin


def preparations(attackers: Attackers) -> Iterator[Attack]:
    """The order, promotions and rule that the expressions are about."""
    order = {"ID": ORDER, "xp": {"Many": [1] * NUMBERS}}
    yield _sent("POST", "/v1/orders/Outgoing", attackers.shopper, order)
    line = {"ProductID": "heron-3", "Quantity": 1}
    for _ in range(20):
        yield _sent("POST", f"/v1/orders/Outgoing/{ORDER}/lineitems", attackers.shopper, line)
    for number in range(2 * MAX_STEPS // (4 * NUMBERS)):
        promotion = {
            "Code": f"W{number}",
            "EligibleExpression": HEAVY,
            "ValueExpression": "0.01",
            "AllowAllBuyers": True,
            "CanCombine": True,
            "AutoApply": True,
            "Active": True,
        }
        yield _sent("PUT", f"/v1/promotions/worst-{number}", attackers.admin, promotion)
    rule = {"Name": "W", "ApprovingGroupID": "baristas", "RuleExpression": f"not ({HEAVY})"}
    yield _sent("PUT", "/v1/buyers/demo-buyer/approvalrules/worst", attackers.admin, rule)


def worst_cases(registry: Registry, attackers: Attackers, number: int) -> Iterator[WorstCase]:
    """All of them, in shapes that depend on `number`, so that nothing is known from another time."""
    operations = sorted(registry.operations.values(), key=lambda each: each.id)
    for operation in operations:
        if operation.lists is not None:
            attacks = [Attack("GET", path, attackers.of(operation)) for path in _lists(operation, number)]
            yield WorstCase(f"list {operation.id}", tuple(attacks))
    for operation in operations:
        if operation.body is not None:
            yield WorstCase(f"body {operation.id}", tuple(_bodies(operation, attackers, number)))
    yield WorstCase("batches", tuple(_batches(attackers, number)))
    yield WorstCase("page keys", tuple(_page_keys(attackers)))
    yield WorstCase("expressions", tuple(_expressions(attackers)))
    yield WorstCase("passwords and token forms", tuple(_passwords(attackers, number)))
    yield WorstCase("heads", tuple(_heads(attackers)))


# --- lists ------------------------------------------------------------------------------------------------------------


def _lists(operation: Operation, number: int) -> Iterator[str]:
    path = path_of(operation)
    queries = _queries(operation, number)
    for query in queries if operation.id in READERS else islice(queries, 3):
        yield f"{path}?{query}"


def _queries(operation: Operation, number: int) -> Iterator[str]:
    """As many tests, alternatives, patterns, search terms and keys as one query may have, and far more of them; the dearest
    first.
    """
    names = [f"xp.n{number}a{each}" for each in range(MOST_LOOKS)]
    yield "&".join(f"{'|'.join(names[each : each + 5])}=!{each}" for each in range(0, MOST_LOOKS, 5))
    yield "search=" + "+".join(f"w{number}{each}" for each in range(MAX_SEARCH_LENGTH // 6)) + "&pageSize=100"
    yield "ID=" + "|".join(f"x{each}" for each in range(MOST_VALUES))
    yield "&".join(f"{name}=1" for name in names)
    yield f"xp.n{number}=" + "|".join(f"*{each}*" for each in range(MOST_LOOKS // 2))
    yield f"xp.n{number}=" + "|".join(f"!{each}" for each in range(MOST_VALUES))
    yield "sortBy=" + ",".join(f"xp.n{number}s{each}" for each in range(MOST_LOOKS))
    yield "&".join("|".join(f"xp.b{number}c{a}d{b}" for b in range(10)) + "=1" for a in range(100))
    yield f"xp.n{number}=" + quote("1e99999999") + "&page=" + "9" * 5000
    yield "xp.a=" + "*" * (MOST_BYTES - 20)
    facets = "&".join(f"xp.Facets.F{number}f{each}=1" for each in range(MOST_LOOKS))
    if operation.lists is not None and operation.lists.facets:
        yield facets


def _page_keys(attackers: Attackers) -> Iterator[Attack]:
    for text in (b"[" * 60_000, b"0" * 10_000_000, json.dumps([["xp.a", "1"]] * 16_000).encode()):
        packed = base64.urlsafe_b64encode(zlib.compress(text, 9)).decode().rstrip("=")
        for key in (packed, packed[: len(packed) // 2], "A" * 8000):
            for path in ("/v1/me/products", "/v1/me/orders"):
                yield Attack("GET", f"{path}?pageKey={key[:60_000]}", attackers.shopper)


# --- bodies -----------------------------------------------------------------------------------------------------------


def _bodies(operation: Operation, attackers: Attackers, number: int) -> Iterator[Attack]:
    """Bodies of as many bytes and values as the operation takes, and one that is beyond all limits."""
    assert operation.body is not None
    limit = operation.body.limit
    values = limit.values * 9 // 10
    room = limit.bytes * 9 // 10
    path, token = path_of(operation), attackers.of(operation)
    texts: dict[str, str] = {
        "numbers": "[" + ",".join([f"{number}.{'7' * min(38, room // values)}"] * (values // 2)) + "]",
        "integers": "[" + ",".join(["9" * 4000] * (room // 4100)) + "]",
        "keys": json.dumps({f"k{number}{each}": each for each in range(values // 2)}),
        "objects": "[" + ",".join(['{"a":{}}'] * min(values // 4, room // 10)) + "]",
        "text": json.dumps("\\\u00e4" * (room // 12)),
        "nested": "[" * 60 + "1" + "]" * 60,
        "exponents": "[" + ",".join(["1e99999999"] * min(values, room // 12)) + "]",
    }
    for kind, text in texts.items() if operation.id in TAKERS else islice(texts.items(), 1):
        body = f'{{"Name":"W","xp":{{"{kind}":{text}}}}}'.encode()
        yield Attack(operation.verb, path, token, body)
    if operation.id in TAKERS:
        yield Attack(operation.verb, path, token, b'{"a":[' + b"1.5," * 2_400_000 + b"1]}")


def _batches(attackers: Attackers, number: int) -> Iterator[Attack]:
    """As many requests, bytes, values and answers as one may have, and references that make more of them."""
    own = f"w{number}"
    yield _batch(attackers, [_put(f"{own}{each}", {"xp": {"a": [1] * 140}}) for each in range(300)])
    wide = dict.fromkeys((f"k{each}" for each in range(80)), "x" * 80)
    yield _batch(attackers, [_put(f"{own}{each}", {"xp": wide}) for each in range(400)])
    numbers = ",".join([f"{number}.{'7' * 75}"] * 100)
    decimals = json.dumps({"Requests": [_put(f"{own}{each}", {"xp": {"a": "N"}}) for each in range(400)]})
    yield Attack("POST", BATCH, attackers.admin, decimals.replace('"N"', f"[{numbers}]").encode())
    yield _batch(attackers, [_put(f"{own}{each}", {"Description": "x" * 1_000_000}) for each in range(4)])
    large = {"Label": "a", **_put(own, {"xp": {"text": "x" * 7_900}})}
    yield _batch(attackers, [large, *(_put(f"{own}{each}", {"xp": "${a.xp}"}) for each in range(999))])
    yield _batch(attackers, [large, _put(own, {"xp": {str(each): "${a.xp}" for each in range(9_500)}})])
    yield _batch(attackers, [large, _put(own, {"Name": "${a.Name}" * 100_000})])
    page = {"Verb": "GET", "Path": "/v1/products?pageSize=100"}
    yield _batch(attackers, [page] * MOST_REQUESTS)
    yield _batch(attackers, [{"Verb": "GET", "Path": "/v1/me"}] * MOST_REQUESTS)
    yield _batch(attackers, [{"Label": "a", **page}, *([_put(own, {"xp": {"all": "${a}"}})] * 999)])
    yield _batch(attackers, [_put(own, {"Name": "$${" * 200_000})])
    yield _batch(attackers, [_put(own, {"Name": "${a." + "b" * 800_000})])


def _put(product: str, body: Mapping[str, Any]) -> dict[str, Any]:
    return {"Verb": "PUT", "Path": f"/v1/products/{product}", "Body": {"Name": "W", **body}}


def _batch(attackers: Attackers, requests: list[dict[str, Any]]) -> Attack:
    return _sent("POST", BATCH, attackers.admin, {"Requests": requests})


# --- the others -------------------------------------------------------------------------------------------------------


def _expressions(attackers: Attackers) -> Iterator[Attack]:
    order = f"/v1/orders/Outgoing/{ORDER}"
    yield Attack("GET", f"{order}/eligiblepromotions", attackers.shopper)
    yield Attack("POST", f"{order}/applypromotions", attackers.shopper)
    yield Attack("POST", f"{order}/refreshpromotions", attackers.shopper)
    yield Attack("POST", f"{order}/validate", attackers.shopper)
    yield Attack("POST", f"{order}/calculate", attackers.shopper)
    for text in ("(" * 400, "items.any(" * 39 + "true", "1+" * 199 + "1", "'" + "x" * 398 + "'", "not " * 99):
        promotion = {"Code": "w", "EligibleExpression": text, "ValueExpression": text * 2}
        yield _sent("POST", "/v1/promotions", attackers.admin, promotion)


def _passwords(attackers: Attackers, number: int) -> Iterator[Attack]:
    form = {"grant_type": "password", "client_id": attackers.client_id, "username": attackers.username}
    for password in ("x" * 256, "x" * 60_000, "ä" * 10_000):
        body = urlencode({**form, "username": f"nobody{number}", "password": password}).encode()
        yield Attack("POST", "/oauth/token", "", body, FORM)
    yield Attack("POST", "/oauth/token", "", b"a=1&" * 15_000, FORM)
    yield Attack("POST", "/oauth/token", "", b"%ff" * 20_000, FORM)
    for password in ("aA1" * 85, "a" * 900_000):
        yield _sent("PATCH", "/v1/me", attackers.shopper, {"Password": password})
        yield _sent("POST", "/v1/me/password", attackers.shopper, {"NewPassword": password})


def _heads(attackers: Attackers) -> Iterator[Attack]:
    for size in (MAX_HEAD // 2, MAX_HEAD * 9 // 10, 4 * MAX_HEAD):
        yield Attack("GET", "/v1/me", attackers.shopper, headers=(("X-Long", "x" * size),))
        many = tuple((f"X-{each}", "y" * 20) for each in range(size // 30))
        yield Attack("GET", "/v1/me", attackers.shopper, headers=many)
        yield Attack("GET", "/v1/" + "a/" * (size // 2), attackers.shopper)
        yield Attack("GET", "/v1/products/" + "%C3%A4" * (size // 6), attackers.shopper)
        yield Attack("GET", "/v1/me", "e30." * (size // 4))


def path_of(operation: Operation) -> str:
    """The operation's path in the demo marketplace."""
    parts = operation.path.split("/")
    filled = [PLACES.get(part[1:-1], "none") if part.startswith("{") else part for part in parts]
    root = "" if operation.path.startswith("/oauth") else "/v1"
    return root + "/".join(filled)


def _sent(method: str, path: str, token: str, body: Mapping[str, Any]) -> Attack:
    return Attack(method, path, token, json.dumps(body).encode())
