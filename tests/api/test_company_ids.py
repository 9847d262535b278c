"""IDs of companies that change hands, and that companies of several kinds share (ORG-1, security 3 and 4)."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.api.marketplace import Api, codes
from tests.api.uniform.subjects import checked

from entrepot.storage import migrate

PEOPLE = ["FullAccess"]


async def purchase(api: Api, supplier: str, order: str) -> None:
    """An order of the seller to a supplier."""
    body = {"ID": order, "ToCompanyID": supplier, "Comments": "secret purchase order"}
    await checked(api.seller.post("/v1/orders/outgoing", json=body), 201)


async def test_nobody_takes_what_a_deleted_supplier_was(api: Api) -> None:
    """Neither by a rename nor anew, as long as orders name it; and as its own the ID stays the supplier's."""
    for supplier in ("sold", "sb"):
        await api.supplier(supplier)
    await purchase(api, "sold", "po-1")
    await checked(api.seller.patch("/v1/suppliers/sold", json={"ID": "Sold"}), 200)
    await checked(api.seller.delete("/v1/suppliers/SOLD"), 204)
    sb = api.as_(await api.user(supplier="sb"), roles=PEOPLE)
    for http, verb, url in (
        (sb, "PATCH", "suppliers/sb"),
        (sb, "PUT", "suppliers/sb"),
        (api.seller, "PATCH", "suppliers/sb"),
        (api.seller, "POST", "suppliers"),
        (api.seller, "PUT", "suppliers/sold"),
    ):
        refused = await checked(http.request(verb, f"/v1/{url}", json={"ID": "sold", "Name": "New"}), 409)
        assert refused.json()["Errors"][0]["Data"] == {"ObjectType": "Supplier", "ObjectID": "sold"}
        assert codes(refused) == ["IdExists"]
    await checked(sb.get("/v1/orders/incoming/po-1"), 404)
    order = (await checked(api.seller.get("/v1/orders/all/po-1"), 200)).json()
    assert (order["ToCompanyID"], order["Comments"]) == ("Sold", "secret purchase order")
    # A buyer of that ID is another company; and once nothing names it the ID is free.
    await checked(api.seller.post("/v1/buyers", json={"ID": "sold", "Name": "B"}), 201)
    await checked(api.seller.delete("/v1/orders/all/po-1"), 204)
    await checked(api.seller.post("/v1/suppliers", json={"ID": "sold", "Name": "S"}), 201)


async def test_of_one_id(api: Api) -> None:
    """A buyer and a supplier that share an ID see each its own orders, in either direction."""
    await api.buyer("twin")
    await api.supplier("twin")
    buyer = api.as_(await api.user(buyer="twin"), roles=PEOPLE)
    supplier = api.as_(await api.user(supplier="twin"), roles=PEOPLE)
    await purchase(api, "twin", "to-supplier")
    await checked(buyer.post("/v1/orders/outgoing", json={"ID": "of-buyer"}), 201)
    for http, sees, not_sees in ((buyer, "of-buyer", "to-supplier"), (supplier, "to-supplier", "of-buyer")):
        for direction in ("incoming", "outgoing", "all"):
            listed = await checked(http.get(f"/v1/orders/{direction}?IsSubmitted=false"), 200)
            assert not_sees not in [each["ID"] for each in listed.json()["Items"]]
            await checked(http.get(f"/v1/orders/{direction}/{not_sees}"), 404)
        await checked(http.get(f"/v1/orders/all/{sees}"), 200)
    await checked(api.seller.delete("/v1/buyers/twin"), 204)
    await checked(supplier.get("/v1/orders/incoming/to-supplier"), 200)


@pytest.mark.parametrize("kind", ["buyer", "supplier"])
async def test_whoever_has_the_marketplaces_id_is_not_the_seller(api: Api, kind: str) -> None:
    """Such companies may be there from before: the kind beside the ID keeps them from what the seller has ordered."""
    await api.supplier("s")
    await purchase(api, "s", "po-1")
    shopper = api.as_(await api.user(buyer=await api.buyer()), roles=["Shopper"])
    await checked(shopper.post("/v1/orders/outgoing", json={"ID": "to-seller"}), 201)
    make = api.buyer if kind == "buyer" else api.supplier
    company = await make(api.marketplace)
    http = api.as_(await api.user(**{kind: company}), roles=PEOPLE)
    for order in ("po-1", "to-seller"):
        for direction in ("incoming", "outgoing", "all"):
            await checked(http.get(f"/v1/orders/{direction}/{order}"), 404)
            await checked(http.patch(f"/v1/orders/{direction}/{order}", json={"Comments": "x"}), 404)
    for submitted in ("true", "false"):
        page = await checked(http.get(f"/v1/orders/all?IsSubmitted={submitted}"), 200)
        assert page.json()["Items"] == []
    for path in ("orderreturns", "shipments", "subscriptions"):
        assert (await checked(http.get(f"/v1/{path}"), 200)).json()["Items"] == []
    await checked(api.seller.delete(f"/v1/{kind}s/{company}"), 204)
    for order in ("po-1", "to-seller"):
        await checked(api.seller.get(f"/v1/orders/all/{order}"), 200)


async def test_the_migration_tells_the_kinds(api: Api) -> None:
    """Of orders from before: by the companies' IDs, and where a buyer has the marketplace's by the order's user."""
    await api.supplier("s")
    await purchase(api, "s", "po-1")
    shopper = api.as_(await api.user(buyer=await api.buyer()), roles=["Shopper"])
    legacy = api.as_(await api.user(buyer=await api.buyer(api.marketplace)), roles=["Shopper"])
    for http, order in ((shopper, "of-buyer"), (legacy, "of-legacy")):
        await checked(http.post("/v1/orders/outgoing", json={"ID": order}), 201)
    kinds = 'SELECT "ID", from_seller, to_seller FROM orders WHERE marketplace_id = $1 ORDER BY "ID"'
    expected = [("of-buyer", False, True), ("of-legacy", False, True), ("po-1", True, False)]
    assert [tuple(row) for row in await api.rows(kinds)] == expected
    await api.execute("UPDATE orders SET from_seller = false, to_seller = false WHERE marketplace_id = $1")
    steps = Path(migrate.__file__).parent / "migrations" / "versions" / "0009_kinds_of_companies.sql"
    updates = [step for step in steps.read_text().split(";\n") if step.startswith("UPDATE")]
    assert len(updates) == 2
    for update in updates:
        await api.server.database.execute(update)
    assert [tuple(row) for row in await api.rows(kinds)] == expected


@pytest.mark.parametrize("kind", ["supplier", "buyer"])
async def test_who_renames_its_company_goes_on_at_once(api: Api, kind: str) -> None:
    """ORG-2: the first thing that it asks for is its company by the new ID; the former one is no company any more."""
    await getattr(api, kind)("former")
    people = api.as_(await api.user(**{kind: "former"}), roles=PEOPLE)
    await checked(people.patch(f"/v1/{kind}s/former", json={"ID": "renamed"}), 200)
    await checked(people.get(f"/v1/{kind}s/renamed"), 200)
    await checked(people.get(f"/v1/{kind}s/former"), 404)
    await checked(people.patch(f"/v1/{kind}s/renamed", json={"ID": "again"}), 200)
    await checked(people.get(f"/v1/{kind}s/again/users"), 200)
