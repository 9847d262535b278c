"""What the log of catalog changes says of each usual operation, and what processes make of it (ADR 0022)."""

from __future__ import annotations

import asyncio
import re
from types import SimpleNamespace
from typing import Any

import pytest
from tests.api.marketplace import Api, User
from tests.api.truly import assert_gifts_truly, assert_remembered_truly
from tests.api.uniform.subjects import checked
from tests.http.shop import NobodyOutside

from entrepot.app.registry import registry
from entrepot.engine import catalog_log
from entrepot.engine.call import Backend, Call
from entrepot.engine.feeding import Feeding
from entrepot.engine.principal import Principal
from entrepot.engine.units import writing
from entrepot.features.catalog.audience import log
from entrepot.features.catalog.audience.memory import AudienceMemory, StaleAudienceError, with_shopper
from entrepot.features.catalog.audience.shopper import Shopper
from entrepot.features.catalog.shopping.products import list_my_products

pytestmark = pytest.mark.usefixtures("truly")

Steps = list[tuple[str, str, Any, str]]
LAST = """
SELECT c.products, c.users, c.buyers, c.structure FROM catalog_changes c
WHERE c.marketplace_id = $1 AND c.epoch = $2
"""
EPOCH = "SELECT epoch FROM catalog_epochs WHERE marketplace_id = $1"
CHANGE = """
INSERT INTO catalog_changes (marketplace_id, epoch, made_at, products, users, buyers, structure)
VALUES ($1, $2, now(), CAST($3::text AS bigint[]), CAST($4::text AS bigint[]), CAST($5::text AS text[]), $6)
"""
PLACES = "/v1/catalogs/c/categories/productassignments"
GRANT = {"ProductID": "p", "BuyerID": "b"}


class Log:
    """Tells what the last row says by the names of things."""

    def __init__(self, api: Api, users: dict[str, User]) -> None:
        self.api = api
        self._users = {user.key: name for name, user in users.items()}
        self._products: dict[int, str] = {}

    async def after(self, verb: str, path: str, body: Any) -> str:
        """`products: p q; users: u; buyers: b; structure`, without what is not named; "" where no row was written."""
        rows = await self.api.server.database.fetch(
            'SELECT number, "ID" FROM products WHERE marketplace_id = $1', self.api.marketplace_id
        )
        self._products |= {row["number"]: row["ID"] for row in rows}
        before = await self.api.value(EPOCH)
        answer = await self.api.seller.request(verb, f"/v1/{path}", json=body)
        assert answer.is_success, (verb, path, answer.text)
        epoch = await self.api.value(EPOCH)
        if epoch == before:
            return ""
        assert epoch == before + 1, "one unit raises once"
        row = await self.api.server.database.fetchrow(LAST, self.api.marketplace_id, epoch)
        assert row is not None
        parts = [
            _named("products", row["products"], self._products),
            _named("users", row["users"], self._users),
            _named("buyers", row["buyers"], {each: each for each in row["buyers"]}),
            "structure" if row["structure"] else "",
        ]
        return "; ".join(part for part in parts if part)


def _named(what: str, keys: list[Any] | None, names: dict[Any, str]) -> str:
    if keys is None:
        return f"{what}: all"
    return f"{what}: {' '.join(sorted({names.get(key, '?') for key in keys}))}" if keys else ""


STEPS: Steps = [
    # Nobody sees it yet.
    ("PUT", "catalogs/c", {"ID": "c", "Name": "C", "Active": True}, ""),
    ("PUT", "products/p", {"ID": "p", "Name": "P", "IsParent": True}, ""),
    ("PATCH", "products/p", {"Active": True}, ""),
    ("PUT", "products/p1", {"ID": "p1", "Name": "P1", "ParentID": "p"}, ""),
    ("PUT", "products/q", {"ID": "q", "Name": "Q", "Active": True}, ""),
    ("PUT", "catalogs/c/categories/k", {"ID": "k", "Name": "K", "Active": True}, "users: all; structure"),
    ("PATCH", "catalogs/c/categories/k", {"Name": "New", "ListOrder": 2}, ""),
    # Where products are.
    ("POST", "catalogs/productassignments", {"CatalogID": "c", "ProductID": "p"}, "products: p p1"),
    ("POST", "catalogs/productassignments", {"CatalogID": "c", "ProductID": "p"}, ""),
    (
        "POST",
        "catalogs/c/categories/productassignments",
        {"CategoryID": "k", "ProductID": "q"},
        "products: q",
    ),
    ("PATCH", "catalogs/c/categories/k", {"Active": False}, "products: q; users: all; structure"),
    ("PATCH", "catalogs/c/categories/k", {"Active": True}, "products: q; users: all; structure"),
    # Who sees them.
    (
        "POST",
        "catalogs/assignments",
        {"CatalogID": "c", "BuyerID": "b", "ViewAllProducts": True},
        "buyers: b",
    ),
    ("POST", "catalogs/assignments", {"CatalogID": "c", "BuyerGroupID": "g"}, "users: all"),
    ("POST", "catalogs/c/categories/assignments", {"CategoryID": "k", "BuyerID": "b"}, "buyers: b"),
    ("POST", "products/assignments", GRANT, "products: p p1; buyers: b"),
    ("POST", "buyers/b/usergroups/assignments", {"UserGroupID": "ug", "UserID": "u"}, "users: u"),
    ("DELETE", "buyers/b/usergroups/ug/assignments/u", None, "users: u"),
    ("POST", "buyers/b/usergroups/assignments", {"UserGroupID": "ug", "UserID": "u"}, "users: u"),
    ("PATCH", "buyers/b/usergroups/ug", {"Name": "New"}, ""),
    ("DELETE", "buyers/b/usergroups/ug", None, "users: u; buyers: b"),
    ("PATCH", "buyers/b", {"Name": "New"}, ""),
    ("PATCH", "buyers/b", {"GroupID": "g"}, "buyers: b"),
    ("PATCH", "buyergroups/g", {"Name": "New"}, ""),
    ("PATCH", "catalogs/c", {"Name": "New"}, ""),
    ("PATCH", "catalogs/c", {"Active": False}, "users: all; structure"),
    ("PATCH", "catalogs/c", {"Active": True}, "users: all; structure"),
    # What they are.
    ("PATCH", "products/q", {"xp": {"a": 1}}, "products: q"),
    ("PATCH", "products/q", {"xp": {"a": 1}}, ""),
    ("PATCH", "products/q", {"Inventory": {"Enabled": True, "QuantityAvailable": 3}}, ""),
    ("PATCH", "products/p", {"Description": "for its children, too"}, "products: p p1"),
    ("PATCH", "products/q", {"ID": "r"}, "products: q"),
    ("PATCH", "products/p", {"ID": "pp"}, "products: p p1"),
    ("PATCH", "products/pp", {"ID": "p"}, "products: p1 pp"),
    ("PUT", "priceschedules/s", {"ID": "s", "Name": "S", "PriceBreaks": [{"Quantity": 1, "Price": 2}]}, ""),
    ("PATCH", "priceschedules/s", {"PriceBreaks": [{"Quantity": 1, "Price": 3}]}, ""),
    ("PATCH", "priceschedules/s", {"ID": "t"}, ""),
    ("PATCH", "products/r", {"DefaultPriceScheduleID": "t"}, "products: r"),
    ("PATCH", "priceschedules/t", {"ID": "s"}, "products: all"),
    ("DELETE", "priceschedules/s", None, "products: all; users: all"),
    ("POST", "specs", {"ID": "x", "Name": "X"}, ""),
    (
        "POST",
        "specs/productassignments",
        {"SpecID": "x", "ProductID": "r", "DefaultValue": "1"},
        "products: r",
    ),
    ("DELETE", "specs/x", None, "products: r"),
    ("POST", "productfacets", {"ID": "f", "Name": "F"}, "structure"),
    ("POST", "locales", {"ID": "l", "Currency": "EUR", "Language": "de-DE"}, ""),
    ("POST", "locales/assignments", {"LocaleID": "l", "BuyerID": "b"}, "buyers: b"),
    ("DELETE", "locales/l", None, "users: all; buyers: b"),
    ("POST", "discounts", {"ID": "d", "DiscountBreaks": [{"Quantity": 1, "Amount": 5}]}, ""),
    ("POST", "discounts/assignments", {"DiscountID": "d", "BuyerID": "b"}, "buyers: b"),
    ("DELETE", "discounts/d", None, "users: all"),
    # Their ends.
    ("DELETE", "products/p/assignments/b", None, "products: p p1; buyers: b"),
    ("DELETE", "catalogs/c/productassignments/p", None, "products: p p1"),
    ("DELETE", "products/p1", None, ""),
    ("DELETE", "catalogs/c/categories/k", None, "products: r; users: all; structure"),
    ("DELETE", "products/r", None, "products: r"),
    ("DELETE", "catalogs/c", None, "users: all; structure"),
    ("PATCH", "buyers/b/users/u", {"FirstName": "New"}, ""),
    ("DELETE", "buyers/b/users/u", None, "users: u"),
    ("DELETE", "buyers/b", None, "buyers: b"),
]


async def test_what_the_log_says(api: Api) -> None:
    """Each operation names what it has changed, and nothing else; what nobody remembers is not there at all."""
    await checked(api.seller.post("/v1/buyergroups", json={"ID": "g", "Name": "G"}), 201)
    await api.buyer("b")
    user = await api.user(buyer="b")
    await checked(api.seller.post("/v1/buyers/b/usergroups", json={"ID": "ug", "Name": "UG"}), 201)
    log_of = Log(api, {"u": user})
    said = []
    for verb, path, body, _ in STEPS:
        place = re.sub(r"/(users|ug/assignments)/u$", rf"/\1/{user.id}", path)
        sent = body | {"UserID": user.id} if body and "UserID" in body else body
        said.append((verb, path, body, await log_of.after(verb, place, sent)))
    assert [(one, other) for one, other in zip(said, STEPS, strict=True) if one != other] == []


def call_of(api: Api, user: User) -> Call:
    """A call of a shopper, in this process, beside the server's own."""
    services = SimpleNamespace(feeding=Feeding(registry()), outlook=NobodyOutside(registry()))
    return Call.of_server(
        list_my_products,
        Backend(api.server.database, services, api.server.clock, ""),
        Principal(
            marketplace_id=api.marketplace_id,
            marketplace=api.marketplace,
            user_key=user.key,
            user_id=user.id,
            username=user.username,
            user_type=user.type,
            company_id=user.company,
            client_id="",
            roles=frozenset(),
            epoch=0,
        ),
    )


async def shop(api: Api) -> User:
    """A user of the buyer b, which sees the product p."""
    await api.buyer("b")
    await api.buyer("other")
    http = api.seller
    await checked(http.put("/v1/catalogs/c", json={"Name": "C", "Active": True}), 200)
    await checked(http.put("/v1/products/p", json={"Name": "P", "Active": True}), 200)
    for path, body in (
        ("productassignments", {"CatalogID": "c", "ProductID": "p"}),
        ("assignments", {"CatalogID": "c", "BuyerID": "b", "ViewAllProducts": True}),
    ):
        await checked(http.post(f"/v1/catalogs/{path}", json=body), 204)
    await checked(http.put("/v1/buyers/b/usergroups/ug", json={"Name": "UG"}), 200)
    return await api.user(buyer="b")


@pytest.mark.parametrize(
    ("verb", "path", "body", "audience", "lists"),
    [
        ("PATCH", "products/p", {"Inventory": {"Enabled": True, "QuantityAvailable": 1}}, True, True),
        ("PATCH", "products/p", {"xp": {"a": 1}}, True, False),
        ("POST", "catalogs/assignments", {"CatalogID": "c", "BuyerID": "other"}, True, True),
        ("POST", "catalogs/assignments", {"CatalogID": "c", "BuyerID": "b"}, False, True),
        ("PATCH", "catalogs/c", {"Active": False}, False, False),
        ("POST", "buyers/b/usergroups/assignments", {"UserGroupID": "ug", "UserID": "beside"}, True, True),
        ("POST", "buyers/b/usergroups/assignments", {"UserGroupID": "ug", "UserID": "itself"}, False, True),
        ("POST", "productfacets", {"ID": "f", "Name": "F"}, True, False),
    ],
)
async def test_what_does_not_concern_a_shopper_leaves_it(
    api: Api, verb: str, path: str, body: dict[str, Any], *, audience: bool, lists: bool
) -> None:
    """A process drops those whom a change names, and what was found where a product has changed; all others stay."""
    user, beside = await shop(api), await api.user(buyer="b", id="beside")
    memory, call = AudienceMemory(), call_of(api, user)
    before, neighbour = await memory.shopper(call), await memory.shopper(call_of(api, beside))
    assert before.audience is neighbour.audience, "of the same groups"
    memory.keep_found(call, before, "k", 7, epoch=before.epoch, size=1, searched=False)
    sent = {**body, "UserID": user.id} if body.get("UserID") == "itself" else body
    assert (await api.seller.request(verb, f"/v1/{path}", json=sent)).is_success
    epoch = await api.value(EPOCH)
    for everything, holds in ((False, audience), (True, audience and lists)):
        try:
            await memory.confirm(call, before, epoch, lists=everything)
            held = True
        except StaleAudienceError:
            held = False
        assert held is holds, everything
    after = await memory.shopper(call)
    assert after.epoch == epoch
    assert (memory.found(call, before, "k", searched=False) == 7) is lists


async def test_a_process_that_is_too_far_behind_starts_anew(api: Api) -> None:
    """Rows that are not there, be it that nobody wrote them or that they were removed, are never taken for no change."""
    user = await shop(api)
    memory, call = AudienceMemory(), call_of(api, user)
    for gap in ("unlogged", "removed"):
        shopper = await memory.shopper(call)
        if gap == "unlogged":
            await api.execute("UPDATE catalog_epochs SET epoch = epoch + 1 WHERE marketplace_id = $1")
        else:
            await checked(api.seller.patch("/v1/products/p", json={"Name": "New"}), 200)
            api.server.clock.advance(hours=2)
            assert await log.delete_old(api.server.database, api.server.clock) > 0
        with pytest.raises(StaleAudienceError):
            await memory.confirm(call, shopper, await api.value(EPOCH), lists=False)
        assert (await memory.shopper(call)).epoch == await api.value(EPOCH)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (
            [("{1,2}", "{}", "{A}", False), ("{2,3}", "{7}", "{a,b}", False)],
            ({1, 2, 3}, {7}, {"a", "b"}, False),
        ),
        ([("{1}", "{}", "{}", True)], ({1}, set(), set(), True)),
        ([(None, "{7}", "{}", False), ("{1}", "{8}", "{}", False)], (None, {7, 8}, set(), False)),
        ([("{1}", None, "{}", False)], ({1}, None, set(), False)),
    ],
)
async def test_many_changes_are_told_as_one(
    api: Api, monkeypatch: pytest.MonkeyPatch, written: list[tuple[Any, ...]], told: tuple[Any, ...]
) -> None:
    """All that any of them names, in one row; nothing where one of them is missing. A process that remembers is brought up to date."""
    user = await shop(api)
    memory, call, db = AudienceMemory(), call_of(api, user), api.server.database
    shopper, known = await memory.shopper(call), await api.value(EPOCH)
    count = catalog_log.MOST_ROWS + len(written)
    quiet = [("{}", "{}", "{}", False)] * (count - len(written))
    for number, row in enumerate([*written, *quiet], known + 1):
        await db.execute(CHANGE, api.marketplace_id, number, *row)
    await api.execute(f"UPDATE catalog_epochs SET epoch = epoch + {count} WHERE marketplace_id = $1")
    changes = await catalog_log.changes_since(db, api.marketplace_id, known)
    assert changes.rows is not None
    assert len(changes.rows) == 1
    one = changes.rows[0]
    assert (one.epoch, one.products, one.users, one.buyers, one.structure) == (known + count, *told)
    concerned = told[1] is None or "b" in told[2]
    try:
        await memory.confirm(call, shopper, known + count, lists=False)
        assert not concerned
    except StaleAudienceError:
        assert concerned
    assert (await memory.shopper(call)).epoch == known + count
    with monkeypatch.context() as patch:
        patch.setattr(catalog_log, "KEPT_ROWS", count - 1)
        assert (await catalog_log.changes_since(db, api.marketplace_id, known)).rows is None
    await db.execute(
        "DELETE FROM catalog_changes WHERE marketplace_id = $1 AND epoch = $2", api.marketplace_id, known + 9
    )
    assert (await catalog_log.changes_since(db, api.marketplace_id, known)).rows is None


async def test_the_log_is_bounded(api: Api) -> None:
    """So many rows stay at most, however young."""
    await api.execute(
        "INSERT INTO catalog_changes (marketplace_id, epoch, made_at, buyers, structure) "
        "SELECT $1, -number, now(), '{}', false FROM generate_series(1, 3000) AS s(number)"
    )
    await api.execute(f"UPDATE catalog_epochs SET epoch = {catalog_log.KEPT_ROWS} WHERE marketplace_id = $1")
    await log.delete_old(api.server.database, api.server.clock)
    assert (
        await api.value("SELECT max(epoch) FROM catalog_changes WHERE marketplace_id = $1 AND epoch <= 0")
        is None
    )


@pytest.mark.parametrize("unit", ["read", "write"])
async def test_a_catalog_that_changes_all_the_time_ends_no_request(api: Api, unit: str) -> None:
    """Whatever happens between its statements, the third turn is of one moment of the database, or nobody changes it meanwhile."""
    user = await shop(api)
    memory, call, turns = AudienceMemory(), call_of(api, user), []
    waiting: list[asyncio.Task[Any]] = []

    async def run(shopper: Shopper) -> str:
        turns.append(call.steady)
        change = asyncio.create_task(_succeed(api, "PATCH", "catalogs/c", {"Active": len(turns) % 2 == 0}))
        if unit == "write" and call.steady:
            waiting.append(change)
        else:
            await change
        epoch = await call.db.fetchval(EPOCH, api.marketplace_id)
        await memory.confirm(call, shopper, epoch)
        return "c" if "c" in shopper.audience.catalogs else ""

    if unit == "write":
        async with writing(call):
            assert await with_shopper(call, memory, run) == "c"
    else:
        assert await with_shopper(call, memory, run) == "c"
    await asyncio.gather(*waiting)
    assert turns == [False, False, True]


async def _succeed(api: Api, verb: str, path: str, body: Any) -> None:
    assert (await api.seller.request(verb, f"/v1/{path}", json=body)).is_success


async def test_what_is_compared_after_tests_is_there(api: Api) -> None:
    """The fixture `truly` sees a shopper that the server has remembered, and one that is remembered wrongly."""
    user = await shop(api)
    await checked(api.as_(user, roles=["Shopper"]).get("/v1/me/products"), 200)
    assert await assert_remembered_truly(api) == 1
    kept = "DELETE FROM catalog_assignments WHERE marketplace_id = $1"
    row = dict((await api.rows("SELECT * FROM catalog_assignments WHERE marketplace_id = $1"))[0])
    await api.execute(kept)
    with pytest.raises(AssertionError):
        await assert_remembered_truly(api)
    names, places = ", ".join(f'"{name}"' for name in row), ", ".join(f"${i}" for i in range(1, len(row) + 1))
    await api.server.database.execute(
        f"INSERT INTO catalog_assignments ({names}) VALUES ({places})", *row.values()
    )


async def test_gifts_that_are_compared_after_tests_are_there(api: Api) -> None:
    """So it does of what a company and profiles give."""
    await checked(api.seller.get("/v1/adminusers"), 200)
    assert await assert_gifts_truly(api) == 1
    give = """UPDATE security_profiles SET "Roles" = CAST('{%s}' AS text[]) WHERE marketplace_id = $1"""
    await api.execute(give % "Shopper")
    with pytest.raises(AssertionError):
        await assert_gifts_truly(api)
    await api.execute(give % "FullAccess")
