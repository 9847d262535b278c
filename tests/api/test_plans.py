"""A seed file as the wished state: planned, applied all or nothing, and then there is nothing to do."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from tests.api.marketplace import Api, User
from tests.api.plan_world import EVERYTHING, World, planning
from tests.api.receiver import Receiver
from tests.api.synchronizing import synchronizing

from entrepot.app.registry import registry
from entrepot.app.settings import Settings
from entrepot.domain.differences.values import Difference
from entrepot.features.people.portal.giving_up import give_up
from entrepot.features.seeding.comparing.comparing import Comparison
from entrepot.features.seeding.comparing.files import read_file
from entrepot.features.seeding.comparing.forms import Forms
from entrepot.features.seeding.comparing.marketplaces import FIND, MarketplaceSide
from entrepot.features.seeding.comparing.texts import difference_lines
from entrepot.features.seeding.kinds import Kind, kinds_of
from entrepot.features.seeding.marketplace_records import NoMarketplaceError
from entrepot.features.seeding.planning import applying
from entrepot.features.seeding.planning.plan import Action
from entrepot.features.seeding.planning.texts import plan_lines, plan_value
from entrepot.features.seeding.problems import Problems
from entrepot.features.seeding.reading import read_records
from entrepot.kernel.clock import utc_now
from entrepot.kernel.ids import new_id
from entrepot.kernel.user_types import UserType
from entrepot.storage.ready_pool import ReadyPool

KINDS = kinds_of(registry())
KEPT = ("AdminUsers", "ApiClients", "Buyers", "Catalogs", "Users")
"""Kinds of which a marketplace needs some, for their clients and default catalogs."""


@pytest.fixture
async def world(settings: Settings, database: ReadyPool, tmp_path: Path) -> AsyncIterator[World]:
    async with planning(settings, database, tmp_path) as made:
        yield made


async def differing(one: Path, other: Path) -> list[str]:
    """The readable differences of two files."""
    first, second = [read_file(registry(), path, Problems(path)).kept for path in (one, other)]
    found = [each async for each in Comparison(first, second, KINDS).run()]
    return [line.text for each in found for line in difference_lines(each)]


# --- every kind -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("many", [1, applying.MANY], ids=["together", "one by one"])
async def test_an_empty_marketplace_becomes_what_a_seed_makes(
    world: World, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    """Every kind, whether its records are judged together or one by one."""
    monkeypatch.setattr(applying, "MANY", many)
    marketplace = await world.marketplace()
    plan = await world.apply(EVERYTHING, marketplace)
    assert {step.kind.name for step in plan.steps} == {kind.name for kind in KINDS}
    assert {step.action for step in plan.steps} == {Action.CREATE}
    seeded = await world.seeded()
    assert await differing(await world.download(seeded), await world.download(marketplace)) == []


@pytest.mark.parametrize("many", [1, applying.MANY], ids=["together", "one by one"])
async def test_every_kind_is_changed_and_deleted(
    world: World, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(applying, "MANY", many)
    marketplace = await world.seeded()
    text = (await world.download(marketplace)).read_text()
    changed = re.sub(r'\b((?:Name|FirstName|AddressName|Description): "?)(?!null)(\w)', r"\1Z\2", text)
    changed = changed.replace("xp: null", "xp: {a: [1, {b: 2.50}]}")
    plan = await world.apply(changed, marketplace, prune=True)
    assert {step.action for step in plan.steps} == {Action.CHANGE}
    assert len({step.kind.name for step in plan.steps}) > 35
    assert await differing(world.file(changed), await world.download(marketplace)) == []

    sections = {"Objects": "", "Assignments": ""}
    for kind in KINDS:
        if kind.name not in KEPT:
            sections[kind.section] += f"  {kind.name}: []\n"
    emptied = "".join(f"{name}:\n{kinds}" for name, kinds in sections.items())
    told = await world.plan(emptied, marketplace)
    assert (told.steps, len(told.extra) > 80) == ([], True)
    plan = await world.apply(emptied, marketplace, prune=True)
    assert {step.action for step in plan.steps} == {Action.DELETE}
    left = (await world.plan(emptied, marketplace, prune=True)).extra
    assert {step.kind.name for step in left} == {*KEPT}


async def test_a_copy_of_a_marketplace_is_equal_to_it(world: World) -> None:
    """Also by its API clients, which have other IDs."""
    one, other = await world.seeded(), await world.seeded()
    assert (await world.plan(await world.download(one), other, prune=True)).steps == []


# --- details --------------------------------------------------------------------------------------------------

SHOP = """
Objects:
  Catalogs:
    - {ID: main, Name: Main, Active: true}
  Specs:
    - {ID: size, Name: Size, Required: true, DefinesVariant: true, DefaultOptionID: s}
  Buyers:
    - {ID: acme, Name: Acme, Active: true, DefaultCatalogID: main}
  Categories:
    - {CatalogID: main, ID: low, Name: Low, ParentID: top, Active: true}
    - {CatalogID: main, ID: top, Name: Top, Active: true}
  Products:
    - {ID: lamp, Name: Lamp, Active: true, xp: {a: 1, b: {c: 2}}}
  SpecOptions:
    - {SpecID: size, ID: s, Value: S}
  Users:
    - {BuyerID: acme, ID: bob, Username: NAME, Password: Some-Passw0rd-1, FirstName: B, LastName: B, Email: b@example.com, Active: true}
  Webhooks:
    - {ID: hook, Name: Hook, Url: 'https://hooks.example.com/it', HashKey: first}
Assignments:
  CategoryProductAssignments:
    - {CatalogID: main, CategoryID: low, ProductID: lamp}
"""
HASH = """
SELECT u.password_hash FROM users u JOIN marketplaces m USING (marketplace_id) WHERE m."ID" = $1 AND u."ID" = 'bob'
"""


def shop() -> str:
    """The file, with a username of its own."""
    return SHOP.replace("NAME", f"bob-{new_id()}")


async def test_properties_are_told_and_changed_one_by_one(world: World) -> None:
    """Xp key by key: what the file does not have is gone."""
    marketplace, text = await world.marketplace(), shop()
    await world.apply(text, marketplace)
    plan = await world.apply(text.replace("xp: {a: 1, b: {c: 2}}", "xp: {b: {c: 3, d: [1]}}"), marketplace)
    (step,) = plan.steps
    assert [line.text for line in plan_lines(plan)] == [
        "~ Products lamp",
        "    xp.a: 1 -> (none)",
        "    xp.b.c: 2 -> 3",
        "    xp.b.d: (none) -> [1]",
    ]
    assert Difference(("xp", "b", "c"), 2, 3) in step.found
    assert plan_value(plan, marketplace)["Steps"] == [
        {
            "Action": "Change",
            "Kind": "Products",
            "ID": {"ID": "lamp"},
            "Properties": [
                {"Path": "xp.a", "Before": 1},
                {"Path": "xp.b.c", "Before": 2, "After": 3},
                {"Path": "xp.b.d", "After": [1]},
            ],
        }
    ]


async def test_secrets_are_set_when_something_is_created_and_left_alone_afterwards(
    world: World, database: asyncpg.Pool
) -> None:
    marketplace, text = await world.marketplace(), shop()
    await world.apply(text, marketplace)
    before = await database.fetchval(HASH, marketplace)
    assert before
    other = text.replace("Some-Passw0rd-1", "Other-Passw0rd-2").replace("HashKey: first", "HashKey: second")
    assert (await world.plan(other, marketplace)).steps == []
    done = await world.apply(
        other.replace("FirstName: B", "FirstName: C").replace("Name: Hook", "Name: H"), marketplace
    )
    assert done.count(Action.CHANGE) == 2
    assert await database.fetchval(HASH, marketplace) == before
    kind = next(kind for kind in KINDS if kind.name == "Webhooks")
    async with database.acquire() as connection, connection.transaction():
        found = await connection.fetchrow(FIND, marketplace)
        side = MarketplaceSide.of(connection, registry(), world.planner.services, found, opens=True)
        assert [each["HashKey"] async for each in side.records(kind)] == ["first"]


async def test_what_the_file_does_not_name_stays(world: World) -> None:
    """Kinds that it does not name, even with --prune; others are told of, and deleted only with it."""
    marketplace, text = await world.marketplace(), shop()
    await world.apply(text, marketplace)
    less = "Objects:\n  Categories: []\n  Products:\n    - {ID: other, Name: Other}\n"
    plan = await world.plan(less, marketplace)
    told = [line.text for line in plan_lines(plan)]
    assert told[0] == "+ Products other"
    assert "? Products: 1 more in the marketplace; --prune deletes what is not in the file" in told
    assert "? Buyers: 1 more in the marketplace; the file says nothing of the kind" in told
    assert (
        sum(line.startswith("?") for line in told) == len({each.kind for each in plan.extra}) == len(told) - 1
    )
    detailed = [line.text for line in plan_lines(plan, details=True)]
    place = detailed.index("? Products: 1 more in the marketplace; --prune deletes what is not in the file")
    assert detailed[place + 1] == "    Products lamp"
    assert len(detailed) == len(told) + len(plan.extra)
    pruned = await world.apply(less, marketplace, prune=True)
    assert [line.text for line in plan_lines(pruned)][:4] == [
        "+ Products other",
        "- Products lamp",
        # Before what it stands below.
        "- Categories main/low",
        "- Categories main/top",
    ]
    assert {step.kind.name for step in pruned.extra} >= {"Buyers", "Users", "Catalogs", "Webhooks", "Specs"}


async def test_what_is_equal_is_formed_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the file has it: to form what the marketplace has anew took half of the time of a plan, and of very many records that is long."""
    marketplace = await world.seeded()
    file = await world.download(marketplace)
    formed = list[str]()
    form = Forms.form

    def counted(self: Forms, kind: Kind, record: dict[str, object]) -> dict[str, object]:
        formed.append(kind.name)
        return form(self, kind, record)

    monkeypatch.setattr(Forms, "form", counted)
    assert (await world.plan(file, marketplace)).steps == []
    made = Counter(formed)
    made.subtract(record.kind for record in read_records(file))
    # Clients are told by what they are before anything is compared, variants have their options, and a user 1.50, which is 1.5 in a file.
    assert {name for name, count in made.items() if count} <= {"ApiClients", "Users", "Variants"}
    assert made["Users"] < 3


async def test_an_id_in_another_case_is_a_rename(world: World) -> None:
    marketplace = await world.marketplace()
    await world.apply("Objects:\n  Buyers:\n    - {ID: acme, Name: Acme}\n", marketplace)
    plan = await world.apply("Objects:\n  Buyers:\n    - {ID: ACME, Name: Acme}\n", marketplace)
    assert [line.text for line in plan_lines(plan)][:2] == ["~ Buyers ACME", '    ID: "acme" -> "ACME"']


# --- refusals -------------------------------------------------------------------------------------------------

REFUSED = [
    (
        "a reference to nothing",
        "Objects:\n  Products:\n    - ID: p\n      Name: P\n      DefaultPriceScheduleID: none\n",
        False,
        ["line 5: Products.p.DefaultPriceScheduleID: there is no PriceSchedule none in the file, nor does one stay in the marketplace"],
    ),
    (
        "a reference to what is deleted with it",
        "Objects:\n  Catalogs: []\nAssignments:\n  CatalogAssignments:\n    - CatalogID: main\n      BuyerID: acme\n",
        True,
        ["line 5: CatalogAssignments.CatalogID: there is no Catalog main in the file, nor does one stay in the marketplace"],
    ),
    ("an unknown kind", "Objects:\n  Byers:\n    - ID: a\n", False, ["line 2: Objects.Byers: there is no such kind of record"]),
    ("an unknown kind with no records", "Objects:\n  Byers: []\n", True, ["line 2: Objects.Byers: there is no such kind of record"]),
    (
        "a bad value",
        "Objects:\n  Buyers:\n    - ID: a\n      Name: A\n      Active: perhaps\n",
        False,
        ["line 5: Buyers.a.Active: Active is not a valid Boolean. (ValidationFailure)"],
    ),
    ("no seed file", "Objects:\n  Buyers: {a: 1}\n", False, ["line 2: Buyers must be a list"]),
    (
        "a rule that only the database knows, after others that were written",
        "Objects:\n  Buyers:\n    - {ID: new, Name: New}\n  Products:\n    - {ID: lamp, Name: Another}\n    - ID: child\n      Name: C\n      ParentID: lamp\n",
        False,
        ["line 6: Products.child: The product named by ParentID is not a parent product."],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "prune", "expected"), [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED])
async def test_refusals_name_line_and_property_and_change_nothing(
    world: World, text: str, prune: bool, expected: list[str]
) -> None:
    marketplace = await world.marketplace()
    await world.apply(shop(), marketplace)
    problems = await world.refusal(text, marketplace, prune=prune)
    assert len(problems) == len(expected), problems
    assert all(problem.startswith(begin) for problem, begin in zip(problems, expected, strict=True)), problems


async def test_a_marketplace_that_is_not_there(world: World) -> None:
    for work in (world.planner.plan, world.planner.apply):
        with pytest.raises(NoMarketplaceError):
            await work(EVERYTHING, "nowhere")


async def test_a_marketplace_that_is_deleted_meanwhile(world: World, database: asyncpg.Pool) -> None:
    """Apply waits for who deletes it, and then has written nothing; what is not deleted after all is written."""
    marketplace = await world.marketplace()
    key = await database.fetchval('SELECT marketplace_id FROM marketplaces WHERE "ID" = $1', marketplace)
    async with database.acquire() as connection:
        for deletes in (False, True):
            text = f"Objects:\n  Buyers:\n    - {{ID: a, Name: Deleted {deletes}}}\n"
            transaction = connection.transaction()
            await transaction.start()
            await give_up(connection, key, utc_now())
            work = asyncio.create_task(world.planner.apply(world.file(text), marketplace))
            await _until_somebody_waits_for(connection)
            await (transaction.commit() if deletes else transaction.rollback())
            if deletes:
                with pytest.raises(NoMarketplaceError):
                    await work
            else:
                assert (await work).plan.count(Action.CREATE) == 1
    named = await database.fetchval('SELECT "Name" FROM buyers WHERE marketplace_id = $1', key)
    assert named == "Deleted False"


async def test_only_the_named_marketplace_is_written(world: World) -> None:
    """Two have the same IDs."""
    one, other = await world.marketplace(), await world.marketplace()
    text = shop()
    await world.apply(text, one)
    await world.apply(text, other)
    before = (await world.download(other)).read_text()
    await world.apply(text.replace("Name: Lamp", "Name: Changed"), one)
    await world.apply("Objects:\n  Products: []\n  Categories: []\n", one, prune=True)
    assert (await world.download(other)).read_text() == before


# --- beside a server ------------------------------------------------------------------------------------------


async def test_a_running_server_sees_it_at_once(api: Api, world: World) -> None:
    """What it remembers of shoppers' products and of who may what."""
    text = shop() + "  ProductAssignments:\n    - {ProductID: lamp, BuyerID: acme}\n"
    text = text.replace("Active: true, xp", "Active: true, DefaultPriceScheduleID: usual, xp")
    text = text.replace(
        "  Buyers:",
        "  PriceSchedules:\n    - {ID: usual, Name: U, PriceBreaks: [{Quantity: 1, Price: 2}]}\n  Buyers:",
    )
    await world.apply(text, api.marketplace)
    (row,) = await api.rows(
        """SELECT key, "Username" FROM users WHERE marketplace_id = $1 AND "ID" = 'bob'"""
    )
    bob = User(row["key"], "bob", row["Username"], UserType.BUYER, "acme")
    shopper = api.as_(bob, roles=["Shopper", "MeAdmin"])
    listed = [each["ID"] for each in (await shopper.get("/v1/me/products")).json()["Items"]]
    assert listed == ["lamp"]
    more = (
        text.replace(
            "    - {ID: lamp,",
            "    - {ID: desk, Name: Desk, Active: true, DefaultPriceScheduleID: usual}\n    - {ID: lamp,",
        )
        .replace(
            "    - {ProductID: lamp, B", "    - {ProductID: desk, BuyerID: acme}\n    - {ProductID: lamp, B"
        )
        .replace(
            "CategoryID: low, ProductID: lamp}",
            "CategoryID: low, ProductID: lamp}\n    - {CatalogID: main, CategoryID: low, ProductID: desk}",
        )
    )
    await world.apply(more, api.marketplace)
    listed = [each["ID"] for each in (await shopper.get("/v1/me/products")).json()["Items"]]
    assert sorted(listed) == ["desk", "lamp"]
    await world.apply(
        more.replace("Email: b@example.com, Active: true", "Email: b@example.com, Active: false"),
        api.marketplace,
    )
    assert (await shopper.get("/v1/me/products")).status_code == 401


async def test_who_synchronizes_hears_of_it(api: Api, world: World, receiver: Receiver) -> None:
    """As of requests."""
    async with synchronizing(api, receiver) as synchronized:
        await synchronized.told()
        text = shop()
        await world.apply(text, api.marketplace)
        assert {"product.updated lamp", "entitysync.buyer.updated acme"} <= {*await synchronized.told()}
        await world.apply(text.replace("Name: Lamp", "Name: L"), api.marketplace)
        assert await synchronized.told() == ["product.updated lamp"]
        await world.apply("Objects:\n  Products: []\n", api.marketplace, prune=True)
        assert await synchronized.told() == ["product.deleted lamp"]


async def _until_somebody_waits_for(connection: asyncpg.Connection) -> None:
    """The connection holds what somebody else has asked for."""
    waiting = (
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    )
    while not await connection.fetchval(waiting):
        await asyncio.sleep(0.01)
