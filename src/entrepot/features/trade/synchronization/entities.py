"""Messages of buyers, suppliers, their users and groups, of catalogs and categories (SYNC-3), and of those that are gone (SYNC-2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from entrepot.declare.synced import Thing
from entrepot.engine.call import Call
from entrepot.engine.rows import renderer
from entrepot.engine.statements import projection
from entrepot.engine.syncing import Name
from entrepot.features.catalog.catalogs.resources import Catalog, Category
from entrepot.features.people.identity.resources import User
from entrepot.features.people.organizations.resources import Buyer, Supplier, UserGroup
from entrepot.features.trade.synchronization import kinds
from entrepot.features.trade.synchronization.built import GONE, Message, payload
from entrepot.features.trade.synchronization.kinds import SyncKind, kind_of_user
from entrepot.features.trade.synchronization.numbers import numbered
from entrepot.kernel.sql import Sql

Values = dict[str, Any]

USER_TYPES = {kinds.BUYER_USERS: 0, kinds.SUPPLIER_USERS: 1, kinds.ADMIN_USERS: 2}
GROUP_OF_BUYER = 0
"""UserGroupType, as UserType has it (inferred): only the groups of buyers are synchronized."""
UNTOLD = ("FailedLoginAttempts", "LastActive", "Password")
"""What no message has: it changes with each login, or is nobody's business."""
UNTOLD_GONE = frozenset({Thing.ORDERS, Thing.INVENTORY_RECORDS})
"""There is no message that says so (SYNC-1)."""
USERS = Sql(f"""
SELECT t.key, t."BuyerID", t."SupplierID", {projection(User.__columns__.values())} FROM users t
WHERE t.marketplace_id = :marketplace_id AND t.key = ANY(:wanted::bigint[]) ORDER BY t.key
""").bound("marketplace_id", "wanted")
GROUPS = Sql(f"""
SELECT t.key, t."BuyerID", {projection(UserGroup.__columns__.values())} FROM user_groups t
WHERE t.marketplace_id = :marketplace_id AND t.key = ANY(:wanted::bigint[]) AND t."BuyerID" IS NOT NULL ORDER BY t.key
""").bound("marketplace_id", "wanted")
CATEGORIES = Sql(f"""
SELECT t."CatalogID", {projection(Category.__columns__.values())}
FROM unnest(:catalogs::citext[], :ids::citext[]) AS n(catalog, id)
JOIN categories t ON t.marketplace_id = :marketplace_id AND t."CatalogID" = n.catalog AND t."ID" = n.id
ORDER BY t."CatalogID", t."ID"
""").bound("marketplace_id", "catalogs", "ids")
BY_ID = {
    kind.thing: (
        kind,
        model,
        Sql(f"""
SELECT {projection(model.__columns__.values())} FROM {table} t
WHERE t.marketplace_id = :marketplace_id AND t."ID" = ANY(:wanted::citext[]) ORDER BY t."ID"
""").bound("marketplace_id", "wanted"),
    )
    for kind, model, table in (
        (kinds.BUYERS, Buyer, "buyers"),
        (kinds.SUPPLIERS, Supplier, "suppliers"),
        (kinds.CATALOGS, Catalog, "catalogs"),
    )
}


async def build(call: Call, thing: Thing, names: Iterable[Name]) -> list[Message]:
    """Of those that are there. One statement."""
    names = list(names)
    match thing:
        case Thing.USERS:
            rows = await call.db.fetch(USERS, call.marketplace_id, [name[0] for name in names])
            return [_user(row) for row in rows]
        case Thing.USER_GROUPS:
            rows = await call.db.fetch(GROUPS, call.marketplace_id, [name[0] for name in names])
            return [_group(row) for row in rows]
        case Thing.CATEGORIES:
            catalogs, ids = ([name[place] for name in names] for place in (0, 1))
            rows = await call.db.fetch(CATEGORIES, call.marketplace_id, catalogs, ids)
            return [
                _message(
                    kinds.CATEGORIES,
                    (row["CatalogID"], row["ID"]),
                    f"{row['CatalogID']}/{row['ID']}",
                    {"CatalogID": row["CatalogID"], **renderer(Category).render(row)},
                )
                for row in rows
            ]
        case _:
            kind, model, sql = BY_ID[thing]
            rows = await call.db.fetch(sql, call.marketplace_id, [name[0] for name in names])
            return [_message(kind, (row["ID"],), row["ID"], renderer(model).render(row)) for row in rows]


def build_gone(thing: Thing, names: Iterable[Name]) -> list[Message]:
    """Of things that are no more, by what they were known by."""
    if thing in UNTOLD_GONE:
        return []
    return [_gone(thing, tuple(name)) for name in names]


def _gone(thing: Thing, name: Name) -> Message:
    facts: Values = {"ID": name[-1]}
    kind, known = next(kind for kind in kinds.KINDS if kind.thing is thing), "/".join(filter(None, name))
    if thing is Thing.USERS:
        kind = kind_of_user(name[0], name[1])
    if thing is Thing.USER_GROUPS:
        facts["UserGroupType"] = GROUP_OF_BUYER
    return _message(kind, name, known, facts, GONE)


def _user(row: Any) -> Message:
    kind = kind_of_user(row["BuyerID"], row["SupplierID"])
    item = numbered(User, renderer(User).render(row))
    facts = {"UserType": USER_TYPES[kind]} | {name: item[name] for name in item if name not in UNTOLD}
    company = row["BuyerID"] or row["SupplierID"]
    return _message(kind, (row["key"],), "/".join(filter(None, (company, row["ID"]))), facts)


def _group(row: Any) -> Message:
    facts = {
        **renderer(UserGroup).render(row),
        "BuyerID": row["BuyerID"],
        "UserGroupType": GROUP_OF_BUYER,
    }
    return _message(kinds.USER_GROUPS, (row["key"],), f"{row['BuyerID']}/{row['ID']}", facts)


def _message(kind: SyncKind, name: Name, known: str, facts: Values, verb: str = "updated") -> Message:
    aggregate = f"{kind.called.rpartition('.')[2]}/{known}"
    return Message(kind=kind, name=name, aggregate=aggregate, payload=payload(facts), verb=verb)
