"""What shoppers see and pay by SQL is what the rules say, over marketplaces drawn at random (VIS, CTY-4 to CTY-6, PRC-2)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from tests.api.audience_world import (
    BUYERS,
    CATALOGS,
    CATEGORIES,
    CHILDREN,
    GROUPS,
    PRODUCTS,
    SCHEDULES,
    World,
    read,
    some,
    tables,
    write,
)
from tests.api.marketplace import Api, Server, User

from entrepot.domain.catalog.visibility import Offer, Viewer, sees_category, sees_product
from entrepot.domain.pricing.resolution import resolve
from entrepot.features.catalog.audience import shopper as shopper_module
from entrepot.features.catalog.shopping import products as products_module

Change = tuple[str, str, dict[str, Any] | None]
IDS = (*PRODUCTS, *CHILDREN)


@st.composite
def changes(draw: st.DrawFn, users: list[User]) -> Change:
    """One request of the seller that changes what shoppers see, or is refused."""
    catalog, category, product = draw(some(*CATALOGS)), draw(some(*CATEGORIES)), draw(some(*IDS))
    buyer, group, flag = draw(some(*BUYERS)), draw(some(None, *GROUPS)), draw(st.booleans())
    user = draw(some(*users))
    party = {"BuyerID": buyer, "UserGroupID": group}
    of_party = f"buyerID={buyer}" + (f"&userGroupID={group}" if group else "")
    within = f"catalogs/{catalog}/categories"
    schedule = draw(some(None, *SCHEDULES))
    drawn: Change = draw(
        some(
            ("PATCH", f"{within}/{category}", {"Active": flag}),
            ("PATCH", f"{within}/{category}", {"ParentID": draw(some(None, *CATEGORIES))}),
            ("DELETE", f"{within}/{category}", None),
            ("PUT", f"{within}/{category}", {"Name": "again", "Active": flag}),
            ("PATCH", f"catalogs/{catalog}", {"Active": flag}),
            ("DELETE", f"catalogs/{catalog}/assignments?buyerID={buyer}", None),
            (
                "POST",
                "catalogs/assignments",
                {"CatalogID": catalog, "BuyerID": buyer, "ViewAllProducts": flag},
            ),
            ("PATCH", f"products/{product}", {"Active": flag}),
            ("PATCH", f"products/{product}", {"ParentID": draw(some(None, *PRODUCTS[:2]))}),
            ("DELETE", f"products/{product}", None),
            ("POST", "catalogs/productassignments", {"CatalogID": catalog, "ProductID": product}),
            ("DELETE", f"catalogs/{catalog}/productassignments/{product}", None),
            ("POST", f"{within}/productassignments", {"CategoryID": category, "ProductID": product}),
            ("DELETE", f"{within}/{category}/productassignments/{product}", None),
            ("POST", "products/assignments", {"ProductID": product, "PriceScheduleID": schedule, **party}),
            ("DELETE", f"products/{product}/assignments/{buyer}?userGroupID={group or ''}", None),
            ("POST", f"{within}/assignments", {"CategoryID": category, "ViewAllProducts": flag, **party}),
            ("POST", f"{within}/assignments", {"CategoryID": category, "Visible": flag, **party}),
            ("DELETE", f"{within}/{category}/assignments?{of_party}", None),
            (
                "POST",
                f"buyers/{user.company}/usergroups/assignments",
                {"UserID": user.id, "UserGroupID": group or "g"},
            ),
            ("DELETE", f"buyers/{user.company}/usergroups/{group or 'g'}/assignments/{user.id}", None),
            ("DELETE", f"buyers/{buyer}/usergroups/{group or 'h'}", None),
            ("PATCH", f"buyers/{buyer}", {"GroupID": draw(some(None, "chain"))}),
            ("DELETE", "buyergroups/chain", None),
            ("DELETE", f"priceschedules/{schedule or 's1'}", None),
            ("DELETE", f"locales/usd/assignments?{of_party}", None),
            ("POST", "locales/assignments", {"LocaleID": "usd", **party}),
        )
    )
    return drawn


async def items(http: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    answer = await http.get(f"/v1/me/{path}")
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["Meta"]["TotalCount"] == len(page["Items"])
    return list(page["Items"])


async def agree(
    api: Api, world: World, who: Viewer, http: httpx.AsyncClient, catalog: str, seller: str
) -> None:
    """The lists of this shopper against the rules, in all and for one catalog and one seller."""
    offer = world.offer
    for only in (None, catalog):
        found = await items(http, f"products?sortBy=ID&catalogID={only or ''}&sellerID={seller}")
        expected = sorted(each for each in offer.products if sees_product(offer, who, each, only))
        assert [item["ID"] for item in found] == expected, (who, only)
        seeker = world.seeker(who, seller or None)
        for item in found:
            schedule = item["PriceSchedule"]
            wanted = resolve(world.prices[item["ID"]], seeker, world.currencies)
            assert (schedule and schedule["ID"]) == wanted, (who, seller, item["ID"])
        if only is None and seller != "S":
            await by_id_as_listed(offer, http, {item["ID"]: item for item in found}, seller)
    found = await items(http, f"categories?depth=all&sortBy=ID&catalogID={catalog}")
    seen = [
        place[1] for place in offer.categories if place[0] == catalog and sees_category(offer, who, place)
    ]
    assert [item["ID"] for item in found] == sorted(seen), (who, catalog)


async def by_id_as_listed(
    offer: Offer, http: httpx.AsyncClient, found: dict[str, dict[str, Any]], seller: str
) -> None:
    """One by its ID is what the list shows of it, at the same price, whatever it has been before; and 404 where that shows none."""
    for product in offer.products:
        answer = await http.get(f"/v1/me/products/{product.upper()}?sellerID={seller}")
        assert answer.status_code == (200 if product in found else 404), product
        if product in found:
            assert answer.json() == found[product]


async def readers_agree(world: World, who: Viewer, http: httpx.AsyncClient, catalog: str) -> None:
    """A buyer's user with readers' roles finds under the administrators' paths what it sees as a shopper (AUTH-53)."""
    offer = world.offer
    seen = sorted(each for each in offer.products if sees_product(offer, who, each, None))
    listed = (await http.get("/v1/products?sortBy=ID")).json()
    assert ([item["ID"] for item in listed["Items"]], listed["Meta"]["TotalCount"]) == (seen, len(seen)), who
    for product in offer.products:
        answer = await http.get(f"/v1/products/{product}")
        assert answer.status_code == (200 if product in seen else 404), (who, product)
    categories = [
        place[1] for place in offer.categories if place[0] == catalog and sees_category(offer, who, place)
    ]
    answer = await http.get(f"/v1/catalogs/{catalog}/categories?depth=all&sortBy=ID")
    if answer.status_code == 404:
        assert not categories, (who, catalog)
    else:
        assert [item["ID"] for item in answer.json()["Items"]] == sorted(categories), (who, catalog)
    prices = {item["ID"] for item in (await http.get("/v1/priceschedules")).json()["Items"]}
    shown = {item["PriceSchedule"]["ID"] for item in await items(http, "products") if item["PriceSchedule"]}
    assert shown <= prices, who
    if not seen:
        assert not prices, who


READERS = ("Shopper", "ProductReader", "CategoryReader", "PriceScheduleReader")


@pytest.mark.parametrize(("few_products", "few_tokens"), [(1500, 64), (-1, 0)], ids=["few", "many"])
@settings(max_examples=15)
@given(data=st.data())
async def test_sql_agrees_with_the_rules(
    server: Server, twin: Server, few_products: int, few_tokens: int, data: st.DataObject
) -> None:
    """In both forms of the list, as written and after each of several changes through the API, by either of two processes."""
    drawn = data.draw(tables())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(products_module, "FEW_PRODUCTS", few_products)
        patched.setattr(shopper_module, "FEW", few_tokens)
        async with Api.create(server) as api:
            await write(api, drawn)
            users = [await api.user(buyer=buyer) for buyer in ("A", "A", "B")]
            for user in users[1:]:
                row = {"UserID": user.id, "UserGroupID": "g"}
                await api.seller.post(f"/v1/buyers/{user.company}/usergroups/assignments", json=row)
            tokens = [api.token(user, roles=READERS) for user in users]
            for step in range(5):
                if step:
                    verb, path, body = data.draw(changes(users))
                    answer = await api.seller.request(verb, f"/v1/{path}", json=body)
                    note(f"{verb} {path} {body}: {answer.status_code}")
                    assert answer.status_code < 500, answer.text
                world = await read(server.database, api.marketplace_id, api.marketplace)
                for user, token in zip(users, tokens, strict=True):
                    # Each process has remembered what it was asked last.
                    http = api.with_token(token, data.draw(some(server, twin)))
                    who = world.shopper(user.company, user.key)
                    seller = data.draw(some("", "", api.marketplace, "S"))
                    catalog = data.draw(some(*CATALOGS))
                    await agree(api, world, who, http, catalog, seller)
                    if step in (0, 4):
                        await readers_agree(world, who, http, catalog)
