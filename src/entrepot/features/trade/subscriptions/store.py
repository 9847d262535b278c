"""Subscriptions with their items between database and use cases: who reaches which, load under a lock, save."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from entrepot.domain.orders.status import OrderStatus
from entrepot.engine import statements
from entrepot.engine.batches import RowBatch
from entrepot.engine.call import Call
from entrepot.engine.row_writes import insert_keyed_row, update_row
from entrepot.engine.rows import from_row, renderer, to_row
from entrepot.features.trade.orders.companies import received_by
from entrepot.features.trade.orders.creating import blank_order
from entrepot.features.trade.orders.models.lines import LineItem
from entrepot.features.trade.orders.models.subscriptions import Subscription
from entrepot.features.trade.orders.rows import LineRow, OrderRow
from entrepot.features.trade.orders.store import Loaded
from entrepot.features.trade.subscriptions.resources import SUBSCRIPTION, SUBSCRIPTION_ITEM
from entrepot.kernel.errors import NotFoundError
from entrepot.kernel.sql import Sql
from entrepot.kernel.user_types import UserType

Values = dict[str, Any]

STORED = ("key", *statements.stored_columns(SUBSCRIPTION))
COMPUTED = tuple(column for column in Subscription.__columns__.values() if column.computed is not None)
COLUMNS = ", ".join([*(f't."{name}"' for name in STORED), statements.projection(COMPUTED)])
ITEM_COLUMNS = statements.stored_columns(SUBSCRIPTION_ITEM)
ITEMS = f"""
SELECT {", ".join(f't."{name}"' for name in ITEM_COLUMNS)} FROM subscription_items t
WHERE t.marketplace_id = $1 AND t.subscription_key = $2 ORDER BY t.position
"""
DELETE = "DELETE FROM subscriptions WHERE marketplace_id = $1 AND key = $2"
RENAME_IN_ORDERS = (
    'UPDATE orders SET "SubscriptionID" = $3 WHERE marketplace_id = $1 AND "SubscriptionID" = $2'
)

render = renderer(Subscription).render
render_item = renderer(LineItem).render
_items = RowBatch(SUBSCRIPTION_ITEM, ("ID",))


class SubscriptionReach(enum.StrEnum):
    """Which subscriptions a call is about, as a condition on `t` with `{}` for the value."""

    OWN = "t.user_key = {}"
    SENT = 't."FromCompanyID" = {}'
    """Subscriptions are buyers' alone."""
    RECEIVED = received_by(UserType.SUPPLIER, "{}")
    EVERY = "{} IS NOT NULL"
    """That the parameter stays in use."""


OF_COMPANY = {
    UserType.SELLER: SubscriptionReach.EVERY,
    UserType.BUYER: SubscriptionReach.SENT,
    UserType.SUPPLIER: SubscriptionReach.RECEIVED,
}
TYPES = {SubscriptionReach.OWN: "bigint"}


def reach_of(call: Call) -> SubscriptionReach:
    """Under /me the caller's own; else those of its company, and for the marketplace owner all."""
    return SubscriptionReach.OWN if is_personal(call) else OF_COMPANY[call.principal.user_type]


def is_personal(call: Call) -> bool:
    """Whether the call is one under /me."""
    return call.operation.path.startswith("/me/")


def reaching(call: Call) -> int | str:
    """The value of the condition."""
    return call.principal.user_key if is_personal(call) else call.principal.company_id


def condition(reach: SubscriptionReach) -> Sql:
    """The condition on `:value`, whose type it gives."""
    return Sql(reach.format(f"CAST(:value AS {TYPES.get(reach, 'citext')})"))


@dataclass(slots=True)
class Template:
    """A subscription with its items. `loaded` stands for the order that they would make now: its lines are the items,
    to be changed in place, and its order has what prices, choices and addresses depend on.
    """

    subscription: Values
    kept: Values
    loaded: Loaded

    @property
    def key(self) -> int:
        """The surrogate key of the subscription."""
        key: int = self.subscription["key"]
        return key


@cache
def _find(reach: SubscriptionReach) -> str:
    return Sql(
        f"SELECT {COLUMNS} FROM subscriptions t"
        f' WHERE t.marketplace_id = :marketplace_id AND t."ID" = :subscription AND {condition(reach)}'
    ).bound("marketplace_id", "subscription", "value")


async def find(call: Call, subscription_id: str, *, lock: bool) -> Values | None:
    """The subscription, if it is within the caller's reach. One statement."""
    row = await call.db.fetchrow(
        _find(reach_of(call)) + (" FOR NO KEY UPDATE OF t" if lock else ""),
        call.marketplace_id,
        subscription_id,
        reaching(call),
    )
    return None if row is None else from_row(SUBSCRIPTION, row)


async def require(call: Call, subscription_id: str, *, lock: bool) -> Values:
    """As `find`; 404."""
    found = await find(call, subscription_id, lock=lock)
    if found is None:
        raise NotFoundError("Subscription", subscription_id)
    return found


async def load(call: Call, subscription: Values) -> Template:
    """The subscription with its items. One statement."""
    rows = await call.db.fetch(ITEMS, call.marketplace_id, subscription["key"])
    items = [cast(LineRow, from_row(SUBSCRIPTION_ITEM, row) | {"ad_hoc": False}) for row in rows]
    order = order_of(subscription)
    kept = {item["ID"]: item.copy() for item in items}
    return Template(subscription, dict(subscription), Loaded(order, items, order.copy(), kept))


def order_of(subscription: Values) -> OrderRow:
    """What an order of this subscription would be, as far as its lines depend on it. Items name the addresses that are
    theirs alone: those of the subscription come to the lines with the order.
    """
    order = blank_order()
    order |= {
        "Status": OrderStatus.UNSUBMITTED,
        "SubscriptionID": subscription["ID"],
        "FromCompanyID": subscription["FromCompanyID"],
        "ToCompanyID": subscription["ToCompanyID"],
        "to_seller": subscription["to_seller"],
        "user_key": subscription["user_key"],
    }
    return order


async def insert(call: Call, subscription: Values) -> None:
    """Create the row; it gets its key. 409 for a taken ID."""
    values = {name: subscription[name] for name in STORED if name in subscription}
    subscription["key"] = await insert_keyed_row(call, SUBSCRIPTION, values)


async def save(call: Call, template: Template) -> None:
    """Write what has changed: at most one statement for the subscription, one for its orders after a rename, and one
    each for new, changed and removed items.
    """
    loaded, above = template.loaded, (template.key,)
    present = {item["ID"] for item in loaded.lines}
    await _items.delete(
        call, above, [item for name, item in loaded.kept_lines.items() if name not in present]
    )
    await _items.insert(call, above, [item for item in loaded.lines if item["ID"] not in loaded.kept_lines])
    known = [item for item in loaded.lines if item["ID"] in loaded.kept_lines]
    changed = [item for item in known if _stored(item) != _stored(loaded.kept_lines[item["ID"]])]
    await _items.update(call, above, changed)
    await save_row(call, template)


async def save_row(call: Call, template: Template) -> None:
    """Write what has changed of the subscription itself. JSON is compared as text."""
    before, after = template.kept, template.subscription
    rows = [to_row(SUBSCRIPTION, {name: values.get(name) for name in STORED}) for values in (before, after)]
    changes = {name: after.get(name) for name in STORED if rows[0][name] != rows[1][name]}
    await update_row(call, SUBSCRIPTION, {"key": template.key}, changes, after["ID"])
    if "ID" in changes:
        await call.db.execute(RENAME_IN_ORDERS, call.marketplace_id, before["ID"], after["ID"])
    template.kept = dict(after)


def _stored(item: LineRow) -> Values:
    # As text, for to Python 1 equals true.
    return to_row(SUBSCRIPTION_ITEM, item)
