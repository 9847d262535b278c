"""What a product or an entity looks like to a search service that knows flat, lower-case attributes (DC-5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]
Attributes = dict[str, Any]

RESERVED = frozenset(
    {
        "active",
        "allsupplierscansell",
        "autoforward",
        "buyers",
        "catalogs",
        "categories",
        "category_names",
        "ccids",
        "defaultpriceschedule",
        "defaultpricescheduleid",
        "defaultsupplierid",
        "inventory",
        "inventoryrecords",
        "isparent",
        "marketplace",
        "ownerid",
        "party_price",
        "partypriceschedules",
        "quantitymultiplier",
        "returnable",
        "sellerdefaultpriceschedules",
        "shipfromaddressid",
        "shipheight",
        "shiplength",
        "shipweight",
        "shipwidth",
        "speccount",
        "specs",
        "supplier_inventory",
        "suppliers",
        "usergroups",
        "variantcount",
    }
)
"""Attributes of a product that content from elsewhere does not replace."""
IDENTITY = frozenset({"id", "productid"})
"""Nor what says which one it is."""
MOST_ATTRIBUTES = 1000
"""What xp becomes; more of it is left out."""


def identity(payload: Json) -> str | None:
    """Which document it is: ID, of products ProductID (SYNC-2, SYNC-3)."""
    for name in ("ID", "ProductID"):
        if isinstance(payload.get(name), str):
            return str(payload[name])
    return None


def attributes(payload: Json) -> Attributes:
    """The payload of a message with lower-case names and its xp flattened; who caused it is no attribute of the thing."""
    found = {name.lower(): value for name, value in payload.items() if name not in {"xp", "UserContext"}}
    found |= flattened(payload.get("xp"))
    return found


def flattened(xp: Any) -> Attributes:
    """`{"Color": {"Name": "red"}, "Tags": [1]}` -> `xp_color_name`, `xp_tags`; arrays are kept as they are."""
    found: Attributes = {}
    for path, value in _leaves(xp):
        if len(found) >= MOST_ATTRIBUTES:
            break
        found[path] = value
    return found


def merged(document: Attributes, content: Any) -> Attributes:
    """With what another system says of it, in the language that was asked for; what is reserved stays."""
    if not isinstance(content, Mapping):
        return document
    more = {name.lower(): value for name, value in content.items()}
    return document | {name: more[name] for name in more.keys() - RESERVED - IDENTITY}


def _leaves(xp: Any) -> Iterator[tuple[str, Any]]:
    pending = [("xp", xp)]
    while pending:
        path, value = pending.pop()
        if isinstance(value, Mapping):
            pending += [(f"{path}_{key.lower()}", each) for key, each in reversed(list(value.items()))]
        elif path != "xp":
            yield path, value
