"""What becomes of a guest's order: Me.Register and Me.TransferAnonUserOrder (ANO-1, ANO-2, MON-9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, codes
from tests.api.shop import Shop, get_order, line_of, open_shop, order_of
from tests.api.test_order_lists import become
from tests.api.uniform.subjects import checked

NEW = {
    "ID": "new",
    "Username": "newcomer",
    "FirstName": "N",
    "LastName": "C",
    "Email": "n@x.org",
    "Active": True,
}


@dataclass
class Guest:
    """An anonymous shopper with an order of two pieces at the template's price, 10 each."""

    http: httpx.AsyncClient
    token: str
    order: str

    async def hand_over(self, http: httpx.AsyncClient) -> httpx.Response:
        """What a profiled shopper does with the guest's token."""
        return await http.put("/v1/me/orders", params={"anonUserToken": self.token})


async def open_storefront(api: Api) -> tuple[Shop, Guest]:
    """Guests shop as a user of buyer B. Group G pays 8 in EUR, buyer X pays 7."""
    shop = await open_shop(api)
    await shop.product("P", (1, 10))
    await shop.put("buyers/B/usergroups/G")
    await shop.put("locales/eu", Currency="EUR", Language="de-DE")
    await shop.post("locales/assignments", LocaleID="eu", BuyerID="B", UserGroupID="G")
    await shop.schedule("members", (1, 8), Currency="EUR")
    row = {"ProductID": "P", "PriceScheduleID": "members", "BuyerID": "B", "UserGroupID": "G"}
    await shop.post("products/assignments", **row)
    await shop.put("buyers/X", DefaultCatalogID="C")
    await shop.post(
        "catalogs/assignments", CatalogID="C", BuyerID="X", ViewAllCategories=True, ViewAllProducts=True
    )
    await shop.schedule("others", (1, 7))
    await shop.post("products/assignments", ProductID="P", PriceScheduleID="others", BuyerID="X")
    template = await api.user(buyer="B", roles=["Shopper"])
    client = await api.api_client(
        allow_any_buyer=True, is_anonymous=True, default_context_user=template.key, access_duration=30
    )
    answer = await api.grant(grant_type="client_credentials", client_id=client, scope="Shopper")
    token = answer.json()["access_token"]
    http = api.with_token(token)
    order = await order_of(http, xp={"a": 1}, Comments="c")
    await checked(
        http.patch(f"/v1/orders/Outgoing/{order['ID']}/fromuser", json={"Email": "guest@x.org"}), 200
    )
    await line_of(http, order["ID"], "P", 2, ID="L")
    assert (await get_order(http, order["ID"]))["Total"] == 20
    return shop, Guest(http, token, order["ID"])


def facts(order: dict[str, Any]) -> tuple[Any, ...]:
    """Whose an order is, and what it costs."""
    names = ("FromUserID", "FromCompanyID", "Currency", "Total", "Status")
    return (*(order[name] for name in names), order["FromUser"]["Email"])


async def test_transfer(api: Api) -> None:
    """ANO-2: the order is the caller's, at the caller's prices and currency; its other orders stay as they are."""
    shop, guest = await open_storefront(api)
    user, http = await shop.shopper("G")
    other = await order_of(http, ID="other")
    await line_of(http, "other", "P", 3)
    before = await get_order(http, "other")
    answer = await guest.hand_over(http)
    assert (answer.status_code, answer.content) == (204, b"")
    order = await get_order(http, guest.order)
    assert facts(order) == (user.id, "B", "EUR", 16, "Unsubmitted", f"{user.id}@example.com")
    assert (order["xp"], order["Comments"], order["LineItemCount"]) == ({"a": 1}, "c", 1)
    assert order["LastUpdated"] > order["DateCreated"]
    line = (await http.get(f"/v1/orders/Outgoing/{guest.order}/lineitems/L")).json()
    assert (line["UnitPrice"], line["PriceScheduleID"], line["Quantity"]) == (8, "members", 2)
    assert await get_order(http, other["ID"]) == before
    assert (await guest.http.get(f"/v1/orders/Outgoing/{guest.order}")).status_code == 404
    assert (await guest.http.get("/v1/cart")).json()["ID"] is None
    assert (await guest.hand_over(http)).status_code == 204, "there is nothing left to take over"
    assert await get_order(http, guest.order) == order
    await checked(http.patch(f"/v1/orders/Outgoing/{guest.order}", json={"Comments": "mine"}), 200)


async def test_transfer_to_another_company(api: Api) -> None:
    """ANO-2: FromCompanyID is the caller's; addresses of the former company are copies that have no ID there."""
    shop, guest = await open_storefront(api)
    await shop.put("buyers/B/addresses/A", Street1="1 Quay", City="Hull", Country="GB")
    await shop.post("buyers/B/addresses/assignments", AddressID="A", IsShipping=True, IsBilling=True)
    url = f"/v1/orders/Outgoing/{guest.order}"
    await checked(guest.http.patch(url, json={"ShippingAddressID": "A", "BillingAddressID": "A"}), 200)
    user, http = await shop.shopper(buyer="X")
    await checked(guest.hand_over(http), 204)
    order = await get_order(http, guest.order)
    assert facts(order) == (user.id, "X", None, 14, "Unsubmitted", f"{user.id}@example.com")
    line = (await http.get(f"{url}/lineitems/L")).json()
    assert (order["BillingAddressID"], order["ShippingAddressID"], line["ShippingAddressID"]) == (None,) * 3
    assert (order["BillingAddress"]["City"], line["ShippingAddress"]["City"]) == ("Hull", "Hull")
    colleague = api.as_(await api.user(buyer="B"), roles=["FullAccess"])
    assert (await colleague.get(url)).status_code == 404


async def test_transfer_of_a_submitted_order(api: Api) -> None:
    """MON-9: what is submitted keeps its prices; it changes its owner alone."""
    shop, guest = await open_storefront(api)
    await become(api, guest.order, "Open", submitted=True)
    user, http = await shop.shopper("G")
    await checked(guest.hand_over(http), 204)
    order = await get_order(http, guest.order)
    assert facts(order) == (user.id, "B", None, 20, "Open", f"{user.id}@example.com")
    mine = (await http.get("/v1/me/orders")).json()["Items"]
    assert [each["ID"] for each in mine] == [guest.order]


async def test_an_id_that_the_company_has(api: Api) -> None:
    """ORD-2: nothing is moved onto another order."""
    shop, guest = await open_storefront(api)
    await shop.put("suppliers/S", AllBuyersCanOrder=True)
    _, http = await shop.shopper(buyer="X")
    await order_of(http, ID=guest.order, ToCompanyID="S")
    answer = await guest.hand_over(http)
    assert (answer.status_code, codes(answer)) == (409, ["IdExists"])
    assert (await get_order(guest.http, guest.order))["FromCompanyID"] == "B"


async def test_register(api: Api) -> None:
    """ANO-2: Me.Register moves the order by itself; a guest without one registers all the same."""
    _, guest = await open_storefront(api)
    params = {"anonUserToken": guest.token}
    answer = await checked(guest.http.put("/v1/me/register", params=params, json=NEW), 200)
    http = api.with_token(answer.json()["access_token"])
    order = await get_order(http, guest.order)
    assert facts(order) == ("new", "B", None, 20, "Unsubmitted", "n@x.org")
    assert (await http.get("/v1/cart")).json()["ID"] == guest.order
    assert (await guest.http.get(f"/v1/orders/Outgoing/{guest.order}")).status_code == 404


@pytest.mark.parametrize("token", ["profiled", "other", "", "x.y.z"])
async def test_whose_token(api: Api, other: Api, token: str) -> None:
    """ANO-2: only an anonymous shopper's token of this marketplace names an order."""
    shop, guest = await open_storefront(api)
    user, http = await shop.shopper()
    foreign = await other.user(buyer=await other.buyer())
    sent = {
        "profiled": api.token(user, ["Shopper"]),
        "other": other.token(foreign, ["Shopper"], order_id=guest.order),
    }.get(token, token)
    answer = await http.put("/v1/me/orders", params={"anonUserToken": sent})
    assert (answer.status_code, codes(answer)) == (400, ["Auth.MustPassAnonUserToken"])
    assert (await get_order(guest.http, guest.order))["Total"] == 20
