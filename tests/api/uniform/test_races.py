"""Writes that meet (HTTP-4): no lost object, no second one, never a 5xx."""

from __future__ import annotations

import asyncio
from collections import Counter

from tests.api.marketplace import Api
from tests.api.uniform.subjects import NAMED, WITH_XP, checked, for_each, subject

TOGETHER = 6


@for_each(NAMED)
async def test_concurrent_posts_of_one_id(name: str, api: Api) -> None:
    """One 201, the rest 409."""
    things = await subject(name, api)
    bodies = [await things.body(ID="same") for _ in range(TOGETHER)]
    answers = await asyncio.gather(*(things.http.post(things.path, json=body) for body in bodies))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: TOGETHER - 1}
    (winner,) = (answer.json() for answer in answers if answer.status_code == 201)
    assert (await checked(things.http.get(things.url("same")), 200)).json() == winner


@for_each(NAMED)
async def test_concurrent_creating_puts(name: str, api: Api) -> None:
    """Each creates or replaces: all 200, one object, which is what one of them wrote."""
    things = await subject(name, api)
    first = await things.body()
    bodies = [things.like(first, await things.body()) for _ in range(TOGETHER)]
    answers = await asyncio.gather(*(things.http.put(things.url("same"), json=body) for body in bodies))
    assert Counter(answer.status_code for answer in answers) == {200: TOGETHER}, [a.text for a in answers]
    left = (await checked(things.http.get(things.url("same")), 200)).json()
    assert left in [answer.json() for answer in answers]
    table = things.resource.entity.table
    assert await api.value(f"SELECT count(*) FROM {table} WHERE marketplace_id = $1 AND \"ID\" = 'same'") == 1


@for_each(NAMED)
async def test_concurrent_renames_onto_one_id(name: str, api: Api) -> None:
    """One 200, the rest 409."""
    things = await subject(name, api)
    made = [await things.make() for _ in range(TOGETHER)]
    answers = await asyncio.gather(
        *(things.http.patch(things.url(each["ID"]), json={"ID": "wanted"}) for each in made)
    )
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: TOGETHER - 1}


@for_each(WITH_XP)
async def test_patches_of_different_properties_all_stay(name: str, api: Api) -> None:
    """HTTP-4: PATCH writes only its own fields."""
    things = await subject(name, api)
    made = await things.make()
    keys = [f"k{i}" for i in range(TOGETHER)]
    answers = await asyncio.gather(
        *(things.http.patch(things.url(made["ID"]), json={"xp": {key: 1}}) for key in keys)
    )
    assert {answer.status_code for answer in answers} == {200}
    left = (await checked(things.http.get(things.url(made["ID"])), 200)).json()
    assert left == made | {"xp": dict.fromkeys(left["xp"], 1)}
    assert sorted(left["xp"]) == keys


@for_each(NAMED)
async def test_deletes_and_puts_meet(name: str, api: Api) -> None:
    """Whoever wins, there is no 5xx, and the last GET agrees with the table."""
    things = await subject(name, api)
    made = await things.make(ID="same")
    bodies = [things.like(made, await things.body()) for _ in range(3)]
    answers = await asyncio.gather(
        *(things.http.put(things.url("same"), json=body) for body in bodies),
        *(things.http.delete(things.url("same")) for _ in range(3)),
    )
    allowed = {200, 204, 404} | ({409} if name == "Buyers" else set())  # the default catalog stays (BUY-5)
    assert {answer.status_code for answer in answers} <= allowed, [answer.text for answer in answers]


async def test_concurrent_incrementors(api: Api) -> None:
    """ID-3: no number twice, none left out."""
    things = await subject("Incrementors", api)
    await things.make(ID="n", LastNumber=0, LeftPaddingCount=3)
    answers = await asyncio.gather(
        *(things.http.post("/v1/suppliers", json={"ID": "S{n}", "Name": "S"}) for _ in range(20))
    )
    assert sorted(answer.json()["ID"] for answer in answers) == [f"S{i:03}" for i in range(1, 21)]
