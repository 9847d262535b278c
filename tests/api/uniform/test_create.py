"""POST, and what can be sent with it (CONV-1, CONV-3, ID-1 to ID-4, BODY-1 to BODY-3)."""

from __future__ import annotations

import json
import re

import pytest
from tests.api.marketplace import Api
from tests.api.uniform.subjects import CREATABLE, NAMED, OWNED, RESOURCES, checked, for_each, shown, subject

GENERATED = {"ApiClients": re.compile(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")}
USUAL = re.compile(r"[A-Za-z0-9_-]{22}")


def test_there_are_resources_of_every_kind() -> None:
    assert len(CREATABLE) >= 12
    assert set(CREATABLE) - set(NAMED) == {"ApiClients"}, "only these have server-made IDs (ID-2)"
    assert {len(RESOURCES[name].within) for name in CREATABLE} == {0, 1}


@for_each(CREATABLE)
async def test_create_answers_201_with_location_and_every_property(name: str, api: Api) -> None:
    """CONV-1, BODY-3, ID-2"""
    things = await subject(name, api)
    body = await things.full()
    response = await checked(things.http.post(things.path, json=body), 201)
    made = response.json()
    assert list(made) == list(things.columns)
    assert GENERATED.get(name, USUAL).fullmatch(made["ID"])
    assert {each: made[each] for each in body} == shown(things, body)
    assert response.headers["Location"] == f"{api.server.settings.base_url}{things.url(made['ID'])}"
    assert (await things.http.get(response.headers["Location"])).content == response.content


@for_each(CREATABLE)
async def test_absent_properties_have_their_defaults(name: str, api: Api) -> None:
    """CONV-2, BODY-3: null, false, 0 or the declared default."""
    things = await subject(name, api)
    body = await things.body()
    made = (await checked(things.http.post(things.path, json=body), 201)).json()
    for column in things.columns.values():
        computed_by_a_rule = column.read_only or (name, column.name) in {
            ("Buyers", "DefaultCatalogID"),
            ("IntegrationEvents", "EventType"),
            *OWNED,
        }
        if column.name not in body and column.name != "ID" and not computed_by_a_rule:
            assert made[column.name] == column.empty, column.name


@for_each(NAMED)
async def test_chosen_id_is_kept_and_found_in_any_case(name: str, api: Api) -> None:
    """ID-4"""
    things = await subject(name, api)
    made = (await checked(things.http.post(things.path, json=await things.body(ID="Chosen_1-x")), 201)).json()
    assert made["ID"] == "Chosen_1-x"
    for spelled in ("Chosen_1-x", "CHOSEN_1-X", "chosen_1-x"):
        assert (await checked(things.http.get(things.url(spelled)), 200)).json() == made
    assert (await checked(things.http.patch(things.url("CHOSEN_1-X"), json={}), 200)).json() == made


@for_each(NAMED)
@pytest.mark.parametrize("spelled", ["Taken", "taken", "TAKEN"])
async def test_taken_id_is_409(name: str, spelled: str, api: Api) -> None:
    """Section 4, ID-4"""
    things = await subject(name, api)
    await checked(things.http.post(things.path, json=await things.body(ID="Taken")), 201)
    refused = await checked(things.http.post(things.path, json=await things.body(ID=spelled)), 409)
    data = {"ObjectType": things.resource.entity.object_type, "ObjectID": spelled}
    assert refused.json() == {
        "Errors": [{"ErrorCode": "IdExists", "Message": "Object already exists.", "Data": data}]
    }


@for_each(CREATABLE)
@pytest.mark.parametrize("value", [None, ""])
async def test_null_and_empty_id_mean_a_generated_one(name: str, value: str | None, api: Api) -> None:
    """CONV-3"""
    things = await subject(name, api)
    made = (await checked(things.http.post(things.path, json=await things.body(ID=value)), 201)).json()
    assert GENERATED.get(name, USUAL).fullmatch(made["ID"])


async def test_server_made_id_is_not_chosen(api: Api) -> None:
    """ID-2, AUTH-39"""
    things = await subject("ApiClients", api)
    made = (await checked(things.http.post(things.path, json=await things.body(ID="mine")), 201)).json()
    assert GENERATED["ApiClients"].fullmatch(made["ID"])
    assert (await checked(things.http.get(things.url(made["ID"].lower())), 200)).json() == made


@for_each(CREATABLE)
async def test_unknown_and_read_only_properties_are_ignored(name: str, api: Api) -> None:
    """BODY-2"""
    things = await subject(name, api)
    read_only = [column.name for column in things.columns.values() if column.read_only]
    body = await things.body(**dict.fromkeys(read_only, "nonsense"))
    status = 400 if things.resource.entity.model.is_closed else 201
    made = (await checked(things.http.post(things.path, json={**body, "Nope": {"a": [1]}}), status)).json()
    if status == 400:
        assert made["Errors"][0]["Data"] == {"Property": "Nope"}
        made = (await checked(things.http.post(things.path, json=body), 201)).json()
    assert all(made[each] != "nonsense" for each in read_only)
    assert "Nope" not in made


@for_each(CREATABLE)
@pytest.mark.parametrize("respelled", [str.lower, str.upper, str.swapcase])
async def test_property_names_match_in_any_case(name: str, respelled: object, api: Api) -> None:
    """BODY-1"""
    assert callable(respelled)
    things = await subject(name, api)
    body = await things.full()
    sent = {respelled(each): value for each, value in body.items()}
    made = (await checked(things.http.post(things.path, json=sent), 201)).json()
    assert {each: made[each] for each in body} == shown(things, body)


@for_each(CREATABLE)
async def test_last_of_duplicate_keys_counts(name: str, api: Api) -> None:
    """Section 4 of the request: bad input never fails."""
    things = await subject(name, api)
    body = await things.body()
    required = (each for each, column in things.columns.items() if column.required and each in body)
    key = next(required, next(iter(body)))
    raw = f'{{"{key}": null, {json.dumps(body)[1:]}'
    made = (await checked(things.http.post(things.path, content=raw), 201)).json()
    assert made[key] == body[key]


@for_each(NAMED)
async def test_incrementor_in_an_id(name: str, api: Api) -> None:
    """ID-3: one incrementor runs through all resources that use it."""
    things = await subject(name, api)
    counter = f"of-{name.lower()}"
    made = {"ID": counter.upper(), "LastNumber": 0, "LeftPaddingCount": 4}
    await checked(things.http.post("/v1/incrementors", json=made), 201)
    for expected in ("T-0001-x", "T-0002-x"):
        body = await things.body(ID=f"T-{{{counter}}}-x")
        assert (await checked(things.http.post(things.path, json=body), 201)).json()["ID"] == expected
    body = await things.body(ID=f"T-{{{counter}}}-0004-x")
    await checked(things.http.put(things.url("put"), json={**body, "ID": f"{{{counter}}}"}), 200)
    renamed = await checked(things.http.patch(things.url("0003"), json={"ID": f"{{{counter}}}"}), 200)
    assert renamed.json()["ID"] == "0004"
    taken = await things.body(ID=f"{{{counter}}}-x")
    await checked(things.http.post(things.path, json={**taken, "ID": "0005-x"}), 201)
    await checked(things.http.post(things.path, json=taken), 409)
    missing = await checked(things.http.post(things.path, json=await things.body(ID="{nope}")), 404)
    assert missing.json()["Errors"][0]["Data"] == {"ObjectType": "Incrementor", "ObjectID": "nope"}
    used = (await checked(things.http.get(f"/v1/incrementors/{counter}"), 200)).json()["LastNumber"]
    assert used == 5, "a refused request uses its number up (INC-3)"


@for_each([name for name in NAMED if RESOURCES[name].within])
async def test_path_in_another_case_is_the_same_parent(name: str, api: Api) -> None:
    """ID-4, CONV-8, security 26: what is created below it refers to the parent as the parent is spelled."""
    things = await subject(name, api)
    ((parameter, parent),) = things.parents.items()
    things.parents[parameter] = parent.upper()
    posted, put = await things.body(ID="posted"), await things.body()
    stored = f"/v1{things.resource.path.replace(f'{{{parameter}}}', parent)}/posted"
    for answer in (
        await checked(things.http.post(things.path, json=posted), 201),
        await checked(things.http.put(things.url("put"), json=put), 200),
    ):
        assert answer.json().get("CompanyID", parent) == parent
        assert answer.headers.get("Location", stored).endswith(stored)
    (within,) = things.resource.within
    table = things.resource.entity.table
    rows = await api.rows(
        f"SELECT \"{within.column}\" FROM {table} WHERE marketplace_id = $1 AND \"ID\" IN ('posted', 'put')"
    )
    assert [row[0] for row in rows if row[0] is not None] == [parent, parent]
