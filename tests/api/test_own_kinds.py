"""Kinds of records that the seeding tool's format has not: settings, generated codes, collections, CC listeners."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tests.api.marketplace import Api
from tests.api.plan_world import World, planning
from tests.api.sources import PATIENCE, Cloud, Clouds, everything, reading, refusing

from entrepot.app.cloning import Cloned, Wanted, clone_into, told
from entrepot.app.registry import registry
from entrepot.app.settings import Settings
from entrepot.features.seeding.comparing.comparing import Comparison
from entrepot.features.seeding.comparing.marketplaces import FIND, MarketplaceSide
from entrepot.features.seeding.comparing.remotes import read_remote
from entrepot.features.seeding.comparing.texts import difference_lines
from entrepot.features.seeding.kinds import kinds_of
from entrepot.features.seeding.planning.plan import Action
from entrepot.features.seeding.remote.transport import Answer
from entrepot.kernel.ids import new_id
from entrepot.storage.ready_pool import ReadyPool

OWN = (
    "PromotionIntegrations",
    "PromotionCodes",
    "ProductCollections",
    "ProductCollectionEntries",
    "MessageCCListenerAssignments",
    "SubscriptionIntegrations",
    "ErrorConfigs",
    "ProductSynchronization",
    "OrderSynchronization",
    "InventoryIntegrations",
    "EntitySynchronization",
)
"""Those that lists show."""
CODES = """
SELECT c."Code", c."Redeemed" FROM promotion_codes c JOIN marketplaces m USING (marketplace_id)
WHERE m."ID" = $1 ORDER BY c."Code"
"""


@pytest.fixture
async def world(settings: Settings, database: ReadyPool, tmp_path: Path) -> AsyncIterator[World]:
    async with planning(settings, database, tmp_path) as made:
        yield made


async def cloned(clouds: Clouds, cloud: Cloud, state: Path, **wishes: Any) -> Cloned:
    wanted = Wanted(access=cloud.access, state=state, patience=PATIENCE, **wishes)
    return await clone_into(clouds.seeder, clouds.server.database, wanted, transport=cloud.transport)


async def differing(clouds: Clouds, cloud: Cloud, marketplace: str) -> list[str]:
    """Of a server as its lists show it, and a marketplace."""
    async with cloud.reader() as reader:
        remote = await read_remote(registry(), reader)
    found = await clouds.connection.fetchrow(FIND, marketplace)
    async with clouds.connection.transaction():
        side = MarketplaceSide.of(clouds.connection, registry(), clouds.seeder.services, found)
        compared = [each async for each in Comparison(remote, side, kinds_of(registry())).run()]
    return [line.text for each in compared for line in difference_lines(each)]


# --- clones ---------------------------------------------------------------------------------------------------


async def test_a_clone_has_them_all_and_differs_in_nothing(
    clouds: Clouds, world: World, tmp_path: Path
) -> None:
    """Once and again; and the clone's own file, applied to it twice, does nothing."""
    cloud = await clouds.of(everything(), reading(["FullAccess"]))
    for run in ("one", "two"):
        made = await cloned(clouds, cloud, tmp_path / run)
        assert {name for name in OWN if made.seeded.records.get(name)} == {*OWN}
        assert await differing(clouds, cloud, made.seeded.marketplace) == []
    lines = list(told(made))
    assert "Of nobody    2 ProductCollections: no list says whose they are" in lines
    for name in ("PromotionIntegrations.Promotion.HashKey", "Webhooks.hook.CustomAuthHeaderValue"):
        assert f"New secret   {name}" in lines
    file = await world.download(made.seeded.marketplace)
    for _ in range(2):
        assert (await world.planner.apply(file, made.seeded.marketplace, prune=True)).plan.steps == []
    await clouds.connection.execute(
        'UPDATE promotion_codes SET "Redeemed" = NOT "Redeemed" WHERE marketplace_id = $1 AND "Code" = $2',
        cloud.marketplace_id,
        "ONE-FGHJK",
    )
    assert await differing(clouds, cloud, made.seeded.marketplace) == [
        "~ PromotionCodes single/ONE-FGHJK",
        "    Redeemed: true -> false",
    ]


async def test_each_of_their_requests_may_fail_at_first(clouds: Clouds, tmp_path: Path) -> None:
    cloud = await clouds.of(everything(), reading(["FullAccess"]))
    failed = set[str]()

    async def strike(asked: str) -> Answer | None:
        own = ("/integrations/", "/codes", "/productcollections", "/CCListenerAssignments")
        if any(part in asked for part in own) and asked not in failed:
            failed.add(asked)
            return refusing(503)
        return None

    cloud.strikes.append(strike)
    made = await cloned(clouds, cloud, tmp_path / "state")
    assert len(failed) > 20
    cloud.strikes.clear()
    assert await differing(clouds, cloud, made.seeded.marketplace) == []


async def test_what_may_not_be_read_takes_with_it_what_cannot_be_without_it(
    clouds: Clouds, tmp_path: Path
) -> None:
    """Promotions that ask an integration, listeners to assignments; all else comes, and it is told."""
    cloud = await clouds.of(everything(), reading(["FullAccess"]))

    async def closed(asked: str) -> Answer | None:
        hidden = ("/integrations/promotion", "/messagesenders/assignments", "/integrations/deliveryconfig?")
        return refusing(403) if any(part in asked for part in hidden) else None

    cloud.strikes.append(closed)
    made = await cloned(clouds, cloud, tmp_path / "state")
    dropped, refused = made.findings.dropped, made.findings.refused
    assert dropped["Promotions"] == 1
    assert dropped["MessageCCListenerAssignments"] == 2
    assert dropped["InventoryIntegrations"] == dropped["ErrorConfigs"] == 1
    assert {"PromotionIntegrations.Get", "MessageSenders.ListAssignments"} <= refused.keys()
    assert made.seeded.records["PromotionCodes"] == 2


async def test_anonymized_collections_have_other_names(clouds: Clouds, tmp_path: Path) -> None:
    cloud = await clouds.of(everything(), reading(["FullAccess"]))
    made = await cloned(clouds, cloud, tmp_path / "state", anonymize=True)
    own = "".join((await clouds.downloaded(made.seeded.marketplace))["ProductCollections"])
    assert "Wishes" not in own
    assert "garden" not in own
    assert '"ID": "wishes"' in own


# --- generated codes ------------------------------------------------------------------------------------------

PROMOTION = """
Objects:
  Promotions:
    - {ID: single, Name: S, EligibleExpression: 'true', ValueExpression: '1', GeneratedCodeCount: COUNT, GeneratedCodeLength: 6}
"""


def promotion(*codes: str, count: int = 2) -> str:
    listed = "".join(f"    - {{PromotionID: single, Code: {code}}}\n" for code in codes)
    return PROMOTION.replace("COUNT", str(count)) + (f"  PromotionCodes:\n{listed}" if codes else "")


async def test_gen_1_codes_that_a_file_lists_are_all_there_are(world: World, database: asyncpg.Pool) -> None:
    for make in (world.seed, world.applied):
        marketplace = await make(promotion("A-1", "A-2", "A-3"))
        assert [row["Code"] for row in await database.fetch(CODES, marketplace)] == ["A-1", "A-2", "A-3"]
        marketplace = await make(promotion())
        assert len(await database.fetch(CODES, marketplace)) == 2
        assert (await world.plan(promotion(), marketplace, prune=True)).steps == []


async def test_gen_1_codes_are_added_used_and_taken_away(world: World, database: asyncpg.Pool) -> None:
    marketplace = await world.seed(promotion("A-1", "A-2"))
    done = await world.apply(promotion("A-2", "A-3", count=5), marketplace, prune=True)
    assert [(step.kind.name, step.action) for step in done.steps] == [
        ("Promotions", Action.CHANGE),
        ("PromotionCodes", Action.CREATE),
        ("PromotionCodes", Action.DELETE),
    ]
    await database.execute('UPDATE promotion_codes SET "Redeemed" = true WHERE "Code" = \'A-3\'')
    file = promotion("A-2", "A-3", count=5)
    assert (await world.plan(file, marketplace)).steps == []
    unused = file.replace("A-3}", "A-3, Redeemed: false}")
    await world.apply(unused, marketplace)
    assert [tuple(row) for row in await database.fetch(CODES, marketplace)] == [
        ("A-2", False),
        ("A-3", False),
    ]
    await world.apply(promotion(count=7), marketplace)
    assert len(await database.fetch(CODES, marketplace)) == 7, (
        "of which a file lists none, as many as are asked for"
    )


async def test_gen_1_a_code_leads_to_one_promotion(world: World) -> None:
    other = "    - {ID: other, Name: O, Code: a-1, EligibleExpression: 'true', ValueExpression: '1'}\n"
    text = promotion("A-1").replace("  PromotionCodes", f"{other}  PromotionCodes")
    assert any(
        "PromotionCodes.single" in each or "CodeInUse" in each for each in await world.seed_refusal(text)
    )
    marketplace = await world.marketplace()
    assert any("CodeInUse" in each for each in await world.refusal(text, marketplace))
    missing = promotion("A-1").replace("PromotionID: single", "PromotionID: none")
    assert await world.seed_refusal(missing) == [
        "line 6: PromotionCodes.PromotionID: there is no Promotion none in the file"
    ]


# --- settings -------------------------------------------------------------------------------------------------

SETTINGS = """
Objects:
  DeliveryConfigurations:
    - ID: queue
      Name: Queue
      Enabled: true
      DeliveryTargets: {Http: {Endpoint: "https://queue.example.com", Secret: hush, CustomAuthHeaderName: X-Q, CustomAuthHeaderValue: quiet}}
  PromotionIntegrations:
    - {HashKey: first, Url: "https://one.example.com", CustomAuthHeaderName: X-P, CustomAuthHeaderValue: kept}
  EntitySynchronization:
    - {Setting: buyers, DeliveryConfigID: queue, SyncEntityChanged: true, SyncEntityDeleted: true}
    - {Setting: Catalogs, DeliveryConfigID: queue, SyncEntityChanged: true, SyncEntityDeleted: true}
"""
SEALED = """
SELECT p.sealed_hashkey, p."CustomAuthHeaderValue", p."Url", d."DeliveryTargets"::text, p.marketplace_id
FROM promotion_integrations p JOIN delivery_configs d USING (marketplace_id) JOIN marketplaces m USING (marketplace_id)
WHERE m."ID" = $1
"""


async def test_int_2_settings_are_changed_without_their_secrets(world: World, database: asyncpg.Pool) -> None:
    marketplace = await world.seed(SETTINGS)
    before = await database.fetchrow(SEALED, marketplace)
    file = (await world.download(marketplace)).read_text()
    assert "first" not in file
    assert "hush" not in file
    assert "quiet" not in file
    changed = file.replace("https://one", "https://two").replace("Name: Queue", "Name: Q")
    done = await world.apply(changed, marketplace, prune=True)
    assert {step.kind.name for step in done.steps} == {"DeliveryConfigurations", "PromotionIntegrations"}
    after = await database.fetchrow(SEALED, marketplace)
    assert after["Url"] == "https://two.example.com"
    for name in ("sealed_hashkey", "CustomAuthHeaderValue", "DeliveryTargets"):
        assert after[name] == before[name], name
    assert (
        await world.plan(
            SETTINGS.replace("https://one", "https://two").replace("Name: Queue", "Name: Q"), marketplace
        )
    ).steps == []


async def test_int_2_settings_go_where_the_file_has_none(world: World, database: asyncpg.Pool) -> None:
    marketplace = await world.seed(SETTINGS)
    none = SETTINGS[: SETTINGS.index("  PromotionIntegrations")]
    none += "  PromotionIntegrations: []\n  EntitySynchronization:\n"
    none += "    - {Setting: Catalogs, DeliveryConfigID: queue, SyncEntityChanged: true, SyncEntityDeleted: true}\n"
    done = await world.apply(none, marketplace, prune=True)
    assert [(step.kind.name, step.action, step.identity["Setting"]) for step in done.steps] == [
        ("EntitySynchronization", Action.DELETE, "Buyers"),
        ("PromotionIntegrations", Action.DELETE, "Promotion"),
    ]


@pytest.mark.parametrize(
    ("change", "told_of"),
    [
        (("Setting: Catalogs", "Setting: Nobodies"), "Setting is not a valid"),
        (("Setting: Catalogs, ", ""), "Setting is required"),
        (("Setting: Catalogs", "Setting: BUYERS"), "another record above has the same Setting"),
        (("DeliveryConfigID: queue, SyncEntityChanged: true, SyncEntityDeleted: true}\n    - {Setting: C", "DeliveryConfigID: none, SyncEntityChanged: true, SyncEntityDeleted: true}\n    - {Setting: C"), "there is no DeliveryConfig none"),
        (("HashKey: first, ", ""), "HashKey is required"),
    ],
)  # fmt: skip
async def test_int_2_settings_that_cannot_be(world: World, change: tuple[str, str], told_of: str) -> None:
    text = SETTINGS.replace(*change)
    assert text != SETTINGS
    problems = await world.seed_refusal(text)
    assert len(problems) == 1
    assert told_of in problems[0]
    assert problems[0].startswith("line 1") or problems[0].startswith("line 9")
    planned = await world.refusal(text, await world.marketplace())
    assert len(planned) == 1


# --- collections ----------------------------------------------------------------------------------------------


def collections(**replaced: str) -> str:
    text = COLLECTIONS.replace("NAME", f"of-{new_id()}")
    for old, new in replaced.items():
        text = text.replace(old, new)
    return text


COLLECTIONS = """
Objects:
  Buyers:
    - {ID: acme, Name: Acme, Active: true}
  Users:
    - {BuyerID: acme, ID: bob, Username: NAME-b, FirstName: B, LastName: B, Email: b@example.com, Active: true}
    - {BuyerID: acme, ID: ann, Username: NAME-a, FirstName: A, LastName: A, Email: a@example.com, Active: true}
  Products:
    - {ID: lamp, Name: Lamp, Active: true}
  ProductCollections:
    - {BuyerID: acme, ID: wishes, Name: Wishes, UserID: bob}
Assignments:
  ProductCollectionEntries:
    - {BuyerID: acme, ProductCollectionID: wishes, ProductID: lamp}
  ProductCollectionInvitations:
    - {BuyerID: acme, ProductCollectionID: wishes, ID: come, Name: Come, ExpirationDate: 2026-12-24T00:00:00Z}
"""
OWNER = """
SELECT u."ID" FROM product_collections c JOIN marketplaces m USING (marketplace_id) LEFT JOIN users u ON u.key = c.user_key
WHERE m."ID" = $1
"""


async def test_col_1_collections_have_the_owner_that_a_file_names(
    world: World, database: asyncpg.Pool
) -> None:
    text = collections()
    marketplace = await world.seed(text)
    assert await database.fetchval(OWNER, marketplace) == "bob"
    nobody = text.replace(", UserID: bob", "")
    assert (await world.plan(nobody, marketplace, prune=True)).steps == [], "who says nothing leaves it"
    done = await world.apply(text.replace("UserID: bob", "UserID: ann"), marketplace)
    assert [step.kind.name for step in done.steps] == ["ProductCollections"]
    assert await database.fetchval(OWNER, marketplace) == "ann"
    emptied = text[: text.index("Assignments:")]
    emptied += "Assignments:\n  ProductCollectionEntries: []\n  ProductCollectionInvitations: []\n"
    done = await world.apply(emptied.replace("bob}", "ann}"), marketplace, prune=True)
    assert {(step.kind.name, step.action) for step in done.steps} == {
        ("ProductCollectionEntries", Action.DELETE),
        ("ProductCollectionInvitations", Action.DELETE),
    }


@pytest.mark.parametrize(
    ("change", "told_of"),
    [
        (("UserID: bob", "UserID: nobody"), "User nobody"),
        (("ProductID: lamp", "ProductID: none"), "there is no Product none in the file"),
        (("wishes, ProductID", "other, ProductID"), "there is no ProductCollection other under BuyerID acme in the file"),
        (("ID: come, Name: Come", "Name: Come"), "ID is required"),
    ],
)  # fmt: skip
async def test_col_1_collections_that_cannot_be(world: World, change: tuple[str, str], told_of: str) -> None:
    problems = await world.seed_refusal(collections().replace(*change))
    assert len(problems) == 1, problems
    assert told_of in problems[0]
    assert problems[0].startswith("line 1")


async def test_col_2_a_collection_of_nobody_is_read_by_those_who_may(api: Api) -> None:
    """Changed by none of them; joined by who has its invitation, of which nobody is told."""
    buyer = await api.buyer()
    user = await api.user(buyer=buyer)
    http = api.as_(user, roles=["Shopper"])
    levels: Mapping[str, int] = {"Private": 404, "Shareable": 200, "Public": 200}
    for level, status in levels.items():
        key = await api.server.database.fetchval(
            """INSERT INTO product_collections (marketplace_id, "BuyerID", "ID", "Name", "AccessLevel")
               VALUES ($1, $2, $3, 'Of nobody', $4) RETURNING key""",
            api.marketplace_id,
            buyer,
            level,
            level,
        )
        await api.server.database.execute(
            """INSERT INTO product_collection_invitations
                 (marketplace_id, collection_key, "ID", "Name", "Admin", "Accepted", "ExpirationDate")
               VALUES ($1, $2, 'come', 'Come', false, false, '2999-01-01')""",
            api.marketplace_id,
            key,
        )
        one = f"/v1/me/productcollections/{level}"
        assert (await http.get(one)).status_code == status
        assert (await http.patch(one, json={"Name": "Mine"})).status_code == (404 if status == 404 else 403)
        assert (await http.post(f"{one}/invitations/accept/come")).status_code == 204
        assert (await http.get(one)).status_code == 200
    listed = await api.seller.get(f"/v1/buyers/{buyer}/productcollections")
    assert len(listed.json()["Items"]) == 3


# --- CC listeners ---------------------------------------------------------------------------------------------

LISTENERS = """
Objects:
  DeliveryConfigurations:
    - ID: queue
      Name: Queue
      DeliveryTargets: {Http: {Endpoint: "https://queue.example.com", Secret: hush}}
  MessageSenders:
    - {ID: mails, Name: Mails, MessageTypes: [OrderSubmitted], DeliveryConfigID: queue}
  AdminUsers:
    - {ID: ann, Username: NAME, FirstName: A, LastName: A, Email: a@example.com, Active: true}
  AdminUserGroups:
    - {ID: desk, Name: Desk}
Assignments:
  MessageSenderAssignments:
    - {MessageSenderID: mails}
    - {MessageSenderID: mails, UserGroupID: desk}
  MessageCCListenerAssignments:
    - {MessageSenderAssignment: {MessageSenderID: mails, UserGroupID: desk}, MessageType: OrderSubmitted, UserID: ann}
    - {MessageSenderAssignment: {MessageSenderID: mails}, MessageType: OrderSubmitted, UserGroupID: desk}
    - {MessageSenderAssignment: {MessageSenderID: mails}, MessageType: OrderSubmitted}
"""


async def test_ms_8_listeners_come_and_go(world: World) -> None:
    text = LISTENERS.replace("NAME", f"ann-{new_id()}")
    marketplace = await world.seed(text)
    lines = text.splitlines(keepends=True)
    for left in (3, 2, 1):
        kept = "".join(lines[: len(lines) - 3 + left - 1])
        kept += "" if left > 1 else "    []\n"
        done = await world.apply(kept, marketplace, prune=True)
        assert [(step.kind.name, step.action) for step in done.steps] == [
            ("MessageCCListenerAssignments", Action.DELETE)
        ]
    done = await world.apply(text, marketplace)
    assert done.count(Action.CREATE) == 3


@pytest.mark.parametrize(
    ("change", "told_of"),
    [
        (("UserID: ann", "UserID: bob"), "there is no User bob"),
        (("    - {MessageSenderID: mails, UserGroupID: desk}\n", ""), "MessageSenderAssignment mails"),
        (
            ("MessageType: OrderSubmitted, UserID", "MessageType: Nothing, UserID"),
            "MessageType is not a valid",
        ),
    ],
)
async def test_ms_8_listeners_that_cannot_be(world: World, change: tuple[str, str], told_of: str) -> None:
    problems = await world.seed_refusal(LISTENERS.replace("NAME", f"ann-{new_id()}").replace(*change))
    assert len(problems) == 1, problems
    assert told_of in problems[0]


@pytest.mark.parametrize("count", [500, 501])
async def test_a_collection_has_at_most_500_products(world: World, count: int) -> None:
    """COL-1: of a new marketplace, and of one that is there, where those that go make room."""
    products = "".join(f"    - {{ID: p{each}, Name: P}}\n" for each in range(count + 1))

    def holding(first: int) -> str:
        entries = "".join(
            f"    - {{BuyerID: acme, ProductCollectionID: wishes, ProductID: p{each}}}\n"
            for each in range(first, first + count)
        )
        return f"""Objects:
  Buyers:
    - {{ID: acme, Name: Acme}}
  ProductCollections:
    - {{BuyerID: acme, ID: wishes, Name: Wishes}}
  Products:
{products}Assignments:
  ProductCollectionEntries:
{entries}"""

    refusal = "ProductCollectionEntries of acme, wishes: A product collection has at most 500 products. (ProductCollection.ProductEntryLimit)"
    if count > 500:
        assert await world.seed_refusal(holding(0)) == [refusal]
        assert await world.refusal(holding(0), await world.marketplace()) == [refusal]
        return
    marketplace = await world.seed(holding(0))
    assert await world.refusal(holding(1), marketplace) == [refusal]
    done = await world.apply(holding(1), marketplace, prune=True)
    assert [step.action for step in done.steps] == [Action.CREATE, Action.DELETE]
