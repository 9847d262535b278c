"""`entrepot clone`: what is there afterwards is what the source has, all of it or nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tests.api.sources import (
    PATIENCE,
    Cloud,
    Clouds,
    Records,
    everything,
    read_all,
    reading,
)

from entrepot.app.cloning import Cloned, Wanted, clone_into, told
from entrepot.app.registry import registry
from entrepot.features.seeding.problems import SeedRefusedError
from entrepot.features.seeding.remote.errors import RemoteError, SourceLostError
from entrepot.features.seeding.remote.listings import (
    OF_CALLER,
    REPEATS,
    UNLISTED,
    UNREADABLE,
    listings_of,
)
from entrepot.features.seeding.remote.paging import escaped
from entrepot.features.seeding.remote.store import Head, Store
from entrepot.features.seeding.remote.trading import TRADE
from entrepot.features.seeding.remote.transport import Answer, UnreachedError
from entrepot.kernel.ids import new_id

CONTRACT = Path(__file__).parents[1] / "conformance" / "contract" / "operations.json"
GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "clone.md"
DOOR: dict[str, Any] = {
    "Objects": {
        "ApiClients": [
            {"ID": "door", "AppName": "Door", "AccessTokenDuration": 600, "Active": True, "AllowSeller": True}
        ]
    }
}
"""An API client without a secret, by which somebody can log in to the clone."""
FORBIDDEN = (
    b'{"Errors":[{"ErrorCode":"Auth.InsufficientRoles","Message":"User does not have role(s) required."}]}'
)
COUNT = 'SELECT count(*) FROM marketplaces WHERE "ID" = $1'


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


async def cloned(clouds: Clouds, cloud: Cloud, state: Path, **wishes: Any) -> Cloned:
    wanted = Wanted(access=cloud.access, state=state, patience=PATIENCE, **wishes)
    return await clone_into(clouds.seeder, clouds.server.database, wanted, transport=cloud.transport)


async def read_clone(clouds: Clouds, made: Cloned) -> Records:
    """All that the clone's lists show to the user that has read the source, with the source's IDs of API clients."""
    (door,) = await clouds.connection.fetch(
        """SELECT c."ID" FROM api_clients c JOIN marketplaces m ON m.marketplace_id = c.marketplace_id
           WHERE m."ID" = $1 AND c."AppName" = 'Door'""",
        made.seeded.marketplace,
    )
    login = {
        "grant_type": "password",
        "client_id": door["ID"],
        "username": "cloud-reader",
        "password": made.password,
    }
    copy = Cloud(clouds.server, made.seeded.marketplace, 0, door["ID"], login=login)
    async with copy.reader() as reader:
        return as_there(await read_all(reader), made)


def as_there(records: Records, made: Cloned) -> Records:
    """With the IDs that API clients have in the source."""
    named = {here: there for there, here in made.seeded.client_ids.items()}

    def back(text: str) -> str:
        for here, there in named.items():
            text = text.replace(here, there.upper())
        return text

    return {kind: sorted(map(back, each)) for kind, each in records.items()}


async def test_a_clone_is_what_the_source_is_in_every_list(clouds: Clouds, state: Path) -> None:
    cloud = await clouds.of(everything(), reading(["FullAccess"]), DOOR)
    made = await cloned(clouds, cloud, state)
    async with cloud.reader() as reader:
        there = await read_all(reader)
    here = await read_clone(clouds, made)
    assert here.keys() == there.keys() == {kind.name for kind in reader.kinds} - UNLISTED
    for kind, records in there.items():
        assert here[kind] == records, kind
    assert made.source == cloud.marketplace
    assert not state.exists()


async def test_secrets_that_are_new_are_told(clouds: Clouds, state: Path) -> None:
    cloud = await clouds.of(everything(), reading(["FullAccess"]), DOOR)
    made = await cloned(clouds, cloud, state, marketplace="secrets-told", name="The clone")
    lines = list(told(made))
    assert any(line.startswith("Marketplace  secrets-told, a clone of ") for line in lines)
    assert f"Password     {made.password} is now that of all {made.users:,} users" in lines
    assert made.users == 6
    assert "Log in       as cloud-reader, whose API client has read it" in lines
    for name in (
        "Webhooks.hook.HashKey",
        "MessageSenders.mail.SharedKey",
        "IntegrationEvents.checkout.HashKey",
    ):
        assert any(line.startswith("New secret") and name.partition(".")[0] in line for line in lines), lines


async def test_a_source_that_dies_leaves_nothing_and_is_gone_on_from(clouds: Clouds, state: Path) -> None:
    cloud = await clouds.of(everything(), reading(["FullAccess"]), DOOR)
    marketplace = new_id()
    dead = False

    async def die(asked: str) -> Answer | None:
        nonlocal dead
        dead = dead or "/v1/promotions?" in asked
        if dead:
            raise UnreachedError("Connection refused")
        return None

    cloud.strikes.append(die)
    with pytest.raises(SourceLostError):
        await cloned(clouds, cloud, state, marketplace=marketplace)
    assert await clouds.connection.fetchval(COUNT, marketplace) == 0
    assert (state.stat().st_mode & 0o777) == 0o700

    cloud.strikes.clear()
    cloud.asked.clear()
    made = await cloned(clouds, cloud, state, marketplace=marketplace)
    assert made.went_on
    assert not any("/v1/priceschedules?" in each for each in cloud.asked), "what was read is not read again"
    there = await clouds.downloaded(cloud.marketplace)
    assert as_there(await clouds.downloaded(marketplace), made) == there


async def test_a_killed_run_is_gone_on_from_at_any_point(clouds: Clouds, state: Path) -> None:
    """Whatever it has half written: a record beyond the journal, half a line of the journal."""
    cloud = await clouds.of(everything(), reading(["FullAccess"]), DOOR)
    number = 0
    stop = 30

    async def die(asked: str) -> Answer | None:
        nonlocal number
        number += 1
        if number > stop:
            raise UnreachedError("killed")
        return None

    cloud.strikes.append(die)
    for _ in range(2):
        number = 0
        with pytest.raises(SourceLostError):
            await cloned(clouds, cloud, state)
        for path, more in (("Buyers.records", b'{"ID": "half'), ("journal.jsonl", b'{"kind": "Bu')):
            with (state / path).open("ab") as file:
                file.write(more)
    cloud.strikes.clear()
    made = await cloned(clouds, cloud, state)
    there = await clouds.downloaded(cloud.marketplace)
    assert as_there(await clouds.downloaded(made.seeded.marketplace), made) == there


async def test_a_state_of_something_else_is_refused(clouds: Clouds, state: Path) -> None:
    cloud, other = [await clouds.of(reading(["FullAccess"])) for _ in range(2)]
    await cloned(clouds, cloud, state, keep=True)
    assert (state / "marketplace.yml").exists()
    with pytest.raises(RemoteError, match=f"holds {cloud.marketplace} of"):
        await cloned(clouds, other, state)
    (state / "clone.json").write_text('{"format": 99}')
    with pytest.raises(RemoteError, match="another version"):
        await cloned(clouds, cloud, state)
    (state / "clone.json").write_text("[")
    with pytest.raises(RemoteError, match="not what a clone has begun"):
        await cloned(clouds, cloud, state)
    (state / "clone.json").unlink()
    (state / "else").touch()
    with pytest.raises(RemoteError, match="holds something else"):
        await cloned(clouds, cloud, state)


async def test_a_state_that_is_cut_off_is_refused(clouds: Clouds, state: Path) -> None:
    cloud = await clouds.of(everything(), reading(["FullAccess"]), DOOR)
    await cloned(clouds, cloud, state, keep=True)
    path = state / "Products.records"
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(RemoteError, match="is cut off"):
        await cloned(clouds, cloud, state)


async def test_a_clone_that_cannot_be_written_leaves_nothing(clouds: Clouds, state: Path) -> None:
    """A record that this server refuses is told with the line of the file that is kept."""
    cloud = await clouds.of(everything(), reading(["FullAccess"]), DOOR)

    def longer(asked: str, page: Any) -> None:
        for item in page.get("Items", []) if "/v1/catalogs?" in asked else []:
            item["Name"] = "x" * 1000

    cloud.changes.append(longer)
    marketplace = new_id()
    with pytest.raises(
        SeedRefusedError, match=r"marketplace\.yml, whose lines these are\n(?s:.*)line \d+: Catalogs\..*Name"
    ):
        await cloned(clouds, cloud, state, marketplace=marketplace)
    assert await clouds.connection.fetchval(COUNT, marketplace) == 0
    assert (state / "marketplace.yml").exists()


async def test_what_names_what_was_not_read_does_not_stop_the_rest(clouds: Clouds, state: Path) -> None:
    """A reader without addresses, price schedules, suppliers and buyers."""
    cloud = await clouds.of(
        everything(), reading(["ProductReader", "CatalogReader", "CategoryReader", "MeAdmin"])
    )
    made = await cloned(clouds, cloud, state)
    findings = made.findings
    assert {"Buyers.List", "PriceSchedules.List", "AdminAddresses.List"} <= findings.refused.keys()
    assert findings.cleared["Products.DefaultPriceScheduleID"] > 0
    assert findings.dropped["CatalogAssignments"] > 0
    assert made.seeded.records["Products"] == len((await clouds.downloaded(cloud.marketplace))["Products"])
    lines = "\n".join(told(made))
    assert "Not read     Buyers.List: Auth.InsufficientRoles" in lines
    assert "Emptied      Products.DefaultPriceScheduleID" in lines
    assert "Left out" in lines


# Each hangs on what the list has by a rule, and most name nothing of it.
HANGING = [
    ("buyers", "ImpersonationConfigs"),
    ("buyers/[^/]+/users", "SubscriptionIntegrations"),
    ("buyers/[^/]+/usergroups", "ApprovalRules"),
    ("catalogs/assignments", "ProductAssignments"),
    ("locales/assignments", "ProductAssignments"),
    ("messagesenders", "MessageCCListenerAssignments"),
    ("specs", "Variants"),
    ("specs/[^/]+/options", "Specs"),
]


@pytest.mark.parametrize(("path", "kind"), HANGING)
async def test_what_rules_refuse_without_what_was_not_read_is_left_out(
    clouds: Clouds, state: Path, path: str, kind: str
) -> None:
    """It is told, and the rest is there."""
    cloud = await clouds.of(everything(), reading(["FullAccess"]), DOOR)
    of_list = re.compile(f"GET [^ ]*/v1/{path}(\\?.*)?", re.IGNORECASE)

    async def forbid(asked: str) -> Answer | None:
        return Answer(403, FORBIDDEN) if of_list.fullmatch(asked) else None

    cloud.strikes.append(forbid)
    made = await cloned(clouds, cloud, state)
    own, there = [await clouds.downloaded(each) for each in (made.seeded.marketplace, cloud.marketplace)]
    assert len(own.get(kind, ())) < len(there[kind])
    assert len(own["Products"]) == len(there["Products"])
    assert any(line.startswith("Left out") and f" of {kind}, " in line for line in told(made))


@pytest.mark.parametrize("named", ["BuyerID", "ImpersonationBuyerID"])
async def test_an_impersonation_of_one_buyer_does_not_become_one_of_all(
    clouds: Clouds, state: Path, named: str
) -> None:
    config = {
        "ID": "narrow",
        "ClientID": "door",
        "SecurityProfileID": "cloud-reader",
        "BuyerID": "acme",
        "ImpersonationBuyerID": "acme",
    }
    narrow: dict[str, Any] = {
        "Objects": {
            "Buyers": [{"ID": each, "Name": each, "Active": True} for each in ("acme", "gone")],
            "ImpersonationConfigs": [{**config, named: "gone"}, {**config, "ID": "kept"}],
        }
    }
    cloud = await clouds.of(narrow, reading(["FullAccess"]), DOOR)

    def without(asked: str, page: Any) -> None:
        if "/v1/buyers?" in asked:
            page["Items"] = [item for item in page["Items"] if item["ID"] != "gone"]
            page["Meta"]["TotalCount"] = len(page["Items"])

    cloud.changes.append(without)
    made = await cloned(clouds, cloud, state)
    configs = (await clouds.downloaded(made.seeded.marketplace))["ImpersonationConfigs"]
    assert [json.loads(each)["ID"] for each in configs] == ["kept"]
    assert made.findings.dropped["ImpersonationConfigs"] == 1


async def test_a_file_does_not_say_that_there_is_nothing_of_what_was_not_read(
    clouds: Clouds, state: Path
) -> None:
    """Who prunes by it would delete what nobody was able to read."""
    cloud = await clouds.of(
        everything(), reading(["ProductReader", "CatalogReader", "CategoryReader", "MeAdmin"])
    )
    await cloned(clouds, cloud, state, keep=True)
    text = (state / "marketplace.yml").read_text("utf-8")
    named = set(re.findall(r"^  (\w+):", text, re.MULTILINE))
    # Of buyers it may read nothing, so that nobody knows whose users there are.
    assert named.isdisjoint({"Buyers", "Users", "Webhooks", "ProductCollectionInvitations", "ErrorConfigs"})
    assert {"Products", "Catalogs", "Categories"} <= named


async def test_a_product_that_is_deleted_meanwhile_takes_its_assignments_with_it(
    clouds: Clouds, state: Path
) -> None:
    cloud = await clouds.of(everything(), reading(["FullAccess"]), DOOR)

    def without(asked: str, page: Any) -> None:
        if "/v1/products?" in asked:
            page["Items"] = [item for item in page["Items"] if item["ID"] != "lamp"]
            page["Meta"]["TotalCount"] = len(page["Items"])

    cloud.changes.append(without)
    made = await cloned(clouds, cloud, state)
    own = await clouds.downloaded(made.seeded.marketplace)
    assert '"ID": "lamp"' not in "".join(own["Products"])
    assert made.findings.dropped["ProductAssignments"] > 0


@pytest.mark.parametrize("marketplace", ["not an id!", "taken-already"])
async def test_where_nothing_can_be_written_is_told_first(
    clouds: Clouds, marketplace: str, database: asyncpg.Pool
) -> None:
    from entrepot.app.cloning import check_free

    path = clouds.directory / "taken.yml"
    path.write_text("Objects: {}")
    if not await clouds.connection.fetchval(COUNT, "taken-already"):
        await clouds.seeder.seed(clouds.connection, path, "taken-already", "Taken")
    with pytest.raises(SeedRefusedError):
        await check_free(clouds.connection, marketplace.upper())


async def test_xp_and_unicode_come_as_they_are(clouds: Clouds, state: Path) -> None:
    xp = {
        "": [],
        "a.b": {"deep": [[1, [2]], {"x": None}]},
        "ключ": 'значение \U0001f600 \u2028 \\n "quoted" # not a comment: - no list',
        "number": 12345678901234567890,
        "falsy": [0, False, "", None],
        "<<": {"merge": 1},
        "yes": "no",
    }
    document = {
        "Objects": {
            "Catalogs": [{"ID": "c_-1", "Name": "Ünïcode — カタログ", "Active": True, "xp": xp}],
            "Products": [{"ID": "p", "Name": "- {a: b}", "Description": "two\nlines\ttab", "xp": xp}],
        }
    }
    cloud = await clouds.of(document, reading(["FullAccess"]), DOOR)
    made = await cloned(clouds, cloud, state)
    there = await clouds.downloaded(cloud.marketplace)
    here = await clouds.downloaded(made.seeded.marketplace)
    assert (here["Catalogs"], here["Products"]) == (there["Catalogs"], there["Products"])


async def test_what_no_database_can_keep_is_left_out(clouds: Clouds, state: Path) -> None:
    cloud = await clouds.of(
        {"Objects": {"Catalogs": [{"ID": "c", "Name": "Name"}]}}, reading(["FullAccess"]), DOOR
    )
    transport = cloud.transport

    async def with_nul(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        answer = await transport(method, url, headers, body)
        return Answer(answer.status, answer.body.replace(b':"Name"', b':"N\\u0000ame\\\\u0000"'))

    wanted = Wanted(access=cloud.access, state=state, patience=PATIENCE)
    made = await clone_into(clouds.seeder, clouds.server.database, wanted, transport=with_nul)
    (catalog,) = (await clouds.downloaded(made.seeded.marketplace))["Catalogs"]
    assert json.loads(catalog)["Name"] == "Name\\u0000"


async def test_an_anonymized_clone_tells_nobody_who_anybody_is(clouds: Clouds, state: Path) -> None:
    people: dict[str, Any] = {
        "Objects": {
            "Buyers": [{"ID": "acme", "Name": "Wilhelmina's Bakery", "Active": True}],
            "Users": [
                {
                    "BuyerID": "acme",
                    "ID": "u1",
                    "Username": "wilma",
                    "FirstName": "Wilhelmina",
                    "LastName": "Vandergelder",
                    "Email": "Wilma@bakery.example.org",
                    "Phone": "+31 20 555 7788",
                    "Active": True,
                    "xp": {"nickname": "Mina", "size": 42, "boss": "wilma@bakery.example.org", "flag": True},
                }
            ],
            "Addresses": [
                {
                    "BuyerID": "acme",
                    "ID": "home",
                    "FirstName": "wilhelmina ",
                    "LastName": "Vandergelder",
                    "CompanyName": "Wilhelmina's Bakery",
                    "Street1": "Keizersgracht 7788",
                    "City": "Amsterdam",
                    "Zip": "1016 AB",
                    "State": "NH",
                    "Country": "NL",
                    "AddressName": "Mina at home",
                }
            ],
            "CreditCards": [
                {
                    "BuyerID": "acme",
                    "ID": "card",
                    "Token": "tok_secret_7788",
                    "CardType": "Visa",
                    "PartialAccountNumber": "7788",
                    "CardholderName": "Wilhelmina Vandergelder",
                }
            ],
            "Promotions": [
                {
                    "ID": "mail",
                    "Code": "MAIL",
                    "EligibleExpression": "order.FromUser.Email = 'wilma@bakery.example.org'",
                    "ValueExpression": "order.Subtotal * 0.1",
                    "Active": True,
                }
            ],
            "Products": [{"ID": "bread", "Name": "Bread", "xp": {"maker": "Baker of Amsterdam"}}],
        }
    }
    cloud = await clouds.of(people, reading(["FullAccess"]), DOOR)
    made = await cloned(clouds, cloud, state, anonymize=True, keep=True)
    clone = await clouds.downloaded(made.seeded.marketplace)
    whole = "\n".join(text for kind, records in clone.items() if kind != "Products" for text in records)
    kept = "".join(path.read_text() for path in state.iterdir() if path.name != "Products.records")
    for told_of in (
        "ilhelmina",
        "Vandergelder",
        "bakery",
        "7788",
        "Keizersgracht",
        "Amsterdam",
        "Mina",
        "1016",
        "wilma",
    ):
        assert told_of not in whole, told_of
        assert told_of not in kept.replace("Baker of Amsterdam", ""), f"{told_of} is on the disk"
    (user,) = (json.loads(each) for each in clone["Users"])
    (address,) = (json.loads(each) for each in clone["Addresses"])
    (card,) = (json.loads(each) for each in clone["CreditCards"])
    (promotion,) = (json.loads(each) for each in clone["Promotions"])
    assert (user["FirstName"], user["LastName"]) == (address["FirstName"], address["LastName"])
    assert card["CardholderName"] == f"{user['FirstName']} {user['LastName']}"
    assert user["Email"] in promotion["EligibleExpression"]
    assert user["xp"]["boss"] == user["Email"]
    assert (user["xp"]["size"], user["xp"]["flag"], user["ID"]) == (42, True, "u1")
    assert (address["Country"], address["State"]) == ("NL", "NH")
    assert json.loads(clone["Products"][0])["xp"] == {"maker": "Baker of Amsterdam"}

    again = await cloned(clouds, cloud, state.with_name("again"), anonymize=True, keep_xp=True)
    second = await clouds.downloaded(again.seeded.marketplace)
    (same,) = (json.loads(each) for each in second["Users"])
    assert {**same, "xp": None} == {**user, "xp": None}, "the same pseudonyms each time"
    assert same["xp"] == {"nickname": "Mina", "size": 42, "boss": user["Email"], "flag": True}
    with pytest.raises(RemoteError, match="anonymized"):
        await cloned(clouds, cloud, state)


def test_every_list_of_the_contract_is_spoken_for() -> None:
    """It is read, or shows what others show, or cannot be had, and then it is said why. Whoever adds one has to decide."""
    contract = [each for each in json.loads(CONTRACT.read_text()) if each["verb"] == "GET"]
    paths = {each["id"]: each["path"] for each in contract}
    listed = {each["id"] for each in contract if str(each["returns"]).startswith("ListPage")}
    ours = {each.id: each for each in registry().operations.values() if each.verb == "GET"}
    assert listed >= {
        each.id for each in ours.values() if each.lists is not None and not each.is_own and not each.is_portal
    }
    # What stands alone at its path is of the caller, or a setting.
    alone = {name for name, path in paths.items() if "{" not in path} - listed
    read = {each.operation.id for listings in listings_of(registry()).values() for each in listings}
    read |= {each.operation for each in TRADE}
    of_caller = {name for name in listed | alone if f"{paths[name]}/".startswith(OF_CALLER)}
    told = REPEATS | UNREADABLE.keys()
    assert read - (listed | alone) == {"IntegrationEvents.GetWorksheet"}, "which stands beside each order"
    assert (listed | alone) - of_caller - told == read & (listed | alone)
    assert not read & told
    assert told <= listed
    guide = " ".join(GUIDE.read_text("utf-8").split())
    assert [name for name, why in UNREADABLE.items() if not why or f"`{name}`" not in guide] == []


async def test_a_client_whose_secrets_are_not_shown_is_not_open_here(clouds: Clouds, state: Path) -> None:
    """AUTH-42: further secrets are listed without their texts."""
    cloud = await clouds.of(everything(), reading(["FullAccess"]), DOOR)
    (client,) = await clouds.connection.fetch(
        'SELECT "ID" FROM api_clients WHERE marketplace_id = $1 AND "AppName" = $2',
        cloud.marketplace_id,
        "Web shop",
    )

    async def secrets(asked: str) -> Answer | None:
        if f"/apiclients/{client['ID']}/secrets" not in asked:
            return None
        meta = {
            "Page": 1,
            "PageSize": 1,
            "TotalCount": 2,
            "TotalPages": 2,
            "ItemRange": [1, 1],
            "NextPageKey": None,
        }
        return Answer(200, json.dumps({"Meta": meta, "Items": [{"ID": "one", "Name": "One"}]}).encode())

    cloud.strikes.append(secrets)
    made = await cloned(clouds, cloud, state)
    here = made.seeded.client_ids[client["ID"].lower()]
    async with clouds.server.client() as http:
        form = {"grant_type": "client_credentials", "client_id": here}
        assert (await http.post("/oauth/token", data=form)).status_code in {400, 401}
    assert f"New secret   ApiClients.{client['ID']}.ClientSecret" in list(told(made))


async def test_ids_of_any_characters_are_asked_for_as_such(clouds: Clouds) -> None:
    """In paths and in filters; whether they can be IDs here is for the seed to say."""
    cloud = await clouds.of(everything(), reading(["FullAccess"]))
    strange = "a/b c|d*?#%é"

    def renamed(asked: str, page: Any) -> None:
        if "/v1/buyers?" in asked:
            page["Items"][0]["ID"] = strange

    cloud.changes.append(renamed)
    async with cloud.reader() as reader:
        kinds = {kind.name: kind for kind in reader.kinds}
        for name in ("Buyers", "Users"):
            for portion in reader.portions(kinds[name]):
                await reader.all_of(portion)
    assert any("/v1/buyers/a%2Fb%20c%7Cd%2A%3F%23%25%C3%A9/users?" in each for each in cloud.asked)
    assert escaped(strange) == r"a/b c\|d\*?#%é"
    assert reader.findings.gone["Users"] == 1


async def test_two_runs_do_not_write_into_one_another(clouds: Clouds, state: Path) -> None:
    cloud = await clouds.of(everything(), reading(["FullAccess"]))

    async def meanwhile(asked: str) -> Answer | None:
        if "/v1/catalogs?" in asked:
            with pytest.raises(RemoteError, match="Another run is at work"):
                Store.open(state, Head(cloud.access.url, cloud.client_id, cloud.marketplace))
            met.append(asked)
        return None

    met: list[str] = []
    cloud.strikes.append(meanwhile)
    await cloned(clouds, cloud, state)
    assert met
