"""Lists of lines: those of one order, of the cart, and of all submitted orders (LST-4, CART-2)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
import pytest
from tests.api.marketplace import Api, codes
from tests.api.shop import line_of, open_shop, order_of
from tests.api.test_order_lists import become
from tests.api.test_submit import counted
from tests.api.uniform.subjects import checked


async def lines(http: httpx.AsyncClient, path: str, query: str = "") -> list[str]:
    """`order/line` of a page, or the lines' IDs where the items have no order."""
    page = (await checked(http.get(f"/v1/{path}?{quote(query, safe='=&!,./*')}"), 200)).json()
    assert page["Meta"]["TotalCount"] == len(page["Items"])
    return ["/".join(filter(None, (line.get("OrderID"), line["ID"]))) for line in page["Items"]]


async def test_lines_of_an_order(api: Api) -> None:
    """LI-2, SRCH-2, SRCH-6: in the order of adding; whoever sees the order sees its lines, nobody else."""
    shop = await open_shop(api)
    await shop.product("desk", (1, 10))
    await shop.product("chair", (1, 4))
    owner, http = await shop.shopper()
    colleague, _ = await shop.shopper()
    path = "orders/Outgoing/O/lineitems"
    await order_of(http, ID="O")
    assert await lines(http, path) == []
    made = [
        await line_of(http, "O", product, quantity, ID=line, xp={"n": quantity})
        for line, product, quantity in (("z", "desk", 1), ("a", "chair", 2), ("M", "desk", 3))
    ]
    page = (await http.get(f"/v1/{path}")).json()
    assert [line["ID"] for line in page["Items"]] == ["z", "a", "M"]
    assert page["Items"][0] | {"LastUpdated": None} == made[0] | {"LastUpdated": None}
    assert page["Items"][1] == (await http.get(f"/v1/{path}/a")).json()
    for query, expected in {
        "sortBy=ID": ["a", "M", "z"],
        "sortBy=!ProductID,ID": ["M", "z", "a"],
        "search=es": ["z", "M"],
        "search=z&searchOn=ID": ["z"],
        "ProductID=desk&Quantity=>2": ["M"],
        "Product.Name=chair": ["a"],
        "xp.n=<3": ["z", "a"],
        "sortBy=!xp.n": ["M", "a", "z"],
    }.items():
        assert await lines(http, path, query) == expected, query
    for query, code in {
        "sortBy=Quantity": "List.InvalidSortProperty",
        "search=a&searchOn=CostCenter": "List.InvalidSearchProperty",
        "Nope=1": "List.InvalidProperty",
        "ID|ProductID=a": "List.InvalidProperty",
    }.items():
        assert codes(await http.get(f"/v1/{path}?{query}")) == [code], query
    statuses = {
        name: (await client.get(f"/v1/{path}")).status_code
        for name, client in {
            "reader": api.as_(colleague, roles=["OrderReader"]),
            "reader of all": api.as_(colleague, roles=["OrderReader", "UnsubmittedOrderReader"]),
            "shopper": api.as_(colleague, roles=["Shopper"]),
            "owner": api.as_(owner, roles=["OrderReader"]),
            "none": api.as_(owner, roles=["MeAdmin"]),
        }.items()
    }
    assert statuses == {"reader": 404, "reader of all": 200, "shopper": 404, "owner": 200, "none": 403}
    assert (await api.seller.get(f"/v1/{path}")).status_code == 404, "that is Incoming to the seller"
    assert await lines(api.seller, "orders/Incoming/O/lineitems", "pageSize=3") == ["z", "a", "M"]


async def test_what_only_the_seller_sees(api: Api) -> None:
    """LI-4: the orders before and after one are the seller's affair, in items as in filters."""
    callers = await open_warehouse(api)
    await api.execute(
        "UPDATE line_items SET \"IncomingOrderID\" = 'I', \"OutgoingOrderID\" = 'X' WHERE marketplace_id = $1"
    )
    for name, path, found in (
        ("seller", "lineitems/All", 4),
        ("supplier", "lineitems/All", 1),
        ("seller", "orders/All/D/lineitems", 1),
        ("supplier", "orders/All/D/lineitems", 1),
        ("buyer", "orders/All/D/lineitems", 1),
    ):
        shown = ("I", "X") if name == "seller" else (None, None)
        page = (await checked(callers[name].get(f"/v1/{path}"), 200)).json()
        assert [(line["IncomingOrderID"], line["OutgoingOrderID"]) for line in page["Items"]] == [
            shown
        ] * found
        for query in ("IncomingOrderID=I", "OutgoingOrderID=*"):
            assert len(await lines(callers[name], path, query)) == (found if name == "seller" else 0)
    for name, count in (("seller", 3), ("supplier", 0), ("buyer", 0)):
        path = "/v1/orders/All?LineItems.OutgoingOrderID=x"
        assert len((await callers[name].get(path)).json()["Items"]) == count


async def test_lines_of_the_cart(api: Api) -> None:
    """CART-2, CART-3: an empty page without a cart; then as those of the order."""
    shop = await open_shop(api)
    await shop.product("P", (1, 10))
    _, http = await shop.shopper()
    empty = (await http.get("/v1/cart/lineitems?pageSize=7")).json()
    assert (empty["Items"], empty["Meta"]["TotalCount"], empty["Meta"]["PageSize"]) == ([], 0, 7)
    await checked(http.post("/v1/cart/lineitems", json={"ProductID": "P", "ID": "L"}), 201)
    assert await lines(http, "cart/lineitems", "search=l") == ["L"]
    assert codes(await http.get("/v1/cart/lineitems?sortBy=Quantity")) == ["List.InvalidSortProperty"]
    assert (await api.seller.get("/v1/cart/lineitems")).status_code == 403


async def open_warehouse(api: Api) -> dict[str, httpx.AsyncClient]:
    """Submitted orders to the seller and to a supplier, one in the making; readers of the lines."""
    shop = await open_shop(api)
    await shop.put("suppliers/S", AllBuyersCanOrder=True)
    supplier = await api.user(supplier="S")
    await shop.product("desk", (1, 10), Description="Oak", xp={"Legs": 4})
    await shop.product("chair", (1, 4))
    await shop.put("products/desk", DefaultPriceScheduleID="desk", Description="Oak", DefaultSupplierID="S")
    user, http = await shop.shopper()
    for day, (order, to, wanted) in enumerate(
        (
            ("A", None, (("1", "desk", 1), ("2", "chair", 5))),
            ("B", None, (("1", "chair", 2),)),
            ("D", "S", (("7", "desk", 1),)),
            ("M", None, (("1", "desk", 9),)),
        )
    ):
        facts: dict[str, Any] = {} if to is None else {"ToCompanyID": to}
        await order_of(http, ID=order, xp={"Color": "red" if order == "A" else "blue"}, **facts)
        for line, product, quantity in wanted:
            await line_of(http, order, product, quantity, ID=line, CostCenter=f"Cost {order}")
        if order != "M":
            await become(api, order, "Open" if order != "B" else "Completed", submitted=True, day=-day)
    reader = await api.user()
    return {
        "seller": api.as_(reader, roles=["OrderReader"]),
        "supplier": api.as_(supplier, roles=["OrderReader"]),
        "buyer": api.as_(user, roles=["OrderReader", "FullAccess"]),
        "shopper": api.as_(reader, roles=["Shopper"]),
    }


ACROSS: dict[str, list[str]] = {
    "": ["A/1", "A/2", "B/1", "D/7"],
    "sortBy=Order.DateSubmitted": ["D/7", "B/1", "A/1", "A/2"],
    "sortBy=!Order.DateSubmitted,!Quantity": ["A/2", "A/1", "B/1", "D/7"],
    "sortBy=Order.Total,ID": ["B/1", "D/7", "A/1", "A/2"],
    "sortBy=order.xp.Color,!ID": ["D/7", "B/1", "A/2", "A/1"],
    "Order.ID=a": ["A/1", "A/2"],
    "OrderID=B": ["B/1"],
    "Order.DateSubmitted=<3/20/2021": ["B/1", "D/7"],
    "Order.Status=!Completed&ProductID=desk": ["A/1", "D/7"],
    "Order.xp.Color=blue": ["B/1", "D/7"],
    "Order.FromUser.LastName=Last&Quantity=>1": ["A/2", "B/1"],
    "Product.ID=desk": ["A/1", "D/7"],
    "Product.DefaultSupplierID=S": ["A/1", "D/7"],
    "SupplierID=S": ["D/7"],
    "ProductID|CostCenter=chair|cost d": ["A/2", "B/1", "D/7"],
    "Order.ID|Order.ToCompanyID=B|S": ["B/1", "D/7"],
    "search=chairs": ["A/2", "B/1"],
    "search=desk chair&sortBy=Order.ID": ["A/1", "A/2", "B/1", "D/7"],
    "search=oak&searchOn=Product.Description": ["A/1", "D/7"],
    "search=s&searchOn=Order.ToCompanyID,Order.ID": ["D/7"],
    "search=blue&searchOn=Order.xp.*": ["B/1", "D/7"],
    "search=cost a&searchOn=CostCenter&searchType=ExactPhrase": ["A/1", "A/2"],
    "buyerID=B&supplierID=S": ["D/7"],
    "from=3/20/2099": [],
    "to=3/20/2099": ["A/1", "A/2", "B/1", "D/7"],
    "Order.IsSubmitted=false": [],
    "order.ID=A": [],
}
"""Query -> order and line, as the seller sees them in All."""
REFUSED = {
    "sortBy=ID": "LineItem.MustSortByOrderFirst",
    "sortBy=xp.a": "LineItem.MustSortByOrderFirst",
    "sortBy=OrderID,Order.ID": "LineItem.MustSortByOrderFirst",
    "ID|Order.ID=A": "LineItem.CannotFilterByOrderOrLineItem",
    "Order.xp.a|xp.a=A": "LineItem.CannotFilterByOrderOrLineItem",
    "search=a&searchOn=ID,Order.ID": "LineItem.CannotSearchByOrderOrLineItem",
    "search=a&searchOn=xp.a,Order.xp.a": "LineItem.CannotSearchByOrderOrLineItem",
    "sortBy=Nope": "List.InvalidProperty",
    "sortBy=Order": "List.InvalidSortProperty",
    "Order.Total=much": "List.InvalidType",
    "from=soon": "List.InvalidType",
}


async def test_lines_across_orders(api: Api) -> None:
    """LST-4: lines of submitted orders alone, each with its order; one level at a time, orders before lines."""
    callers = await open_warehouse(api)
    seller = callers["seller"]
    for query, expected in ACROSS.items():
        assert await lines(seller, "lineitems/All", query) == expected, query
    for query, code in REFUSED.items():
        refused = await seller.get(f"/v1/lineitems/All?{quote(query, safe='=&!,./*')}")
        assert (refused.status_code, codes(refused)) == (400, [code]), query
    assert await lines(seller, "lineitems/incoming") == ["A/1", "A/2", "B/1"]
    assert await lines(seller, "lineitems/Outgoing") == []
    assert await lines(callers["supplier"], "lineitems/All") == ["D/7"]
    assert await lines(callers["supplier"], "lineitems/Incoming", "SupplierID=S&Order.ID=A") == []
    assert await lines(callers["supplier"], "lineitems/Outgoing") == []
    assert (await callers["buyer"].get("/v1/lineitems/Outgoing")).status_code == 403
    assert (await callers["shopper"].get("/v1/lineitems/All")).status_code == 403
    assert (await seller.get("/v1/lineitems/sideways")).status_code == 404


async def test_statements(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """One statement for a page of orders, or of lines across orders; one more for the order that lines belong to."""
    callers = await open_warehouse(api)
    for path, most in (
        ("orders/All?search=a&LineItems.ProductID=desk", 1),
        ("orders/All?pageSize=1", 1),
        ("orders/All?IsSubmitted=false", 2),
        ("lineitems/All?pageSize=2&sortBy=Order.Total", 1),
        ("orders/All/A/lineitems", 2),
        ("orders/All?ID=none", 2),
        ("orders/All/A/lineitems?ID=none", 3),
    ):
        await callers["seller"].get(f"/v1/{path}")
        with counted(monkeypatch) as sent:
            await checked(callers["seller"].get(f"/v1/{path}"), 200)
        assert len(sent) <= most, (path, sent)


async def test_an_extended_line(api: Api) -> None:
    """LST-4, LIST-6: the line and its order as they are by themselves; NextPageKey leads through all pages."""
    seller = (await open_warehouse(api))["seller"]
    query = "sortBy=!Order.ID&pageSize=1&to=3/20/2099&supplierID=S|x"
    assert await lines(seller, "lineitems/All", query) == []
    found, path = [], "sortBy=!Order.ID,ID&pageSize=2&ProductID=*"
    while path:
        page = (await checked(seller.get(f"/v1/lineitems/All?{path}"), 200)).json()
        assert page["Meta"]["TotalCount"] == 4
        found += page["Items"]
        path = page["Meta"]["NextPageKey"] and f"pageKey={page['Meta']['NextPageKey']}"
    assert [(line["OrderID"], line["ID"]) for line in found] == [
        ("D", "7"),
        ("B", "1"),
        ("A", "1"),
        ("A", "2"),
    ]
    for line in found:
        plain = (await seller.get(f"/v1/orders/All/{line['OrderID']}/lineitems/{line['ID']}")).json()
        order = (await seller.get(f"/v1/orders/All/{line['OrderID']}")).json()
        assert line == plain | {"OrderID": order["ID"], "Order": order}
