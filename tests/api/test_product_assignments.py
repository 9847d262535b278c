"""Products given to buyers and groups, with prices (PAS-1 to PAS-5, PS-2, PS-3)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, codes
from tests.api.test_products import PATH, make
from tests.api.uniform.subjects import checked

pytestmark = pytest.mark.usefixtures("truly")

ROWS = f"{PATH}/assignments"
BREAKS = [{"Quantity": 1, "Price": 5}]


async def world(api: Api) -> None:
    """Buyer B with groups G and H, and product P of the seller in B's catalog C; suppliers S and T; price schedules with a
    break, of the seller (m, m2), of S (s) and of T (t).
    """
    http = api.seller
    for path, body in (
        ("catalogs/C", {"Name": "C", "Active": True}),
        ("buyers/B", {"Name": "B", "Active": True, "DefaultCatalogID": "C"}),
        ("buyers/B/usergroups/G", {"Name": "G"}),
        ("buyers/B/usergroups/H", {"Name": "H"}),
        ("suppliers/S", {"Name": "S", "Active": True}),
        ("suppliers/T", {"Name": "T", "Active": True}),
        ("priceschedules/m", {"Name": "m", "PriceBreaks": BREAKS}),
        ("priceschedules/m2", {"Name": "m2", "PriceBreaks": BREAKS}),
        ("priceschedules/s", {"Name": "s", "PriceBreaks": BREAKS, "OwnerID": "S"}),
        ("priceschedules/t", {"Name": "t", "PriceBreaks": BREAKS, "OwnerID": "T"}),
    ):
        await checked(http.put(f"/v1/{path}", json=body), 200)
    await make(http, AllSuppliersCanSell=True, Active=True)
    await in_catalog(http, "P")


async def in_catalog(http: httpx.AsyncClient, product: str, catalog: str = "C") -> None:
    row = {"CatalogID": catalog, "ProductID": product}
    await checked(http.post("/v1/catalogs/productassignments", json=row), 204)


def row(api: Api, **named: Any) -> dict[str, Any]:
    """A row as it is listed."""
    blank = {"SellerID": api.marketplace, "ProductID": "P", "BuyerID": "B"}
    return {**blank, "UserGroupID": None, "PriceScheduleID": None, **named}


async def save(http: httpx.AsyncClient, status: int = 204, **body: Any) -> list[str]:
    """Assign P to B; the codes of a refusal."""
    answer = await checked(http.post(ROWS, json={"ProductID": "P", "BuyerID": "B", **body}), status)
    assert status != 204 or answer.content == b""
    return codes(answer) if status != 204 else []


async def listed(http: httpx.AsyncClient, query: str = "") -> list[dict[str, Any]]:
    page = (await checked(http.get(f"{ROWS}?{query}"), 200)).json()
    assert page["Meta"]["TotalCount"] == len(page["Items"])
    return list(page["Items"])


async def test_upsert(api: Api) -> None:
    """PAS-1: product, buyer, group and seller tell rows apart; saving one again replaces its price schedule."""
    http = api.seller
    await world(api)
    supplier = api.as_(await api.user(supplier="S"), roles=["ProductAssignmentAdmin"])
    await save(http)
    assert await listed(http) == [row(api)]
    await save(http, ProductID="p", BuyerID="b", PriceScheduleID="M", SellerID=api.marketplace)
    assert await listed(http) == [row(api, PriceScheduleID="m")]
    await save(http)
    await save(http, UserGroupID="g", PriceScheduleID="m2")
    await save(http, SellerID="s", PriceScheduleID="s")
    await save(supplier, UserGroupID="H")
    await save(supplier, SellerID="S", PriceScheduleID="s")
    expected = [
        row(api),
        row(api, SellerID="S", PriceScheduleID="s"),
        row(api, UserGroupID="G", PriceScheduleID="m2"),
        row(api, UserGroupID="H", SellerID="S"),
    ]
    found = await listed(http)
    assert sorted(found, key=str) == sorted(expected, key=str)
    for query, indices in (
        ("productID=p", [0, 1, 2, 3]),
        ("productID=nope", []),
        ("priceScheduleID=m2", [2]),
        ("buyerID=B", [0, 1, 2, 3]),
        ("buyerID=B&userGroupID=H", [3]),
        ("level=Company", [0, 1]),
        ("level=Group&priceScheduleID=m2", [2]),
    ):
        wanted = sorted((expected[i] for i in indices), key=str)
        assert sorted(await listed(http, query), key=str) == wanted, query
    assert codes(await checked(http.get(f"{ROWS}?level=Company&userGroupID=G"), 400)) == [
        "PartyAssignment.InvalidGroupLevel"
    ]


async def test_delete(api: Api) -> None:
    """ASG-4, PAS-3: the one row of exactly this party and seller; `sellerID` for another seller's."""
    http = api.seller
    await world(api)
    supplier = api.as_(await api.user(supplier="S"), roles=["ProductAdmin"])
    await save(http)
    await save(http, UserGroupID="G")
    await save(supplier)
    await save(supplier, UserGroupID="G")
    url = f"{PATH}/P/assignments/B"
    steps: tuple[tuple[httpx.AsyncClient, str, int, int], ...] = (
        # caller, query, status, rows left
        (http, "?userID=u", 400, 4),
        (http, "?userGroupID=H", 404, 4),
        (http, "?userGroupID=nope", 404, 4),
        (http, "?sellerID=T", 404, 4),
        (http, "?sellerID=nope", 404, 4),
        (supplier, f"?sellerID={api.marketplace}", 403, 4),
        (http, "", 204, 3),
        (http, "", 404, 3),
        (http, "?sellerID=s", 204, 2),
        (supplier, "", 404, 2),
        (supplier, "?userGroupID=G&sellerID=S", 204, 1),
        (http, f"?userGroupID=G&sellerID={api.marketplace}", 204, 0),
    )
    for caller, query, status, left in steps:
        await checked(caller.delete(url + query), status)
        assert len(await listed(http)) == left, query
    for other in (f"{PATH}/nope/assignments/B", f"{PATH}/P/assignments/nope"):
        await checked(http.delete(other), 404)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"ProductID": "nope"}, 404, "NotFound"),
        ({"BuyerID": "nope"}, 404, "NotFound"),
        ({"UserGroupID": "nope"}, 404, "NotFound"),
        ({"SellerID": "nope", "PriceScheduleID": "m"}, 404, "NotFound"),
        ({"PriceScheduleID": "nope"}, 404, "NotFound"),
        ({"PriceScheduleID": "s"}, 404, "NotFound"),
        ({"SellerID": "S", "PriceScheduleID": "t"}, 404, "NotFound"),
        ({"userid": "u"}, 400, "PartyAssignment.UserLevelNotAllowed"),
        ({"SellerID": "S"}, 400, "ProductAssigment.MustSpecifyPriceScheduleID"),
        ({"PriceScheduleID": "empty"}, 400, "PriceSchedule.NoPriceBreaks"),
        ({"PriceScheduleID": "euros"}, 400, "PriceSchedule.CurrencyMismatch"),
        ({"ProductID": "elsewhere"}, 400, "Product.CannotAssignNotInBuyerCatalog"),
        ({"ProductID": None}, 400, "ValidationFailure"),
        ({"BuyerID": None}, 400, "ValidationFailure"),
    ],
)
async def test_refused(body: dict[str, Any], status: int, code: str, api: Api) -> None:
    """PAS-2 to PAS-4, ASG-3: and no row is written."""
    http = api.seller
    await world(api)
    await make(http, "elsewhere")
    await checked(http.put("/v1/priceschedules/empty", json={"Name": "e"}), 200)
    euros = {"Name": "e", "PriceBreaks": BREAKS, "Currency": "EUR"}
    await checked(http.put("/v1/priceschedules/euros", json=euros), 200)
    assert await save(http, status, **body) == [code]
    assert await listed(http) == []


async def test_suppliers(api: Api) -> None:
    """PAS-3: a supplier sells in its own name, at its own prices, what it sells or may opt in to; and lists its rows and
    those of its products.
    """
    http = api.seller
    await world(api)
    await make(http, "sellers")
    await make(http, "own", OwnerID="S")
    await make(http, "theirs", OwnerID="T")
    await make(http, "default", DefaultSupplierID="S")
    for product in ("sellers", "own", "theirs", "default"):
        await in_catalog(http, product)
    supplier = api.as_(await api.user(supplier="S"), roles=["ProductAdmin"])
    cases: tuple[tuple[dict[str, Any], int, str], ...] = (
        ({"ProductID": "P", "PriceScheduleID": "s"}, 204, ""),
        ({"ProductID": "own"}, 204, ""),
        ({"ProductID": "default"}, 204, ""),
        ({"ProductID": "sellers"}, 403, "Product.CannotModify"),
        ({"ProductID": "theirs"}, 404, "NotFound"),
        ({"PriceScheduleID": "m"}, 404, "NotFound"),
        ({"PriceScheduleID": "t"}, 404, "NotFound"),
        ({"SellerID": "T"}, 403, "Auth.UserNotAuthorizedToAdmin"),
        ({"SellerID": api.marketplace}, 403, "Auth.UserNotAuthorizedToAdmin"),
    )
    for body, status, code in cases:
        assert await save(supplier, status, **body) == ([code] if code else []), body
    for product in ("own", "sellers", "theirs"):
        await save(http, ProductID=product)
    seen = {(each["ProductID"], each["SellerID"]) for each in await listed(supplier)}
    assert seen == {("P", "S"), ("own", "S"), ("default", "S"), ("own", api.marketplace)}
    buyer = api.as_(await api.user(buyer="B"), roles=["ProductAdmin"])
    assert {each["BuyerID"] for each in await listed(buyer)} == {"B"}
    await checked(buyer.post(ROWS, json=row(api)), 403)


async def test_shared_catalog(api: Api) -> None:
    """PAS-2: also through the buyer's group, and for a child by its parent."""
    http = api.seller
    await world(api)
    for product, body in (("parent", {"IsParent": True}), ("child", {"ParentID": "parent"})):
        await make(http, product, **body)
        assert await save(http, 400, ProductID=product) == ["Product.CannotAssignNotInBuyerCatalog"]
    await checked(http.put("/v1/catalogs/D", json={"Name": "D", "Active": True}), 200)
    await in_catalog(http, "parent", "D")
    assert await save(http, 400, ProductID="child") == ["Product.CannotAssignNotInBuyerCatalog"]
    await checked(http.put("/v1/buyergroups/BG", json={"Name": "BG"}), 200)
    group = {"CatalogID": "D", "BuyerGroupID": "BG"}
    await checked(http.post("/v1/catalogs/assignments", json=group), 204)
    assert await save(http, 400, ProductID="child") == ["Product.CannotAssignNotInBuyerCatalog"]
    await checked(http.patch("/v1/buyers/B", json={"GroupID": "BG"}), 200)
    for product in ("parent", "child"):
        await save(http, ProductID=product)


async def test_currency(api: Api) -> None:
    """PAS-4: that of the group's locale, else the buyer's; null with null."""
    http = api.seller
    await world(api)
    for currency in ("USD", "CAD"):
        body = {"Name": currency, "PriceBreaks": BREAKS, "Currency": currency}
        await checked(http.put(f"/v1/priceschedules/{currency}", json=body), 200)
        await checked(http.put(f"/v1/locales/{currency}", json={"Currency": currency}), 200)
    locales = "/v1/locales/assignments"

    async def fit(group: str | None) -> list[str]:
        """Which price schedules can be given to the party."""
        found = []
        for price in ("m", "USD", "CAD"):
            body = {"ProductID": "P", "BuyerID": "B", "UserGroupID": group, "PriceScheduleID": price}
            answer = await http.post(ROWS, json=body)
            assert answer.status_code == 204 or codes(answer) == ["PriceSchedule.CurrencyMismatch"]
            found += [price] if answer.status_code == 204 else []
        return found

    assert [await fit(None), await fit("G")] == [["m"], ["m"]]
    await checked(http.post(locales, json={"LocaleID": "CAD", "BuyerID": "B", "UserGroupID": "G"}), 204)
    assert [await fit(None), await fit("G"), await fit("H")] == [["m"], ["CAD"], ["m"]]
    await checked(http.post(locales, json={"LocaleID": "USD", "BuyerID": "B"}), 204)
    assert [await fit(None), await fit("G"), await fit("H")] == [["USD"], ["CAD"], ["USD"]]


async def test_audience(api: Api) -> None:
    """VIS-3: a row of any seller lets the party see the product, until the last one is gone, however it goes."""
    http = api.seller
    await world(api)
    supplier = api.as_(await api.user(supplier="S"), roles=["ProductAdmin"])
    audience = 'SELECT audience FROM products WHERE marketplace_id = $1 AND "ID" = $2'
    bare = await api.value(audience, "P")

    async def granted() -> int:
        tokens = await api.value(audience, "P")
        assert set(tokens) >= set(bare)
        return len(tokens) - len(bare)

    url = f"{PATH}/P/assignments/B"
    await save(http, PriceScheduleID="m")
    await save(supplier, PriceScheduleID="s")
    assert await granted() == 1
    await save(http, UserGroupID="G", PriceScheduleID="m")
    assert await granted() == 2
    await checked(http.delete(url), 204)
    assert await granted() == 2, "the supplier's row stays"
    await checked(http.delete("/v1/priceschedules/m"), 204)
    assert await granted() == 1, "PAS-5"
    assert await listed(http) == [row(api, SellerID="S", PriceScheduleID="s")]
    await checked(http.delete("/v1/suppliers/S"), 204)
    assert await granted() == 0, "ASG-4"
    assert await listed(http) == []


async def test_price_schedules_in_use(api: Api) -> None:
    """PS-2, PS-3: assigned or a default, they keep a break; assigned, they keep their currency."""
    http = api.seller
    await world(api)
    await make(http, "D", DefaultPriceScheduleID="m2")
    await checked(http.put(f"{PATH}/D/suppliers/S?defaultPriceScheduleID=s"), 204)
    await save(http, PriceScheduleID="m")
    for price in ("m", "m2", "s"):
        url = f"/v1/priceschedules/{price}"
        before = (await http.get(url)).json()
        body: dict[str, Any] = {"Name": price, "PriceBreaks": []}
        for verb in ("PATCH", "PUT"):
            answer = await checked(http.request(verb, url, json=body), 400)
            assert codes(answer) == ["PriceSchedule.CannotClearPriceBreaks"]
        answer = await checked(http.delete(f"{url}/PriceBreaks?quantity=1"), 400)
        assert codes(answer) == ["PriceSchedule.CannotDeleteLastPriceBreak"]
        assert (await http.get(url)).json() == before
        await checked(http.post(f"{url}/PriceBreaks", json={"Quantity": 2, "Price": 4}), 201)
        await checked(http.delete(f"{url}/PriceBreaks?quantity=1"), 204)
        await checked(http.patch(url, json={"PriceBreaks": BREAKS, "Currency": None}), 200)
        revalued = await http.patch(url, json={"Currency": "USD"})
        if price == "m":
            assert (revalued.status_code, codes(revalued)) == (400, ["PriceSchedule.CannotModifyCurrency"])
        else:
            assert revalued.status_code == 200
    await checked(http.delete(f"{PATH}/P/assignments/B"), 204)
    await checked(http.patch("/v1/priceschedules/m", json={"Currency": "USD", "PriceBreaks": []}), 200)


async def test_rename(api: Api) -> None:
    """ASG-4: rows follow what they name, and go with it."""
    http = api.seller
    await world(api)
    await save(http, SellerID="S", PriceScheduleID="s", UserGroupID="G")
    paths = ("products/P", "suppliers/S", "priceschedules/s", "buyers/B/usergroups/G", "buyers/B")
    for path in paths:
        await checked(http.patch(f"/v1/{path}", json={"ID": f"{path[-1]}9"}), 200)
    assert await listed(http) == [
        {"SellerID": "S9", "ProductID": "P9", "BuyerID": "B9", "UserGroupID": "G9", "PriceScheduleID": "s9"}
    ]
    await checked(http.delete("/v1/buyers/B9/usergroups/G9"), 204)
    assert await listed(http) == []


async def test_other_marketplaces(api: Api, other: Api) -> None:
    """Neither the rows nor what they name exist elsewhere."""
    await world(api)
    await save(api.seller, PriceScheduleID="m")
    assert await listed(other.seller) == []
    await checked(other.seller.post(ROWS, json={"ProductID": "P", "BuyerID": "B"}), 404)
    await checked(other.seller.delete(f"{PATH}/P/assignments/B"), 404)
    assert len(await listed(api.seller)) == 1
