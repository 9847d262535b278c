"""Lists of orders: who sees which (ORD-1 to ORD-3), and what they are searched, filtered and sorted by (LST-1 to LST-3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from tests.api.marketplace import Api, User, codes
from tests.api.shop import line_of, open_shop, order_of
from tests.api.uniform.subjects import checked

from entrepot.kernel.ids import new_id

BECOME = """
UPDATE orders SET "Status" = $3, "IsSubmitted" = $4, "DateSubmitted" = CASE WHEN $4 THEN $5::timestamptz END
WHERE marketplace_id = $1 AND "ID" = $2
"""
START = datetime(2021, 3, 20, tzinfo=UTC)
DIRECTIONS = ("Outgoing", "Incoming", "All")
READER, MORE, ADMIN = "OrderReader", "UnsubmittedOrderReader", "OrderAdmin"


async def become(api: Api, order: str, status: str, *, submitted: bool, day: int = 0) -> None:
    """Put an order into a status, behind the server's back; `day` tells when it was submitted."""
    await api.execute(BECOME, order, status, submitted, START + timedelta(days=day))


async def listed(http: httpx.AsyncClient, path: str, query: str = "") -> list[str]:
    """The IDs of a page, in order; its total is that of its items."""
    page = (await checked(http.get(f"/v1/{path}?pageSize=100&{query}"), 200)).json()
    assert page["Meta"]["TotalCount"] == len(page["Items"])
    return [order["ID"] for order in page["Items"]]


@dataclass
class Office:
    """Orders of every kind, and callers of every kind."""

    owner: User
    orders: dict[str, bool] = field(default_factory=dict)
    """By ID, whether submitted."""
    callers: dict[str, httpx.AsyncClient] = field(default_factory=dict)


async def open_office(api: Api) -> Office:
    """Shopper U of buyer B, its colleagues, approver V, another buyer's user X, a supplier S, the seller, a guest."""
    shop = await open_shop(api)
    await shop.put("suppliers/S", AllBuyersCanOrder=True)
    await shop.put("buyers/X")
    await shop.put("buyers/B/usergroups/G")
    owner, shopper = await shop.shopper()
    office = Office(owner)
    approver, _ = await shop.shopper("G")
    colleague, _ = await shop.shopper()
    stranger, foreign = await shop.shopper(buyer="X")
    supplier, agent = await api.user(supplier="S"), await api.user()
    reserved = new_id()
    guest = api.as_(owner, roles=["Shopper"], order_id=reserved)
    kinds = {
        "making": ("Unsubmitted", False),
        "open": ("Open", True),
        "completed": ("Completed", True),
        "canceled": ("Canceled", True),
        "withdrawn": ("Canceled", False),
        "waiting": ("AwaitingApproval", False),
        "approved": ("Open", True),
        "declined": ("Declined", False),
        "again": ("Unsubmitted", False),
    }
    for order in kinds:
        await order_of(shopper, ID=order)
    for prefix, http, to in (
        ("direct", shopper, "S"),
        ("bought", api.seller, "S"),
        ("foreign", foreign, None),
    ):
        for kind in ("making", "open"):
            await order_of(http, ID=f"{prefix}-{kind}", **({"ToCompanyID": to} if to else {}))
            kinds[f"{prefix}-{kind}"] = kinds[kind]
    await order_of(guest)
    kinds[reserved] = ("Open", True)
    for day, (order, (status, submitted)) in enumerate(kinds.items()):
        await become(api, order, status, submitted=submitted, day=day)
        office.orders[order] = submitted
    for order, status, acted in (
        ("waiting", "Pending", None),
        ("approved", "Approved", approver.key),
        ("declined", "Declined", approver.key),
        ("again", "Declined", approver.key),
        ("open", "Pending", None),
    ):
        await approval(api, order, status, acted)
    for name, user, roles in (
        ("owner", owner, (READER,)),
        ("owner who reads all", owner, (READER, MORE)),
        ("colleague", colleague, (READER,)),
        ("colleague who reads all", colleague, (READER, MORE)),
        ("administrator", colleague, (ADMIN,)),
        ("everything", colleague, ("FullAccess",)),
        ("approver", approver, (READER,)),
        ("approver and administrator", approver, (ADMIN, "Shopper")),
        ("stranger", stranger, ("FullAccess",)),
        ("supplier", supplier, (READER,)),
        ("supplier who reads all", supplier, ("FullAccess",)),
        ("seller", agent, (READER,)),
        ("seller who reads all", agent, (READER, MORE)),
        ("seller who ordered", api.admin, (READER,)),
    ):
        office.callers[name] = api.as_(user, roles=roles)
    office.callers["guest"] = api.as_(owner, roles=[READER, "Shopper"], order_id=reserved)
    return office


async def approval(api: Api, order: str, status: str, approver: int | None) -> None:
    """An approval that the group G is asked for."""
    await api.execute(
        'INSERT INTO order_approvals (marketplace_id, order_key, "ApprovalRuleID", "Status", group_key, approver_key) '
        "SELECT $1, o.key, 'R', $3, g.key, $4::bigint FROM orders o, user_groups g "
        'WHERE o.marketplace_id = $1 AND o."ID" = $2 AND g.marketplace_id = $1 AND g."ID" = \'G\'',
        order,
        status,
        approver,
    )


async def test_a_list_has_what_can_be_got(api: Api) -> None:
    """ORD-1, ORD-3, LST-2: for every kind of caller and direction, exactly the orders that it can get, by kind."""
    office = await open_office(api)
    shown: dict[str, set[str]] = {}
    for name, http in office.callers.items():
        for direction in DIRECTIONS:
            got = {
                order
                for order in office.orders
                if (await http.get(f"/v1/orders/{direction}/{order}")).status_code == 200
            }
            shown[f"{name} {direction}"] = got
            for submitted in (True, False):
                expected = {order for order in got if office.orders[order] is submitted}
                query = f"IsSubmitted={submitted}"
                assert set(await listed(http, f"orders/{direction}", query)) == expected, (
                    name,
                    direction,
                    query,
                )
                page = (await http.get(f"/v1/orders/{direction}?pageSize=1&{query}")).json()
                assert page["Meta"]["TotalCount"] == len(expected), "also where it is counted apart"
    reached = {name: set(orders) for name, orders in shown.items()}
    assert reached["approver Outgoing"] >= {"waiting", "declined", "again", "open"}
    assert not reached["approver Outgoing"] & {"making", "direct-making", "withdrawn"}
    assert {order for order in reached["owner Outgoing"] if not office.orders[order]} == {
        "making", "withdrawn", "waiting", "declined", "again", "direct-making",
    }  # fmt: skip
    assert {name for name, orders in reached.items() if not orders} == {
        *(f"{name} Incoming" for name in office.callers if not name.startswith(("supplier", "seller"))),
        *(f"supplier{more} Outgoing" for more in ("", " who reads all")),
    }
    assert reached["supplier All"] == {"direct-open", "bought-open"}
    assert len(reached["guest All"]) == 1
    for http in (office.callers["owner"], api.seller):
        assert (await http.get("/v1/orders/sideways")).status_code == 404


async def test_own_orders(api: Api) -> None:
    """LST-1, LST-2, ANO-1: Me.ListOrders has FromUser = caller, whatever the caller's roles; a guest has its own."""
    office = await open_office(api)
    owner = office.callers["owner"]
    assert (await owner.get("/v1/me/orders")).status_code == 403
    http = api.as_(office.owner, roles=["Shopper"])
    assert await listed(http, "me/orders") == ["open", "completed", "canceled", "approved", "direct-open"]
    assert set(await listed(http, "me/orders", "IsSubmitted=false")) == {
        "making", "withdrawn", "waiting", "declined", "again", "direct-making",
    }  # fmt: skip
    (reserved,) = await listed(office.callers["guest"], "me/orders")
    assert reserved not in await listed(http, "me/orders")
    both = api.as_(api.admin, roles=["FullAccess"])
    assert await listed(both, "me/orders") == ["bought-open"]
    assert await listed(both, "me/orders", "total=*") == [], "names are case-sensitive (FLT-3)"


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("", True),
        ("IsSubmitted=true", True),
        ("IsSubmitted=false", False),
        ("IsSubmitted=!true", False),
        ("IsSubmitted=*", True),
        ("Status=Open", True),
        ("Status=Completed|Open", True),
        ("Status=Canceled", True),
        ("Status=Canceled&IsSubmitted=false", False),
        ("Status=Unsubmitted", False),
        ("Status=unsubmitted|Declined", False),
        ("Status=AwaitingApproval", False),
        ("Status=Un*", False),
        ("Status=0", False),
        ("Status=!Completed", True),
        ("Status=!Unsubmitted&IsSubmitted=false", False),
        ("Status=Unsubmitted|Open", None),
        ("Status=*e*", None),
        ("Status=Unsubmitted&IsSubmitted=true", None),
        ("Status=Open&IsSubmitted=false", None),
        ("IsSubmitted=false|true", None),
        ("status=Unsubmitted", False),
        ("STATUS=open", True),
        ("status=!Unsubmitted", True),
        ("status=Unsubmitted&sortBy=!DateCreated&pageSize=1", False),
        ("isSubmitted=false", False),
        ("issubmitted=!true", False),
        ("isSubmitted=false&Status=Open", None),
        ("status=Unsubmitted|Open", None),
    ],
)
async def test_a_list_is_of_one_kind(api: Api, query: str, answer: bool | None) -> None:
    """LST-2, PREM-3, FLT-3, behaviour A5, applications F4: submitted unless a filter says otherwise, whatever the case of
    its name; never both.
    """
    await open_shop(api)
    user = await api.user(buyer="B")
    http = api.as_(user, roles=["FullAccess"])
    kinds = {
        "Unsubmitted": False,
        "AwaitingApproval": False,
        "Declined": False,
        "Open": True,
        "Completed": True,
    }
    for status, submitted in (*kinds.items(), ("Canceled", True)):
        await order_of(http, ID=status)
        await become(api, status, status, submitted=submitted)
    await order_of(http, ID="Withdrawn")
    await become(api, "Withdrawn", "Canceled", submitted=False)
    for path in ("orders/All", "me/orders"):
        if answer is None:
            refused = await http.get(f"/v1/{path}?{query}")
            assert (refused.status_code, codes(refused)) == (400, ["Order.CannotMixSubmittedAndUnsubmitted"])
            continue
        page = (await checked(http.get(f"/v1/{path}?{query}"), 200)).json()
        assert page["Items"]
        assert {order["IsSubmitted"] for order in page["Items"]} == {answer}


ADDRESS = {"Street1": "1 Quay", "Country": "GB", "FirstName": "A"}


async def furnished(api: Api) -> httpx.AsyncClient:
    """Three submitted orders and one in the making, of two users; one who reads all."""
    shop = await open_shop(api)
    await shop.product("desk", (1, 10), Name="An oak table")
    await shop.product("chair", (1, 4), xp={"Legs": 3})
    _, one = await shop.shopper()
    _, two = await shop.shopper()
    orders: list[tuple[httpx.AsyncClient, str, dict[str, Any], str, tuple[str, ...]]] = [
        (one, "A", {"Comments": "Ring the blue bell", "xp": {"Color": "red", "n": 5}}, "Hull", ("desk", "chair")),
        (one, "B-bell", {"Comments": "Two rings", "xp": {"Tags": ["a", "b"]}}, "York", ("chair",)),
        (two, "C", {"Comments": None, "xp": {"Color": "RED"}}, "Hull", ("desk",)),
        (two, "bell-M", {"Comments": "Subelling blue", "xp": {"Color": "red"}}, "Hull", ("desk",)),
    ]  # fmt: skip
    for day, (http, order, facts, city, products) in enumerate(orders):
        await order_of(http, ID=order, **facts)
        await checked(http.put(f"/v1/orders/Outgoing/{order}/billto", json={**ADDRESS, "City": city}), 200)
        if order != "A":
            there = {**ADDRESS, "City": "Leeds", "xp": {"Dock": 5}}
            await checked(http.put(f"/v1/orders/Outgoing/{order}/shipto", json=there), 200)
        for product in products:
            await line_of(http, order, product, 2, CostCenter=f"Cost {order}", xp={"Gift": order == "A"})
        if order != "bell-M":
            await become(api, order, "Open" if order != "C" else "Completed", submitted=True, day=3 - day)
        await api.execute(
            'UPDATE orders SET "DateCreated" = $3 WHERE marketplace_id = $1 AND "ID" = $2',
            order,
            START + timedelta(days=day),
        )
    await shop.put("suppliers/S")
    await order_of(api.seller, ID="D", ToCompanyID="S", Comments="desk")
    await become(api, "D", "Open", submitted=True, day=9)
    return api.seller


QUERIES: dict[str, list[str]] = {
    "": ["C", "B-bell", "A", "D"],
    "sortBy=!DateSubmitted": ["D", "A", "B-bell", "C"],
    "sortBy=Total,ID": ["D", "B-bell", "C", "A"],
    "sortBy=!xp.Color,ID": ["A", "C", "B-bell", "D"],
    "sortBy=BillingAddress.City,ID": ["D", "A", "C", "B-bell"],
    "search=bell": ["B-bell", "A"],
    "search=bells": ["B-bell", "A"],
    "search=ell": [],
    "search=ring blue&searchType=AllTermsAnyField": ["A"],
    "search=blue bell&searchType=ExactPhrase": ["A"],
    "search=blue be&searchType=ExactPhrasePrefix&searchOn=Comments": ["A"],
    "search=bell&searchOn=Comments": ["A"],
    "search=ring": ["A", "B-bell"],
    "search=S&searchOn=ToCompanyID": ["D"],
    "search=B&searchOn=FromCompanyID": ["A", "B-bell", "C"],
    "search=desk": ["D"],
    "search=desk&searchOn=LineItems.ProductID": ["A", "C"],
    "search=tables&searchOn=LineItems.Product.Name": ["A", "C"],
    "search=tables&searchOn=LineItems.ProductID": [],
    "search=desk&searchOn=LineItems.Product.ID": ["A", "C"],
    "search=chair&searchOn[]=ID&searchOn[]=lineitems.product.id": ["A", "B-bell"],
    "ShippingAddress.City=leeds": ["C", "B-bell"],
    "ShippingAddress.City=!leeds": ["A", "D"],
    "ShippingAddress.xp.Dock=5": ["C", "B-bell"],
    "sortBy=!ShippingAddress.City,ID": ["B-bell", "C", "A", "D"],
    "depth=all": ["C", "B-bell", "A", "D"],
    "DateSubmitted=>3/22/2021 11:59:59 PM +00:00": ["A", "D"],
    "search=oak&searchOn=LineItems.*": ["A", "C"],
    "search=chairs&searchOn=LineItems.*,ID": ["A", "B-bell"],
    "search=oak chair&searchOn=LineItems.*&searchType=AllTermsAnyField": ["A"],
    "search=oak table&searchOn=LineItems.*&searchType=ExactPhrase": ["A", "C"],
    "search=red&searchOn=xp.Color": ["A", "C"],
    "search=b&searchOn=xp.*": ["B-bell"],
    "BillingAddress.City=hull": ["C", "A"],
    "BillingAddress.City=!hull": ["B-bell", "D"],
    "LineItems.Product.ID=chair": ["B-bell", "A"],
    "LineItems.Product.ID=!chair": ["C", "D"],
    "LineItems.ProductID=desk|chair&Total=>10": ["C", "A"],
    "LineItems.xp.Gift=true": ["A"],
    "LineItems.Product.xp.Legs=3": ["B-bell", "A"],
    "LineItems.CostCenter=cost b*": ["B-bell"],
    "LineItems=!*": ["D"],
    "FromUser.LastName=last&FromUser.CompanyID=B": ["C", "B-bell", "A"],
    "FromUser.ID=admin": ["D"],
    "FromUser.Password=*": [],
    "xp.Color=red": ["C", "A"],
    "xp.n=>4": ["A"],
    "xp.Tags=b": ["B-bell"],
    "ID|Comments=*ring*": ["B-bell", "A"],
    "ID|xp.Color=B*|red": ["C", "B-bell", "A"],
    "Nope=1": [],
    "billingaddress.City=Hull": [],
    "buyerID=b": ["C", "B-bell", "A"],
    "supplierID=S": ["D"],
    "buyerID=nobody": [],
    "from=3/21/2021&to=2021-03-22T00:00:00Z": ["C", "B-bell"],
    "from=3/20/2021&to=3/20/2021 11:00:00 PM": ["A"],
    "to=3-21-2021": ["B-bell", "A"],
    "from=1/1/0001 12:00:00 AM +00:00": ["C", "B-bell", "A", "D"],
    "to=0001-01-01T00:00:00+00:00": [],
    "DateSubmitted=>0001-01-01T00:00:00+00:00": ["C", "B-bell", "A", "D"],
    "DateSubmitted=<9999-12-31T23:59:59.9999999+00:00": ["C", "B-bell", "A", "D"],
    "DateSubmitted=0001-01-01": [],
    "Status=Completed": ["C"],
    "DateSubmitted=>2021-03-22&DateSubmitted=<2021-03-24": ["A"],
    "IsSubmitted=false": ["bell-M"],
    "isSubmitted=false&BillingAddress.City=hull": ["bell-M"],
    "IsSubmitted=false&billingaddress.city=York": [],
    "status=Unsubmitted&BillingAddress.Country=GB&ShippingAddress.City=L*": ["bell-M"],
    "IsSubmitted=false&ShippingAddress.City=Hull": [],
    "IsSubmitted=false&BillingAddress.xp.Floor=2": [],
    "IsSubmitted=false&search=ell": ["bell-M"],
    "IsSubmitted=false&search=blue bell": [],
    "IsSubmitted=false&search=ELLING&searchOn=Comments": ["bell-M"],
    "IsSubmitted=false&xp.Color=red": ["bell-M"],
    "IsSubmitted=false&search=ed&searchOn=xp.Color": ["bell-M"],
    "IsSubmitted=false&sortBy=xp.Color": ["bell-M"],
    "IsSubmitted=false&issubmitted=false&total=>1": ["bell-M"],
    "Status=Unsubmitted&from=3/23/2021": ["bell-M"],
    "Status=Unsubmitted&from=3/24/2021": [],
    "Status=Unsubmitted&search=bell&searchType=AnyTerm": ["bell-M"],
}  # fmt: skip
"""Query -> IDs in order (LST-1, LST-3, PREM-1, SRCH-4 to SRCH-6)."""

SUBMITTED_ONLY, PROPERTY, SORT, SEARCH, TYPE = (
    "Order.AllowedOnSubmittedOnly",
    "List.InvalidProperty",
    "List.InvalidSortProperty",
    "List.InvalidSearchProperty",
    "List.InvalidType",
)
REFUSED = {
    "IsSubmitted=false&LineItems.Product.ID=desk": SUBMITTED_ONLY,
    "IsSubmitted=false&FromUser.ID=x": SUBMITTED_ONLY,
    "Status=Unsubmitted&ID|Comments=x": SUBMITTED_ONLY,
    "Status=Declined&search=x&searchOn=LineItems.*": SUBMITTED_ONLY,
    "Status=Declined&search=x&searchOn=LineItems.ID": SUBMITTED_ONLY,
    "Status=Unsubmitted&search=x&searchOn=xp.*": SUBMITTED_ONLY,
    "Status=Unsubmitted&search=x&searchType=ExactPhrase": SUBMITTED_ONLY,
    "IsSubmitted=false&Nope=1": PROPERTY,
    "IsSubmitted=false&sortBy=Comments": SORT,
    "IsSubmitted=false&search=x&searchOn=Currency": SEARCH,
    "sortBy=LineItems.ID": SORT,
    "search=x&searchOn=FromUser": SEARCH,
    "search=x&searchOn=LineItems": SEARCH,
    "search=x&searchOn=LineItems.Specs.Name": SEARCH,
    "search=x&searchOn=LineItems.CostCenter": SEARCH,
    "Total=much": TYPE,
    "LineItems.Quantity=much": TYPE,
    "issubmitted=false&fromuser.ID=x": SUBMITTED_ONLY,
    "status=Unsubmitted&BillingAddress.Nope=x": PROPERTY,
    "search=x&searchOn=LineItems.Product.xp": SEARCH,
    "from=soon": TYPE,
    "to=31/31/2021": TYPE,
}


async def test_queries(api: Api) -> None:
    """LST-1 to LST-3, behaviour C4, C5, D9, D15: what finds which orders, in which order, and what is refused."""
    http = await furnished(api)
    for query, expected in QUERIES.items():
        assert await listed(http, "orders/All", quote(query, safe="=&!,./*[]")) == expected, query
    for query, code in REFUSED.items():
        refused = await http.get(f"/v1/orders/All?{quote(query, safe='=&!,./*[]')}")
        assert (refused.status_code, codes(refused)) == (400, [code]), query


async def test_pages(api: Api) -> None:
    """LIST-2, LIST-6: the next page's key carries the operation's own parameters and the kind of orders."""
    http = await furnished(api)
    first = (await http.get("/v1/orders/All?buyerID=B&to=3/22/2021&sortBy=!Total&pageSize=2")).json()
    assert [order["ID"] for order in first["Items"]] == ["A", "C"]
    assert (first["Meta"]["TotalCount"], first["Meta"]["TotalPages"], first["Meta"]["ItemRange"]) == (
        3,
        2,
        [1, 2],
    )
    key = first["Meta"]["NextPageKey"]
    second = (await http.get(f"/v1/orders/All?pageKey={key}")).json()
    assert [order["ID"] for order in second["Items"]] == ["B-bell"]
    assert second["Meta"]["NextPageKey"] is None
    full = (await http.get("/v1/orders/All/A")).json()
    assert first["Items"][0] == full, "an order is the same in a list"


async def test_every_sort(api: Api) -> None:
    """SRCH-5, SRCH-7: ascending and descending are each other's reverse for every sort of the contract, in both kinds."""
    http = await furnished(api)
    for kind in ("true", "false"):
        for options in ("ID", "DateSubmitted", "DateCreated", "FromCompanyID", "ToCompanyID", "FromUserID", "Status",
                        "DateApproved", "DateDeclined", "DateCanceled", "DateCompleted", "LastUpdated", "Subtotal",
                        "ShippingCost", "TaxCost", "Gratuity", "Fees", "PromotionDiscount", "Total",
                        "IsSubmitted"):  # fmt: skip
            up = await listed(http, "orders/All", f"IsSubmitted={kind}&sortBy={options}")
            down = await listed(http, "orders/All", f"IsSubmitted={kind}&sortBy=!{options}")
            assert up == down[::-1], options
