"""PUT: creates or replaces (CONV-2, CONV-3)."""

from __future__ import annotations

from tests.api.marketplace import Api
from tests.api.uniform.subjects import CREATABLE, NAMED, OWNED, RESOURCES, checked, for_each, shown, subject

from entrepot.declare.resource import Verb

KEPT = {("Buyers", "DefaultCatalogID"), ("IntegrationEvents", "EventType"), *OWNED}
"""BUY-3, IE-2, ORG-3: a PUT that omits these keeps them."""


def test_all_have_put() -> None:
    assert all(Verb.SAVE in RESOURCES[name].verbs for name in CREATABLE)


@for_each(NAMED)
async def test_put_creates_at_the_url(name: str, api: Api) -> None:
    """CONV-3: 200; the ID is the URL's where the body has none, or null."""
    things = await subject(name, api)
    for object_id, given in (
        ("One", {}),
        ("Two", {"ID": None}),
        ("Three", {"ID": ""}),
        ("Four", {"ID": "Four"}),
    ):
        body = await things.full()
        made = (await checked(things.http.put(things.url(object_id), json={**body, **given}), 200)).json()
        assert list(made) == list(things.columns)
        assert made["ID"] == object_id
        assert {each: made[each] for each in body} == shown(things, body)
        assert (await checked(things.http.get(things.url(object_id)), 200)).json() == made


@for_each(NAMED)
async def test_put_creates_under_the_bodys_id(name: str, api: Api) -> None:
    """CONV-3: where nothing exists at the URL; and 409 where that ID is taken."""
    things = await subject(name, api)
    made = (await checked(things.http.put(things.url("a"), json=await things.body(ID="b")), 200)).json()
    assert made["ID"] == "b"
    await checked(things.http.get(things.url("a")), 404)
    refused = await checked(things.http.put(things.url("a"), json=await things.body(ID="B")), 409)
    assert refused.json()["Errors"][0]["ErrorCode"] == "IdExists"


@for_each(CREATABLE)
async def test_put_replaces_and_resets_what_is_absent(name: str, api: Api) -> None:
    """CONV-2: defaults for writable properties, read-only ones survive."""
    things = await subject(name, api)
    full = await things.full()
    bare = things.like(full, await things.body())
    made = (await checked(things.http.post(things.path, json=full), 201)).json()
    put = (await checked(things.http.put(things.url(made["ID"]), json=bare), 200)).json()
    assert put["ID"] == made["ID"]
    for column in things.columns.values():
        if column.name in bare:
            assert put[column.name] == shown(things, bare)[column.name]
        elif things.follows(column.name):
            assert put[column.name] is None
        elif column.read_only or column.name == "ID" or (name, column.name) in KEPT:
            assert put[column.name] == made[column.name], column.name
        else:
            assert put[column.name] == column.empty, column.name
    assert (await checked(things.http.get(things.url(made["ID"])), 200)).json() == put


@for_each(CREATABLE)
async def test_put_back_what_get_showed(name: str, api: Api) -> None:
    """BODY-2, CONV-2: accepted, idempotent, and nothing changes."""
    things = await subject(name, api)
    made = (await checked(things.http.post(things.path, json=await things.full()), 201)).json()
    table = things.resource.entity.table
    stored = f"SELECT xmin::text, * FROM {table} WHERE marketplace_id = $1 ORDER BY ctid"
    before = await api.rows(stored)
    for spelled in (made["ID"], made["ID"].swapcase()):
        assert (await checked(things.http.put(things.url(spelled), json=made), 200)).json() == made
    if name != "ApiClients":  # whose secret is encrypted anew
        assert await api.rows(stored) == before, "what does not change is not written"
    sent = {each: value for each, value in made.items() if each != "ID"}
    assert (await checked(things.http.put(things.url(made["ID"].swapcase()), json=sent), 200)).json() == made
