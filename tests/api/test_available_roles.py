"""What rows of users keep of their groups and of themselves is what the assignments say, whatever was written (AUTH-17,
ASG-7, LOC-3); so lists, GET and /v1/me agree.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.resources
import json
from typing import Any

import pytest
from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st
from tests.api.marketplace import Api, Server, User

from entrepot.app.registry import registry
from entrepot.declare.resource import Resource
from entrepot.features.people.company_gifts import Gifts, Profiles
from entrepot.features.seeding.derived import settle
from entrepot.kernel.user_types import UserType

Change = tuple[str, str, dict[str, Any] | None]

PROFILES = ("p1", "p2", "p3")
LOCALES = ("l1", "l2", "l3")
PLACES = {
    "A": ("buyers/A/users", "buyers/A/usergroups", {"BuyerID": "A"}),
    "B": ("buyers/B/users", "buyers/B/usergroups", {"BuyerID": "B"}),
    "S": ("suppliers/S/users", "suppliers/S/usergroups", {"SupplierID": "S"}),
    "seller": ("adminusers", "usergroups", {}),
}
USERS = ("u1", "u2")
MOVER = "u3"
"""The user of A, and of nobody else, who can move: IDs are unique in a company."""
GROUPS = ("g1", "g2")
ROLES = ("Shopper", "MeAdmin", "OrderReader")
CUSTOM_ROLES = ("Zeta", "alpha", "Alpha")
PERSON = {"FirstName": "F", "LastName": "L", "Email": "f@example.com", "Active": True}
QUERY_NAMES = {
    "BuyerID": "buyerID",
    "SupplierID": "supplierID",
    "UserID": "userID",
    "UserGroupID": "userGroupID",
}

EXPECTED = """
SELECT t.key, t."ID", t."BuyerID", t."SupplierID", t.generation, t.group_locale,
    ARRAY(SELECT n FROM unnest(t.own_profiles) AS kept(n) WHERE n IN (
        SELECT p.number FROM security_profiles p WHERE p.marketplace_id = $1) ORDER BY n) AS own_profiles,
    (SELECT coalesce(array_agg(DISTINCT p.number ORDER BY p.number), '{}')
     FROM security_profile_assignments a
     JOIN security_profiles p ON p.marketplace_id = $1 AND p."ID" = a."SecurityProfileID"
     WHERE a.marketplace_id = $1 AND (a.user_key = t.key OR a.group_key IN (
         SELECT g.group_key FROM user_group_members g WHERE g.marketplace_id = $1 AND g.user_key = t.key))) AS own,
    (SELECT l."ID" FROM locale_assignments a
     JOIN locales l ON l.marketplace_id = $1 AND l."ID" = a."LocaleID"
     WHERE a.marketplace_id = $1 AND a."BuyerID" = t."BuyerID" AND a.group_key IN (
         SELECT g.group_key FROM user_group_members g WHERE g.marketplace_id = $1 AND g.user_key = t.key)
     ORDER BY l."ID" LIMIT 1) AS of_groups,
    (SELECT coalesce(array_agg(DISTINCT h.role ORDER BY h.role), '{}')
     FROM security_profile_assignments a
     JOIN security_profiles p ON p.marketplace_id = $1 AND p."ID" = a."SecurityProfileID"
     CROSS JOIN LATERAL unnest(p."Roles" || p."CustomRoles") AS h(role)
     WHERE a.marketplace_id = $1 AND (
         a.user_key = t.key
         OR a.group_key IN (SELECT g.group_key FROM user_group_members g WHERE g.marketplace_id = $1 AND g.user_key = t.key)
         OR a.user_key IS NULL AND a.group_key IS NULL AND a."BuyerID" IS NOT DISTINCT FROM t."BuyerID"
            AND a."SupplierID" IS NOT DISTINCT FROM t."SupplierID")) AS roles,
    (SELECT json_build_object('ID', l."ID", 'OwnerID', l."OwnerID", 'Currency', l."Currency", 'Language', l."Language")
     FROM locale_assignments a
     JOIN locales l ON l.marketplace_id = $1 AND l."ID" = a."LocaleID"
     WHERE a.marketplace_id = $1 AND a."BuyerID" = t."BuyerID" AND (a.group_key IS NULL OR a.group_key IN (
         SELECT g.group_key FROM user_group_members g WHERE g.marketplace_id = $1 AND g.user_key = t.key))
     ORDER BY a.group_key IS NULL, l."ID" LIMIT 1) AS locale
FROM users t WHERE t.marketplace_id = $1 ORDER BY t.key
"""
"""What each user holds, straight from the assignments, beside what its row keeps; but for profiles that are gone, whose
numbers it may keep.
"""

ROWS = "SELECT key, xmin FROM users WHERE marketplace_id = $1 ORDER BY key"


def some(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


def roles_of(draw: st.DrawFn) -> dict[str, list[str]]:
    return {
        "Roles": draw(st.lists(some(*ROLES), max_size=2, unique=True)),
        "CustomRoles": draw(st.lists(some(*CUSTOM_ROLES), max_size=2, unique=True)),
    }


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """One request of the seller that changes what users hold, or is refused."""
    users, groups, company = PLACES[draw(some(*PLACES))]
    user, group, profile, locale = (
        draw(some(*USERS, MOVER)),
        draw(some(*GROUPS)),
        draw(some(*PROFILES)),
        draw(some(*LOCALES)),
    )
    party = draw(some({}, {"UserID": user}, {"UserID": user}, {"UserGroupID": group}, {"UserGroupID": group}))
    row = {**company, **party}
    buyer = draw(some("A", "B"))
    of_buyer = {"BuyerID": buyer, **draw(some({}, {"UserGroupID": group}))}
    drawn: Change = draw(
        some(
            ("POST", "securityprofiles/assignments", {"SecurityProfileID": profile, **row}),
            ("POST", "securityprofiles/assignments", {"SecurityProfileID": profile, **row}),
            ("DELETE", f"securityprofiles/{profile}/assignments?{query(row)}", None),
            ("PATCH", f"securityprofiles/{profile}", roles_of(draw)),
            ("PUT", f"securityprofiles/{profile}", {"ID": profile, "Name": profile, **roles_of(draw)}),
            ("PATCH", f"securityprofiles/{profile}", {"ID": draw(some(*PROFILES)), **roles_of(draw)}),
            ("DELETE", f"securityprofiles/{profile}", None),
            ("POST", f"{groups}/assignments", {"UserGroupID": group, "UserID": user}),
            ("POST", f"{groups}/assignments", {"UserGroupID": group, "UserID": user}),
            ("DELETE", f"{groups}/{group}/assignments/{user}", None),
            ("DELETE", f"{groups}/{group}", None),
            ("PUT", f"{groups}/{group}", {"ID": group, "Name": "again"}),
            ("DELETE", f"{users}/{user}", None),
            ("PUT", f"{users}/{user}", {**PERSON, "ID": user, "Username": f"{users}-{user}"}),
            ("PATCH", f"{users}/{user}", {"Phone": "7"}),
            ("POST", f"buyers/{buyer}/users/{MOVER}/moveto/{draw(some('A', 'B'))}?orders=None", None),
            ("PATCH", f"buyers/{buyer}", {"ID": draw(some("A", "B"))}),
            ("POST", "locales/assignments", {"LocaleID": locale, **of_buyer}),
            ("POST", "locales/assignments", {"LocaleID": locale, **of_buyer}),
            ("DELETE", f"locales/{locale}/assignments?{query(of_buyer)}", None),
            ("PATCH", f"locales/{locale}", {"ID": draw(some("l0", "l9", *LOCALES))}),
            ("PATCH", f"locales/{locale}", {"Currency": draw(some("EUR", "USD"))}),
            ("DELETE", f"locales/{locale}", None),
            ("PUT", f"locales/{locale}", {"ID": locale, "Currency": "EUR", "Language": f"de-{locale[1]}"}),
        )
    )
    return drawn


def query(row: dict[str, str]) -> str:
    return "&".join(f"{QUERY_NAMES[name]}={value}" for name, value in row.items())


async def send(api: Api, change: Change) -> int:
    method, path, body = change
    answer = await api.seller.request(method, f"/v1/{path}", json=body)
    assert answer.status_code < 500, (change, answer.text)
    return answer.status_code


async def populate(api: Api) -> None:
    """Everything that changes speak of; users of the same IDs in all places, groups with both users and with one."""
    for made in ("buyers/A", "buyers/B", "suppliers/S"):
        assert await send(api, ("PUT", made, {"Name": made, "Active": True})) < 300
    for number, name in enumerate(PROFILES):
        roles = {"Roles": ROLES[number:], "CustomRoles": CUSTOM_ROLES[: number + 1]}
        assert await send(api, ("PUT", f"securityprofiles/{name}", {"Name": name, **roles})) < 300
    for name in LOCALES:
        body = {"Currency": "EUR", "Language": f"en-{name}"}
        assert await send(api, ("PUT", f"locales/{name}", body)) < 300
    for place, (users, groups, _) in PLACES.items():
        for group in GROUPS:
            assert await send(api, ("PUT", f"{groups}/{group}", {"Name": group})) < 300
        for user in (*USERS, MOVER) if place == "A" else USERS:
            person = {**PERSON, "Username": f"{users}-{user}"}
            assert await send(api, ("PUT", f"{users}/{user}", person)) < 300
            for group in GROUPS[: 1 if user == "u1" else 2]:
                member = {"UserGroupID": group, "UserID": user}
                assert await send(api, ("POST", f"{groups}/assignments", member)) < 300


async def assign(api: Api) -> None:
    """Profiles and locales to groups of two companies, and a profile to users: what changes can take away."""
    for place in ("A", "S"):
        _, _, company = PLACES[place]
        for profile, party in (
            ("p1", {"UserGroupID": "g1"}),
            ("p2", {"UserGroupID": "g2"}),
            ("p3", {"UserID": "u1"}),
        ):
            body = {"SecurityProfileID": profile, **company, **party}
            assert await send(api, ("POST", "securityprofiles/assignments", body)) == 204
    for locale, group in (("l1", "g1"), ("l2", "g1"), ("l2", "g2"), ("l3", "g2")):
        body = {"LocaleID": locale, "BuyerID": "A", "UserGroupID": group}
        assert await send(api, ("POST", "locales/assignments", body)) == 204


async def kept_is_held(api: Api) -> list[Any]:
    """The rows of EXPECTED, which keep what they have to."""
    rows = await api.rows(EXPECTED)
    for row in rows:
        assert (row["own_profiles"], row["group_locale"]) == (row["own"], row["of_groups"]), row["ID"]
    return rows


async def shown_everywhere(api: Api) -> None:
    """AvailableRoles and Locale of each user in its list, in the list across buyers, by GET and as /v1/me."""
    shown: dict[tuple[str, str], list[dict[str, Any]]] = {}
    paths = [users for users, *_ in PLACES.values()]
    for path in (*paths, "buyerusers"):
        answer = await api.seller.get(f"/v1/{path}?pageSize=100")
        for item in answer.json().get("Items", ()):
            shown.setdefault((item["CompanyID"], item["ID"]), []).append(item)
            if path != "buyerusers":
                shown[item["CompanyID"], item["ID"]].append(
                    (await api.seller.get(f"/v1/{path}/{item['ID']}")).json()
                )
    rows = await kept_is_held(api)
    assert {(row["BuyerID"] or row["SupplierID"] or api.marketplace, row["ID"]) for row in rows} == set(shown)
    for row in rows:
        kind = (
            UserType.BUYER if row["BuyerID"] else UserType.SUPPLIER if row["SupplierID"] else UserType.SELLER
        )
        company = row["BuyerID"] or row["SupplierID"] or api.marketplace
        caller = User(row["key"], row["ID"], row["ID"], kind, company)
        me = (await api.as_(caller, roles=["Shopper"], generation=row["generation"]).get("/v1/me")).json()
        expected = (row["roles"], json.loads(row["locale"]) if row["locale"] else None)
        for item in (me, *shown[company, row["ID"]]):
            assert (item["AvailableRoles"], item["Locale"]) == expected, (company, row["ID"])


@settings(max_examples=15, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(drawn=st.lists(changes(), min_size=15, max_size=30))
async def test_rows_keep_what_the_assignments_say(server: Server, drawn: list[Change]) -> None:
    """After each of a random sequence of writes through the API; and what seeds and the migration compute is the same."""
    async with Api.create(server) as api:
        await populate(api)
        await assign(api)
        for change in drawn:
            note(f"{change} {await send(api, change)}")
            await kept_is_held(api)
        await shown_everywhere(api)
        for again in (_refreshed, _migrated):
            await api.execute(
                "UPDATE users SET own_profiles = '{}', group_locale = NULL WHERE marketplace_id = $1"
            )
            await again(api)
            await kept_is_held(api)


async def _refreshed(api: Api) -> None:
    async with api.server.database.acquire() as connection:
        async for _ in settle(connection, api.marketplace_id):
            pass


async def _migrated(api: Api) -> None:
    versions = "entrepot.storage.migrations.versions"
    locales = importlib.import_module(f"{versions}.0002_catalog")
    written = importlib.resources.files(versions).joinpath("0011_profiles_of_users.sql").read_text()
    (profiles,) = (each for each in written.split(";\n") if each.startswith("UPDATE"))
    for statement in (profiles, locales.GROUP_LOCALE):
        await api.server.database.execute(statement)


async def test_writes_side_by_side(api: Api) -> None:
    """Units that change what the same users hold wait for one another: none computes from what another has left behind."""
    await populate(api)
    for number in range(12):
        roles, gives = [ROLES[number % 3]], number % 2
        party = {"BuyerID": "A", "UserGroupID": "g1"}
        member = {"UserGroupID": "g1", "UserID": "u1"}
        side_by_side: list[Change] = [
            ("PATCH", "securityprofiles/p1", {"Roles": roles}),
            ("PATCH", "locales/l1", {"ID": "l1" if gives else "L0"}),
            ("PATCH", "buyers/A/users/u1", {"Phone": str(number)}),
        ]
        if gives:
            side_by_side += [
                ("POST", "securityprofiles/assignments", {"SecurityProfileID": "p1", **party}),
                ("POST", "locales/assignments", {"LocaleID": "l2", **party}),
                ("POST", "buyers/A/usergroups/assignments", member),
            ]
        else:
            side_by_side += [
                ("DELETE", f"securityprofiles/p1/assignments?{query(party)}", None),
                ("DELETE", f"locales/l2/assignments?{query(party)}", None),
                ("DELETE", "buyers/A/usergroups/g1/assignments/u1", None),
            ]
        await asyncio.gather(*(send(api, change) for change in side_by_side))
        await kept_is_held(api)


@pytest.mark.parametrize("resource", [each for each in registry().resources.values() if each.prewritten])
def test_whatever_is_computed_is_filled_in(resource: Resource) -> None:
    """The names of the holes in what rows keep are those that a company's gifts have."""
    gifts = Gifts(0, "C", [], None, None, Profiles(0, {}, 0))
    assert set(gifts.texts(None)) == {each.name for each in resource.columns if each.computed is not None}


async def test_what_a_profile_gives_is_written_to_no_user(api: Api) -> None:
    """AUTH-17, AUTH-47: its roles, its ID and its end reach its holders, whose rows stay as they are."""
    await populate(api)
    await assign(api)
    rows = await api.rows(ROWS)
    for change in (
        ("PATCH", "securityprofiles/p1", {"Roles": ["OrderReader"], "CustomRoles": ["new"]}),
        ("PATCH", "securityprofiles/p1", {"ID": "p9"}),
        ("PUT", "securityprofiles/P9", {"ID": "p1", "Name": "p1", "Roles": ["MeAdmin"]}),
        ("DELETE", "securityprofiles/p1", None),
        ("PUT", "securityprofiles/p1", {"ID": "p1", "Name": "again", "Roles": ["FullAccess"]}),
    ):
        assert await send(api, change) < 300
        await shown_everywhere(api)
        assert await api.rows(ROWS) == rows


@pytest.mark.parametrize("place", PLACES)
async def test_users_made_past_the_api(api: Api, place: str) -> None:
    """What a marketplace begins with (AUTH-84)."""
    await populate(api)
    company = {name.removesuffix("ID").lower(): each for name, each in PLACES[place][2].items()}
    user = await api.user(**company, roles=["Shopper"], custom_roles=["own"])
    await kept_is_held(api)
    await shown_everywhere(api)
    caller = api.as_(user, roles=["Shopper"])
    assert (await caller.get("/v1/me")).json()["AvailableRoles"] == ["Shopper", "own"]


async def test_registered_users(api: Api) -> None:
    """AUTH-37: a new user is in the template's groups."""
    await populate(api)
    party = {"BuyerID": "A", "UserGroupID": "g1"}
    assert (
        await send(api, ("POST", "securityprofiles/assignments", {"SecurityProfileID": "p1", **party})) == 204
    )
    assert await send(api, ("POST", "locales/assignments", {"LocaleID": "l2", **party})) == 204
    template = await api.user(buyer="A", roles=["Shopper"])
    member = {"UserGroupID": "g1", "UserID": template.id}
    assert await send(api, ("POST", "buyers/A/usergroups/assignments", member)) == 204
    client = await api.api_client(allow_any_buyer=True, is_anonymous=True, default_context_user=template.key)
    guest = (await api.grant(grant_type="client_credentials", client_id=client)).json()["access_token"]
    body = {
        "ID": "new",
        "Username": "new",
        "FirstName": "N",
        "LastName": "C",
        "Email": "n@example.com",
        "Active": True,
    }
    answer = await api.with_token(guest).put("/v1/me/register", params={"anonUserToken": guest}, json=body)
    assert answer.status_code == 200, answer.text
    me = (await api.with_token(answer.json()["access_token"]).get("/v1/me")).json()
    assert (set(me["AvailableRoles"]), me["Locale"]["ID"]) == ({*ROLES, "Zeta"}, "l2")
    await shown_everywhere(api)
