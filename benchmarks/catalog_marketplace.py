"""The seed file of the catalog's benchmark: `python -m benchmarks.catalog_marketplace FILE [--scale 0.01]`.

At scale 1 it has 100,000 products in 2,000 categories, 1,000 buyers with 100 user groups each, which have assignments,
and 1,000,000 price breaks. Each record is one line, a flow mapping that is JSON as well. The same scale gives the same
file every time.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

Item = dict[str, Any]

SEED = 20_260_702
CATALOG = "assortment"
CLIENT = "benchmark-client"
ADMIN = "benchmark-admin"
PASSWORD = "Correct-Horse-7"
BREAKS = 10
GROUPS = 100

COLORS = ("black", "blue", "green", "grey", "orange", "red", "white", "yellow")
MATERIALS = ("aluminium", "bamboo", "canvas", "cotton", "leather", "nylon", "steel", "wool")
BRANDS = tuple(f"Brand {letter}" for letter in "ABCDEFGHIJKLMNOPQRST")
ADJECTIVES = (
    "Light",
    "Sturdy",
    "Folding",
    "Compact",
    "Classic",
    "Warm",
    "Quiet",
    "Bright",
    "Portable",
    "Everyday",
)
NOUNS = (
    "Backpack", "Bottle", "Chair", "Compass", "Grinder", "Headlamp", "Jacket", "Kettle", "Knife", "Lantern", "Mug",
    "Oven", "Pillow", "Rope", "Sleeping Bag", "Stove", "Table", "Tent", "Towel", "Whistle",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Size:
    """How many there are of each at a scale."""

    products: int
    categories: int
    buyers: int

    @classmethod
    def of(cls, scale: float) -> Size:
        return cls(
            products=max(20, round(100_000 * scale)),
            categories=max(20, round(2_000 * scale)),
            buyers=max(2, round(1_000 * scale)),
        )


def write(path: Path, scale: float = 1.0) -> Size:
    """Write the file; at scale 1 some 110 MB."""
    size = Size.of(scale)
    with path.open("w") as file:
        file.write("# Made by benchmarks/catalog_marketplace.py\n")
        _section(file, "Objects", _objects(size))
        _section(file, "Assignments", _assignments(size))
    return size


def username(buyer: int) -> str:
    """Of the one user that each buyer has: a member of GROUPS / 10 of its groups, with PASSWORD."""
    return f"shopper{buyer:04d}@buyers.example.com"


def _section(file: TextIO, name: str, kinds: Iterable[tuple[str, Iterable[Item]]]) -> None:
    file.write(f"{name}:\n")
    for kind, items in kinds:
        file.write(f"  {kind}:\n")
        file.writelines(f"    - {json.dumps(item, separators=(',', ':'))}\n" for item in items)


def _objects(size: Size) -> Iterator[tuple[str, Iterable[Item]]]:
    yield (
        "SecurityProfiles",
        (
            {"ID": "shopper", "Name": "Shopper", "Roles": ["Shopper", "MeAdmin"]},
            {"ID": "admin", "Name": "Administrator", "Roles": ["FullAccess"]},
        ),
    )
    yield "AdminUsers", (_user(ADMIN, ADMIN),)
    yield (
        "ProductFacets",
        (
            {"ID": name, "Name": name.title(), "XpPath": f"facets.{name}", "ListOrder": i, "MinCount": 1}
            for i, name in enumerate(("color", "material", "brand"))
        ),
    )
    yield "Catalogs", ({"ID": CATALOG, "Name": "Assortment", "Active": True},)
    yield "PriceSchedules", (_price_schedule(number) for number in range(size.products))
    yield (
        "Buyers",
        (
            {"ID": _buyer(number), "Name": f"Buyer {number}", "Active": True, "DefaultCatalogID": CATALOG}
            for number in range(size.buyers)
        ),
    )
    yield "Categories", (_category(number, size) for number in range(size.categories))
    yield "Products", _products(size)
    yield (
        "Users",
        (
            {"BuyerID": _buyer(number), **_user(f"{_buyer(number)}-shopper", username(number))}
            for number in range(size.buyers)
        ),
    )
    yield (
        "UserGroups",
        (
            {"BuyerID": _buyer(buyer), "ID": _group(buyer, group), "Name": f"Site {group}"}
            for buyer in range(size.buyers)
            for group in range(GROUPS)
        ),
    )
    yield (
        "ApiClients",
        (
            {
                "ID": CLIENT,
                "AppName": "Benchmark",
                "Active": True,
                "AccessTokenDuration": 600,
                "AllowAnyBuyer": True,
                "AllowSeller": True,
            },
        ),
    )


def _assignments(size: Size) -> Iterator[tuple[str, Iterable[Item]]]:
    yield (
        "SecurityProfileAssignments",
        (
            {"SecurityProfileID": "admin", "UserID": ADMIN},
            *({"SecurityProfileID": "shopper", "BuyerID": _buyer(number)} for number in range(size.buyers)),
        ),
    )
    # Every second buyer sees only what is assigned to it.
    yield (
        "CatalogAssignments",
        (
            {
                "CatalogID": CATALOG,
                "BuyerID": _buyer(number),
                "ViewAllCategories": True,
                "ViewAllProducts": number % 2 == 0,
            }
            for number in range(size.buyers)
        ),
    )
    yield "CategoryProductAssignments", _category_products(size)
    yield (
        "UserGroupAssignments",
        (
            {
                "BuyerID": _buyer(buyer),
                "UserGroupID": _group(buyer, group),
                "UserID": f"{_buyer(buyer)}-shopper",
            }
            for buyer in range(size.buyers)
            for group in range(0, GROUPS, 10)
        ),
    )
    yield "ProductAssignments", _product_assignments(size)
    yield (
        "CategoryAssignments",
        (
            {
                "CatalogID": CATALOG,
                "CategoryID": category_id((buyer * 7 + group) % size.categories),
                "BuyerID": _buyer(buyer),
                "UserGroupID": _group(buyer, group),
                "Visible": True,
                "ViewAllProducts": group % 20 == 0,
            }
            for buyer in range(size.buyers)
            for group in range(0, GROUPS, 10)
        ),
    )


def _user(user_id: str, name: str) -> Item:
    return {
        "ID": user_id,
        "Username": name,
        "Password": PASSWORD,
        "FirstName": "First",
        "LastName": "Last",
        "Email": "shopper@example.com",
        "Active": True,
    }


def _price_schedule(number: int) -> Item:
    price = 5 + number % 195
    breaks = [
        {"Quantity": 1 + 10 * step, "Price": round(price * (1 - step / 50), 2)} for step in range(BREAKS)
    ]
    if number % 10 == 0:
        breaks[0]["SalePrice"] = round(price * 0.8, 2)
    return {"ID": price_id(number), "Name": f"Price {number}", "MinQuantity": 1, "PriceBreaks": breaks}


def _category(number: int, size: Size) -> Item:
    top, middle = max(1, size.categories // 100), max(2, size.categories // 10)
    parent = None
    if number >= middle:
        parent = category_id(top + number % (middle - top))
    elif number >= top:
        parent = category_id(number % top)
    return {
        "CatalogID": CATALOG,
        "ID": category_id(number),
        "Name": f"Category {number}",
        "ParentID": parent,
        "ListOrder": number,
        "Active": number % 50 != 49,
    }


def _products(size: Size) -> Iterator[Item]:
    chance = random.Random(SEED)
    for number in range(size.products):
        name = f"{chance.choice(ADJECTIVES)} {chance.choice(MATERIALS)} {chance.choice(NOUNS)} {number}"
        yield {
            "ID": product_id(number),
            "Name": name,
            "Description": f"{name}: made for every day, with a guarantee of {1 + number % 10} years.",
            "Active": number % 40 != 39,
            "DefaultPriceScheduleID": price_id(number),
            "QuantityMultiplier": 1,
            "ShipWeight": 1 + number % 20,
            "Inventory": {"Enabled": True, "QuantityAvailable": number % 500},
            "xp": {
                "facets": {
                    "color": chance.choice(COLORS),
                    "material": chance.choice(MATERIALS),
                    "brand": chance.choice(BRANDS),
                }
            },
        }


def _category_products(size: Size) -> Iterator[Item]:
    """Every product in a leaf, every fifth one in a second category as well."""
    first = max(2, size.categories // 10)
    leaves = size.categories - first
    for number in range(size.products):
        yield _placed(first + number % leaves, number)
        if number % 5 == 0:
            yield _placed(number % first, number)


def _placed(category: int, product: int) -> Item:
    return {"CatalogID": CATALOG, "CategoryID": category_id(category), "ProductID": product_id(product)}


def _product_assignments(size: Size) -> Iterator[Item]:
    """One for each group, every second of them with a price of its own."""
    for number in range(size.buyers * GROUPS):
        buyer, group = divmod(number, GROUPS)
        item = {
            "ProductID": product_id(number * 37 % size.products),
            "BuyerID": _buyer(buyer),
            "UserGroupID": _group(buyer, group),
        }
        if number % 2:
            item["PriceScheduleID"] = price_id(number * 53 % size.products)
        yield item


def _buyer(number: int) -> str:
    return f"buyer-{number:04d}"


def _group(buyer: int, number: int) -> str:
    return f"site-{buyer:04d}-{number:02d}"


def category_id(number: int) -> str:
    return f"category-{number:04d}"


def product_id(number: int) -> str:
    return f"product-{number:06d}"


def price_id(number: int) -> str:
    return f"price-{number:06d}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--scale", type=float, default=1.0)
    arguments = parser.parse_args()
    print(write(arguments.file, arguments.scale))


if __name__ == "__main__":
    main()
