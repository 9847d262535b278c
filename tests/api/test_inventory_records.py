"""Inventory records and the sums that products and variants show (IRC-1 to IRC-7, INV-2, ADR-4)."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from tests.api.company import ADDRESS
from tests.api.marketplace import Api, codes
from tests.api.uniform.subjects import checked

PRODUCT = "/v1/products/p"
RECORDS = f"{PRODUCT}/inventoryrecords"
VARIANT = f"{PRODUCT}/variants/v1/inventoryrecords"
OTHER_VARIANT = f"{PRODUCT}/variants/v2/inventoryrecords"


async def product(api: Api, **inventory: Any) -> httpx.AsyncClient:
    """A product with stock, and an address of the seller."""
    http = api.seller
    stock = {"Enabled": True, "QuantityAvailable": 50, **inventory}
    await checked(http.put(PRODUCT, json={"Name": "P", "Inventory": stock}), 200)
    await checked(http.put("/v1/addresses/w", json={**ADDRESS, "AddressName": "Warehouse"}), 200)
    return http


async def variants(api: Api) -> httpx.AsyncClient:
    """A product tracked by variant with variants v1 and v2."""
    http = await product(api, VariantLevelTracking=True, QuantityAvailable=None)
    spec = {"ID": "s", "Name": "S", "DefinesVariant": True, "Required": True}
    await checked(http.post("/v1/specs", json=spec), 201)
    for option in ("1", "2"):
        await checked(http.post("/v1/specs/s/options", json={"ID": option, "Value": option}), 201)
    row = {"SpecID": "s", "ProductID": "p"}
    await checked(http.post("/v1/specs/productassignments", json=row), 204)
    await checked(http.post(f"{PRODUCT}/variants/generate"), 201)
    for number in ("1", "2"):
        renamed = {"ID": f"v{number}"}
        await checked(http.patch(f"{PRODUCT}/variants/p-{number}", json=renamed), 200)
    return http


async def record(http: httpx.AsyncClient, quantity: int, url: str = RECORDS, **body: Any) -> dict[str, Any]:
    sent = {"AddressID": "w", "QuantityAvailable": quantity, **body}
    return dict((await checked(http.post(url, json=sent), 201)).json())


async def shown(http: httpx.AsyncClient, url: str = PRODUCT) -> Any:
    stock = (await checked(http.get(url), 200)).json()["Inventory"]
    return stock and stock["QuantityAvailable"]


async def test_life(api: Api) -> None:
    """IRC-2, IRC-7: the contract's properties with defaults; LastUpdated moves with the quantity alone."""
    http = await product(api)
    made = (await checked(http.post(RECORDS, json={"ID": "r", "AddressID": "W"}), 201)).json()
    address = (await checked(http.get("/v1/addresses/w"), 200)).json()
    assert made == {
        "ID": "r",
        "OwnerID": api.marketplace,
        "AllowAllBuyers": True,
        "Address": address,
        "AddressID": "w",
        "OrderCanExceed": False,
        "QuantityAvailable": 0,
        "NotificationPoint": None,
        "LastUpdated": made["LastUpdated"],
        "xp": None,
    }
    assert list(made["Address"]) == list(address)
    api.server.clock.advance(minutes=1)
    same = (await checked(http.patch(f"{RECORDS}/r", json={"OrderCanExceed": True}), 200)).json()
    assert same == made | {"OrderCanExceed": True}
    moved = (await checked(http.patch(f"{RECORDS}/r", json={"QuantityAvailable": 3}), 200)).json()
    assert moved == same | {"QuantityAvailable": 3, "LastUpdated": moved["LastUpdated"]}
    assert moved["LastUpdated"] > made["LastUpdated"]
    stock = (await http.get(PRODUCT)).json()["Inventory"]
    assert stock["QuantityAvailable"] == 3
    assert stock["LastUpdated"] >= moved["LastUpdated"]
    # The address follows its new ID.
    await checked(http.patch("/v1/addresses/w", json={"ID": "depot"}), 200)
    listed = (await checked(http.get(f"{RECORDS}?AddressID=depot&Address.City=Berlin"), 200)).json()
    assert [(item["AddressID"], item["Address"]["ID"]) for item in listed["Items"]] == [("depot", "depot")]
    for query, full in (("", True), ("includeAddress=true", True), ("includeAddress=false", False)):
        (item,) = (await checked(http.get(f"{RECORDS}?{query}"), 200)).json()["Items"]
        assert (item["Address"] is not None) is full
    await checked(http.get(f"{RECORDS}?includeAddress=perhaps"), 400)


async def test_sums(api: Api) -> None:
    """IRC-3, IRC-6: the product shows the sum; what is written meanwhile shows when the last record is gone."""
    http = await product(api)
    for name, quantity in (("W1", 10), ("W2", 7), ("W3", 4)):
        await record(http, quantity, ID=name)
    assert await shown(http) == 21
    await checked(http.patch(f"{RECORDS}/W2", json={"QuantityAvailable": 4}), 200)
    assert await shown(http) == 18
    put = {"AddressID": "w", "QuantityAvailable": 20}
    await checked(http.put(f"{RECORDS}/W1", json=put), 200)
    await checked(http.put(f"{RECORDS}/W4", json={**put, "QuantityAvailable": -2}), 200)
    assert await shown(http) == 26
    for quantity in (33, 26):
        # The second is what stands there already: nothing was written.
        await checked(http.patch(PRODUCT, json={"Inventory": {"QuantityAvailable": quantity}}), 200)
        assert await shown(http) == 26
    for name, left in (("W1", 6), ("W2", 2), ("W3", -2), ("W4", 33)):
        await checked(http.delete(f"{RECORDS}/{name}"), 204)
        assert await shown(http) == left
    await record(http, 5)
    await checked(http.patch(PRODUCT, json={"ID": "q"}), 200)
    assert await shown(http, "/v1/products/q") == 5
    renamed = (await checked(http.get("/v1/products/q/inventoryrecords"), 200)).json()["Items"]
    await checked(http.delete(f"/v1/products/q/inventoryrecords/{renamed[0]['ID']}"), 204)
    assert await shown(http, "/v1/products/q") == 33


async def test_sums_of_variants(api: Api) -> None:
    """IRC-1, IRC-3, INV-2: records of a variant add up on it, and variants on the product; IDs are each variant's own."""
    http = await variants(api)
    stock = {"Inventory": {"QuantityAvailable": 9}}
    await checked(http.patch(f"{PRODUCT}/variants/v1", json=stock), 200)
    assert await shown(http) == 9
    await record(http, 3, VARIANT, ID="r")
    await record(http, 4, OTHER_VARIANT, ID="r")
    await record(http, 5, OTHER_VARIANT, ID="r2")
    quantities = [await shown(http, f"{PRODUCT}/variants/{name}") for name in ("v1", "v2")]
    assert (quantities, await shown(http)) == ([3, 9], 12)
    await checked(http.patch(f"{OTHER_VARIANT}/r", json={"QuantityAvailable": 1, "ID": "new"}), 200)
    await checked(http.put(f"{VARIANT}/r3", json={"AddressID": "w", "QuantityAvailable": 10}), 200)
    assert await shown(http) == 19
    for url, expected in ((VARIANT, ["r", "r3"]), (OTHER_VARIANT, ["new", "r2"]), (RECORDS, [])):
        page = (await checked(http.get(url), 200)).json()
        assert [item["ID"] for item in page["Items"]] == expected
        assert page["Meta"]["TotalCount"] == len(expected)
    for url in (f"{VARIANT}/r2", f"{RECORDS}/r", f"{PRODUCT}/variants/nope/inventoryrecords/r"):
        await checked(http.get(url), 404)
    await checked(http.patch(f"{PRODUCT}/variants/v2", json={"ID": "second"}), 200)
    assert (await http.get(f"{PRODUCT}/variants/second/inventoryrecords/new")).status_code == 200
    for name in ("r", "r3"):
        await checked(http.delete(f"{VARIANT}/{name}"), 204)
    assert (await shown(http, f"{PRODUCT}/variants/v1"), await shown(http)) == (9, 15)


async def test_levels(api: Api) -> None:
    """IRC-1: which records a product may have, by its Inventory and by the records that there are."""
    http = await variants(api)
    body = {"AddressID": "w"}

    async def refusal(url: str) -> str:
        (code,) = codes(await checked(http.post(url, json=body), 400))
        return code.removeprefix("InventoryConfiguration.")

    assert await refusal(RECORDS) == "InvalidVariantLevelTracking"
    await record(http, 1, VARIANT, ID="r")
    assert await refusal(RECORDS) == "CannotCreateInventoryRecord"
    flag = {"Inventory": {"VariantLevelTracking": False}}
    refused = await checked(http.patch(PRODUCT, json=flag), 400)
    assert codes(refused) == ["InventoryConfiguration.CannotChangeVariantLevelTracking"]
    await checked(http.delete(f"{VARIANT}/r"), 204)
    await checked(http.patch(PRODUCT, json=flag), 200)
    assert await refusal(VARIANT) == "InvalidVariantLevelTracking"
    await record(http, 1)
    assert await refusal(VARIANT) == "CannotCreateInventoryRecord"
    await checked(http.put("/v1/products/bare", json={"Name": "Bare"}), 200)
    assert await refusal("/v1/products/bare/inventoryrecords") == "ProductInventoryMustExist"


async def test_address_is_the_owners(api: Api) -> None:
    """IRC-2, ADR-4: of the seller or of the supplier that owns the record; it cannot be deleted under it."""
    http = await product(api)
    await api.buyer("b")
    await api.supplier("s")
    for company in ("buyers/b", "suppliers/s"):
        name = company[0]
        await checked(http.put(f"/v1/{company}/addresses/{name}", json=ADDRESS), 200)
    cases: list[tuple[str | None, str, int]] = [
        (None, "w", 201),
        (None, "b", 404),
        (None, "s", 404),
        (None, "nope", 404),
        ("s", "w", 404),
        ("S", "s", 201),
        ("nope", "w", 404),
    ]
    for owner, address, status in cases:
        body = {"OwnerID": owner, "AddressID": address}
        await checked(http.post(RECORDS, json=body), status)
    await record(http, 1, ID="r")
    await checked(http.patch(f"{RECORDS}/r", json={"AddressID": "s"}), 404)
    for url in ("/v1/addresses/w", "/v1/suppliers/s/addresses/s", "/v1/suppliers/s"):
        refused = await checked(http.delete(url), 400)
        assert codes(refused) == ["Address.CannotDeleteInventoryRecordAddress"]
    await checked(http.delete(PRODUCT), 204)
    for url in ("/v1/addresses/w", "/v1/suppliers/s/addresses/s", "/v1/suppliers/s"):
        await checked(http.delete(url), 204)


async def test_suppliers(api: Api) -> None:
    """ORG-3, ORG-4, SUP-4: a supplier keeps records of what it sells, and sees those of others in its own products."""
    http = await product(api)
    users = {}
    for name in ("mine", "other"):
        await api.supplier(name)
        await checked(http.put(f"/v1/suppliers/{name}/addresses/a", json=ADDRESS), 200)
        users[name] = api.as_(await api.user(supplier=name), roles=["FullAccess"])
    mine, other = users["mine"], users["other"]
    own = "/v1/products/own/inventoryrecords"
    body = {"Name": "Own", "OwnerID": "mine", "Inventory": {"Enabled": True}}
    await checked(http.put("/v1/products/own", json=body), 200)
    await record(http, 1, own, ID="sellers")
    made = await record(mine, 2, own, ID="mines", OwnerID="other", AddressID="a")
    assert (made["OwnerID"], await shown(http, "/v1/products/own")) == ("mine", 3)
    page = (await checked(mine.get(own), 200)).json()["Items"]
    assert [item["ID"] for item in page] == ["mines", "sellers"]
    for verb in ("PATCH", "DELETE"):
        refused = await checked(mine.request(verb, f"{own}/sellers", json={}), 403)
        assert codes(refused) == ["Product.CannotModify"]
    await checked(other.get(own), 404)
    # The seller's product: seen by all, sold by those that are related to it.
    await checked(http.patch(PRODUCT, json={"AllSuppliersCanSell": True}), 200)
    refused = await checked(other.post(RECORDS, json={"AddressID": "a"}), 403)
    assert codes(refused) == ["Product.CannotModify"]
    for name in users:
        await checked(http.put(f"{PRODUCT}/suppliers/{name}"), 204)
    await record(http, 1, ID="sellers")
    await record(mine, 2, ID="mines", AddressID="a")
    await record(other, 4, ID="others", AddressID="a")
    assert await shown(http) == 7
    assert [item["ID"] for item in (await mine.get(RECORDS)).json()["Items"]] == ["mines"]
    await checked(mine.get(f"{RECORDS}/others"), 404)
    await checked(mine.put(f"{RECORDS}/others", json={"AddressID": "a"}), 409)
    buyer = api.as_(await api.user(buyer=await api.buyer()), roles=["FullAccess"])
    await checked(buyer.get(RECORDS), 404)


@pytest.mark.parametrize("url", [RECORDS, VARIANT])
async def test_assignments(url: str, api: Api) -> None:
    """IRC-4, ASG-1 to ASG-6: to buyers and groups, of the product's records or the variant's."""
    http = await (product(api) if url == RECORDS else variants(api))
    for buyer in ("b", "c"):
        await api.buyer(buyer)
        await checked(http.put(f"/v1/buyers/{buyer}/usergroups/g", json={"Name": "G"}), 200)
    for name in ("r1", "r2"):
        await record(http, 1, url, ID=name)
    if url == VARIANT:
        await record(http, 1, OTHER_VARIANT, ID="r1")
    rows: list[dict[str, Any]] = [
        {"InventoryRecordID": "r1", "BuyerID": "b", "UserGroupID": None},
        {"InventoryRecordID": "r1", "BuyerID": "b", "UserGroupID": "g"},
        {"InventoryRecordID": "r2", "BuyerID": "c", "UserGroupID": None},
    ]
    for row in (*rows, rows[0]):
        saved = await checked(http.post(f"{url}/assignments", json=row), 204)
        assert saved.content == b""
    for query, expected in (
        ("", rows),
        ("buyerID=B", rows[:2]),
        ("inventoryRecordID=r2", rows[2:]),
        ("userGroupID=g", rows[1:2]),
        ("level=Company", [rows[0], rows[2]]),
        ("level=Group", rows[1:2]),
    ):
        page = (await checked(http.get(f"{url}/assignments?{query}"), 200)).json()
        assert page["Items"] == expected
        assert page["Meta"]["TotalCount"] == len(expected)
    elsewhere = RECORDS if url == VARIANT else "/v1/products/none/inventoryrecords"
    await checked(http.post(f"{elsewhere}/assignments", json=rows[0]), 404)
    bad: list[tuple[dict[str, Any], int]] = [
        ({"InventoryRecordID": "nope", "BuyerID": "b"}, 404),
        ({"InventoryRecordID": "r1", "BuyerID": "nope"}, 404),
        ({"InventoryRecordID": "r1", "BuyerID": "b", "UserGroupID": "nope"}, 404),
        ({"InventoryRecordID": "r1"}, 400),
    ]
    for row, status in bad:
        await checked(http.post(f"{url}/assignments", json=row), status)
    refused = await checked(http.delete(f"{url}/r1/assignments?buyerID=b&userID=u"), 400)
    assert codes(refused) == ["PartyAssignment.UserLevelNotAllowed"]
    await checked(http.patch(f"{url}/r1", json={"ID": "new"}), 200)
    await checked(http.delete(f"{url}/new/assignments?buyerID=b"), 204)
    await checked(http.delete(f"{url}/new/assignments?buyerID=b"), 404)
    page = (await checked(http.get(f"{url}/assignments"), 200)).json()
    assert page["Items"] == [rows[1] | {"InventoryRecordID": "new"}, rows[2]]
    await checked(http.delete(f"{url}/new"), 204)
    assert (await http.get(f"{url}/assignments")).json()["Items"] == rows[2:]


async def test_suppliers_assign_their_own(api: Api) -> None:
    """ORG-4: of the records of its own product a supplier assigns those that it keeps; those of others elsewhere do not
    exist.
    """
    http = await product(api)
    await api.buyer("b")
    await api.supplier("s")
    await checked(http.put("/v1/suppliers/s/addresses/a", json=ADDRESS), 200)
    supplier = api.as_(await api.user(supplier="s"), roles=["FullAccess"])
    await checked(http.put(f"{PRODUCT}/suppliers/s"), 204)
    body = {"Name": "Own", "OwnerID": "s", "Inventory": {"Enabled": True}}
    await checked(http.put("/v1/products/own", json=body), 200)
    for url, refused in (("/v1/products/own/inventoryrecords", 403), (RECORDS, 404)):
        await record(http, 1, url, ID="sellers")
        await record(supplier, 1, url, ID="own", AddressID="a")
        for name, saved, deleted in (("own", 204, 204), ("sellers", refused, refused)):
            row = {"InventoryRecordID": name, "BuyerID": "b"}
            await checked(supplier.post(f"{url}/assignments", json=row), saved)
            await checked(http.post(f"{url}/assignments", json=row), 204)
            page = (await checked(supplier.get(f"{url}/assignments"), 200)).json()["Items"]
            seen = name == "own" or refused == 403
            assert (name in [item["InventoryRecordID"] for item in page]) is seen
            await checked(supplier.delete(f"{url}/{name}/assignments?buyerID=b"), deleted)


async def test_records_of_open_orders_stay(api: Api) -> None:
    """IRC-7: as long as an order waits for approval or is open, of the very variant."""
    http = await variants(api)
    for url in (VARIANT, OTHER_VARIANT):
        await record(http, 1, url, ID="r")
    shopper = api.as_(await api.user(buyer=await api.buyer()), roles=["Shopper"])
    await checked(shopper.post("/v1/orders/Outgoing", json={"ID": "o"}), 201)
    line = """
        INSERT INTO line_items (marketplace_id, order_key, "ID", "ProductID", "InventoryRecordID", "Variant")
        SELECT $1, key, 'l', 'p', 'r', '{"ID": "V1"}' FROM orders WHERE marketplace_id = $1
    """
    await api.execute(line)
    for status, answer in (("AwaitingApproval", 400), ("Open", 400), ("Completed", 204)):
        await api.execute('UPDATE orders SET "Status" = $2 WHERE marketplace_id = $1', status)
        refused = await checked(http.delete(f"{VARIANT}/r"), answer)
        if answer == 400:
            assert codes(refused) == ["InventoryRecord.OpenOrdersExist"]
            await checked(http.get(f"{VARIANT}/r"), 200)
    await api.execute("UPDATE orders SET \"Status\" = 'Open' WHERE marketplace_id = $1")
    await checked(http.delete(f"{OTHER_VARIANT}/r"), 204)


async def test_no_sum_is_lost(api: Api) -> None:
    """HTTP-4: records that change at the same time all count."""
    http = await product(api)
    for number in range(4):
        await record(http, 1, ID=f"r{number}")
    answers = await asyncio.gather(
        *(
            http.patch(f"{RECORDS}/r{number % 4}", json={"QuantityAvailable": 10 + number})
            for number in range(12)
        ),
        *(http.post(RECORDS, json={"AddressID": "w", "QuantityAvailable": 100}) for _ in range(4)),
    )
    assert {answer.status_code for answer in answers} == {200, 201}
    items = (await checked(http.get(RECORDS), 200)).json()["Items"]
    assert len(items) == 8
    assert await shown(http) == sum(item["QuantityAvailable"] for item in items)
    answers = await asyncio.gather(*(http.delete(f"{RECORDS}/{item['ID']}") for item in items))
    assert {answer.status_code for answer in answers} == {204}
    assert await shown(http) == 50
