"""The totals of lists of users that are kept and not counted are what counting tells, whatever was written (LIST-2).

That they are after every other test, too, is seen to by Api.create.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st
from tests.api.marketplace import Api, Server

from entrepot.app.registry import registry
from entrepot.domain.listing.request import read_list_request
from entrepot.engine import totals
from entrepot.engine.lists import source_of
from entrepot.features.people.identity import recounting
from entrepot.features.people.identity.resources import ADMIN_USERS, SUPPLIER_USERS, USER, USERS
from entrepot.storage.listing.compile import PreparedList
from entrepot.storage.listing.shapes import shape_of

PERSON = {"FirstName": "F", "LastName": "L", "Email": "f@example.com", "Active": True}
PATHS = ("buyers/A/users", "buyers/B/users", "suppliers/S/users", "adminusers")
IDS = ("u1", "u2", "u3", "u4")
FILTERS = ("", "Active=true", "Active=false", "Active=!true", "Active=true|false", "Active=*", "Active=")
PAGES = (1, 2, 90)
"""The first, the second and one beyond the end, of one user each."""
COUNTED = "ID=!nobody"
"""What every user matches, and what is not kept."""
TURN = 'UPDATE users SET "Active" = $3 WHERE marketplace_id = $1 AND "ID" = $2'
Change = tuple[str, str, dict[str, Any] | None]


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """One request that makes, changes, moves or ends users, or is refused."""
    path, user, active = draw(st.sampled_from(PATHS)), draw(st.sampled_from(IDS)), draw(st.booleans())
    body = {**PERSON, "Username": f"{path}/{user}", "Active": active}
    company, other = draw(st.permutations(["buyers/A", "buyers/B"]))
    drawn: list[Change] = [
        ("PUT", f"{path}/{user}", body),
        ("PUT", f"{path}/{user}", body),
        ("POST", path, {**body, "ID": user}),
        ("PATCH", f"{path}/{user}", {"Active": active}),
        ("PATCH", f"{path}/{user}", {"Active": active, "ID": draw(st.sampled_from(IDS))}),
        ("PATCH", f"{path}/{user}", {"Phone": "7"}),
        ("DELETE", f"{path}/{user}", None),
        ("POST", f"{company}/users/{user}/moveto/{other[-1]}?orders=None", None),
        ("PATCH", company, {"ID": draw(st.sampled_from("ABab"))}),
        ("DELETE", draw(st.sampled_from(["buyers/A", "suppliers/S"])), None),
        ("PUT", company, {"Name": company, "Active": True}),
        ("PUT", "suppliers/S", {"Name": "S", "Active": True}),
    ]
    return draw(st.sampled_from(drawn))


async def send(api: Api, change: Change) -> int:
    method, path, body = change
    answer = await api.seller.request(method, f"/v1/{path}", json=body)
    assert answer.status_code < 500, (change, answer.text)
    return answer.status_code


async def totals_of(api: Api, path: str, query: str, pages: tuple[int, ...] = PAGES) -> tuple[Any, ...]:
    answers = [await api.seller.get(f"/v1/{path}?pageSize=1&page={page}&{query}") for page in pages]
    return tuple(answer.json().get("Meta", {}).get("TotalCount") for answer in answers)


async def counted(api: Api) -> dict[tuple[str, str], Any]:
    """What counting tells of each path and filter; None of what is not there."""
    return {
        (path, each): (await totals_of(api, path, f"{each}&{COUNTED}", (1,)))[0]
        for path in PATHS
        for each in FILTERS
    }


async def are_kept(api: Api, told: dict[tuple[str, str], Any]) -> None:
    for (path, each), total in told.items():
        assert await totals_of(api, path, each) == (total,) * len(PAGES), (path, each)


@settings(max_examples=12, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(drawn=st.lists(changes(), min_size=15, max_size=30))
async def test_totals_are_what_counting_tells(server: Server, drawn: list[Change]) -> None:
    """After a random sequence of writes; and again, whatever somebody did by hand, once several processes have counted anew."""
    async with Api.create(server) as api:
        for company in ("buyers/A", "buyers/B"):
            await send(api, ("PUT", company, {"Name": company, "Active": True}))
        for change in drawn:
            note(f"{change} {await send(api, change)}")
        told = await counted(api)
        await are_kept(api, told)
        await api.execute("UPDATE users_totals SET rows = rows + 3 WHERE marketplace_id = $1")
        await api.execute("DELETE FROM users_totals WHERE marketplace_id = $1 AND slot % 2 = 1")
        await asyncio.gather(*(recounting.recount(server.database) for _ in range(3)))
        await are_kept(api, told)


async def test_units_side_by_side(api: Api) -> None:
    """None is lost of units that change the same totals at the same time, to and fro; none is refused for another's sake."""
    await send(api, ("PUT", "buyers/A", {"Name": "A", "Active": True}))
    people = [f"p{number}" for number in range(3 * totals.SLOTS)]
    made = [send(api, ("PUT", f"buyers/A/users/{user}", {**PERSON, "Username": user})) for user in people]
    assert set(await asyncio.gather(*made)) == {200}

    async def turned(user: str, active: bool) -> None:
        before, after = (
            {"BuyerID": "A", "SupplierID": None, "Active": each} for each in (not active, active)
        )
        async with api.server.database.acquire() as connection, connection.transaction():
            await connection.execute(TURN, api.marketplace_id, user, active)
            await totals.keep(connection, api.marketplace_id, USER, before, after)

    half, others = people[::2], people[1::2]
    await asyncio.gather(*(turned(user, False) for user in half))
    await asyncio.gather(*(turned(user, user in half) for user in people))
    for query, number in (("Active=false", len(others)), ("Active=true", len(half)), ("", len(people))):
        assert await totals_of(api, "buyers/A/users", query) == (number, number, number)


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("", True),
        ("sortBy=!LastName&page=3", True),
        ("Active=true&sortBy=LastName", True),
        ("Active=true|false", True),
        ("Active=true&Active=!false", True),
        ("Active=true&LastName=L", False),
        ("LastName=L", False),
        ("xp.Active=true", False),
        ("Active=true&search=L", False),
        ("Active=true&xp.a=1", False),
    ],
)
def test_what_is_kept_is_not_counted(query: str, kept: bool) -> None:
    """The total is that of kept rows where nothing but their property is looked for."""
    for resource in (USERS, SUPPLIER_USERS, ADMIN_USERS):
        assert resource in registry().resources.values()
        shape = shape_of(USER.model, resource.lists, resource.query)
        prepared = PreparedList(source_of(resource, shape, frozenset()), read_list_request(query, shape))
        sql, _ = prepared.page({"marketplace_id": 1, "buyerID": "A", "supplierID": "S"})
        assert ("users_totals" in sql) == kept
        assert ("count(*) AS count_1" in sql or sql.count("FROM users AS t") == 2) != kept
