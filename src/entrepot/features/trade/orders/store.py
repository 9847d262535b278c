"""Orders with their lines between database and use cases: load under a lock, decide, save what has changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

import asyncpg

from entrepot.engine import statements
from entrepot.engine.batches import RowBatch
from entrepot.engine.call import Call
from entrepot.engine.row_writes import insert_keyed_row, update_row
from entrepot.engine.rows import differs, from_row, renderer
from entrepot.engine.standing import READ_EPOCH
from entrepot.features.trade.orders import access
from entrepot.features.trade.orders.models.enums import OrderDirection
from entrepot.features.trade.orders.models.lines import LineItem
from entrepot.features.trade.orders.models.orders import Order
from entrepot.features.trade.orders.priced import PricedOrder
from entrepot.features.trade.orders.promotion_rows import read_rows, write_rows
from entrepot.features.trade.orders.promotion_terms import Terms
from entrepot.features.trade.orders.reference import OrderRef
from entrepot.features.trade.orders.resources import LINE_ITEM, ORDER
from entrepot.features.trade.orders.rows import LineRow, OrderRow, by_name
from entrepot.kernel.errors import NotFoundError
from entrepot.kernel.sql import Sql
from entrepot.kernel.user_types import UserType

Values = dict[str, Any]

ORDER_COLUMNS = ("key", *statements.stored_columns(ORDER))
_WRITTEN = frozenset(ORDER_COLUMNS)
COLUMNS = ", ".join(f't."{name}"' for name in ORDER_COLUMNS)


@lru_cache(maxsize=256)
def _find(sight: access.OrderSight, direction: OrderDirection, *, lock: bool) -> str:
    """It takes the marketplace, the ID, the caller's company, its key, the order or the invitation that the token names. Where
    two orders of one ID are visible, the incoming one wins (ORD-2). The last condition names all parameters. `epoch` confirms
    the caller.
    """
    return Sql(f"""
SELECT {COLUMNS}, ({READ_EPOCH}) AS epoch FROM orders t
WHERE t.marketplace_id = :marketplace_id AND t."ID" = :order AND {access.visible(sight, direction)}
  AND (:company::citext IS NOT NULL AND :user_key::bigint IS NOT NULL AND (:guest_order::citext IS NULL OR true))
ORDER BY t.to_seller DESC LIMIT 1
{" FOR NO KEY UPDATE" if lock else ""}""").bound(
        "marketplace_id", "order", "company", "user_key", "guest_order"
    )


LINE_COLUMNS = statements.stored_columns(LINE_ITEM)
LINES_OF = f"""
SELECT {", ".join(f't."{name}"' for name in LINE_COLUMNS)} FROM line_items t
WHERE t.marketplace_id = $1 AND t.order_key """
LINES = f"{LINES_OF} = $2 ORDER BY t.position"
LINES_OF_ALL = f"{LINES_OF} = ANY($2::bigint[]) ORDER BY t.position"
DELETE_ORDER = "DELETE FROM orders WHERE marketplace_id = $1 AND key = $2"
RENAME_IN_RETURNS = 'UPDATE order_returns SET "OrderID" = $3 WHERE marketplace_id = $1 AND order_key = $2'
RENAME_IN_TWINS = """
UPDATE line_items t SET
    "IncomingOrderID" = CASE WHEN t.source_order_key = $2 THEN $3 ELSE t."IncomingOrderID" END,
    "OutgoingOrderID" = CASE WHEN t.order_key = $4 THEN $3 ELSE t."OutgoingOrderID" END
WHERE t.marketplace_id = $1 AND (t.source_order_key = $2 OR t.order_key = $4 AND t."OutgoingOrderID" = $5)
"""
"""What lines say of an order that a split made, or of which it made others."""

line_rows = RowBatch(LINE_ITEM, ("ID",))
render_order = renderer(Order).render
render_line = renderer(LineItem).render
BETWEEN_ORDERS = ("IncomingOrderID", "OutgoingOrderID")
"""What a line says of the orders that a split made: the marketplace owner's alone (LI-4)."""


@dataclass(slots=True)
class Loaded:
    """An order under its lock, with its lines in the order of adding. Use cases change `order` and `lines` in place;
    JSON values are replaced, never changed inside.
    """

    order: OrderRow
    lines: list[LineRow] = field(default_factory=list)
    kept: OrderRow = field(default_factory=lambda: cast(OrderRow, {}))
    kept_lines: dict[str, LineRow] = field(default_factory=dict)
    """As the database has them, lines by ID."""
    promotions: list[Values] = field(default_factory=list)
    """The rows of its promotions (features/trade/orders/promotion_rows.py), in the order of their application."""
    kept_promotions: list[Values] = field(default_factory=list)
    terms: Terms | None = None
    """What the last look at its promotions found (features/trade/orders/promotions/terms.py)."""
    facts: PricedOrder | None = None
    """What the last pricing knew of the products (features/trade/orders/pricing/prices.py)."""
    has_checkout: bool | None = None
    """Whether an integration calculates what the caller orders (CHK-7), where it has been looked for in this unit."""
    invitation: str | None = None
    """The invitation to whose lines the caller is held (GRP-2)."""

    @property
    def key(self) -> int:
        """The surrogate key of the order."""
        key: int = self.order["key"]
        return key

    def line(self, line_id: str) -> LineRow:
        """The line of this ID, in any case; 404."""
        found = self.find_line(line_id)
        if found is None:
            raise NotFoundError("LineItem", line_id)
        return found

    def find_line(self, line_id: str) -> LineRow | None:
        """The same; None where the caller sees none."""
        for line in self.lines:
            if line["ID"].lower() == line_id.lower():
                return line if self.invitation in (None, line["InvitationID"]) else None
        return None


async def find_order(
    call: Call, direction: OrderDirection, order_id: str, *, lock: bool, also: tuple[str, ...] = ()
) -> OrderRow | None:
    """The order that the caller reaches by this ID, with its stored columns; None where there is none. With a role of
    `also` it reaches what an OrderReader does. Confirms the caller where nothing has. Raises StaleStandingError.
    """
    principal = call.principal
    row = await call.db.fetchrow(
        _find(access.sight(principal, also), direction, lock=lock),
        call.marketplace_id,
        order_id,
        principal.company_id,
        principal.user_key,
        principal.invitation_id or principal.guest_order_id,
    )
    if row is None:
        return None
    if not call.confirmed:
        call.confirm(row["epoch"])
    order = order_of(row)
    del by_name(order)["epoch"]
    return order


def order_of(record: asyncpg.Record) -> OrderRow:
    """The order of a record with its stored columns."""
    return cast(OrderRow, from_row(ORDER, record))


async def load(call: Call, order: OrderRow) -> Loaded:
    """The order with its lines. One statement, two for an order with promotions."""
    rows = await call.db.fetch(LINES, call.marketplace_id, order["key"])
    return await _loaded(call, order, [cast(LineRow, from_row(LINE_ITEM, row)) for row in rows])


async def load_all(call: Call, orders: Sequence[OrderRow]) -> list[Loaded]:
    """The same of several orders, with one statement for all their lines; none for no orders."""
    if not orders:
        return []
    rows = await call.db.fetch(LINES_OF_ALL, call.marketplace_id, [order["key"] for order in orders])
    lines = [cast(LineRow, from_row(LINE_ITEM, row)) for row in rows]
    return [
        await _loaded(call, order, [line for line in lines if line["order_key"] == order["key"]])
        for order in orders
    ]


async def _loaded(call: Call, order: OrderRow, lines: list[LineRow]) -> Loaded:
    kept = {line["ID"]: line.copy() for line in lines}
    promotions = await read_rows(call, order["key"]) if order.get("has_promotions") else []
    return Loaded(
        order,
        lines,
        order.copy(),
        kept,
        promotions=promotions,
        kept_promotions=list(promotions),
        invitation=call.principal.invitation_id,
    )


async def require_order(call: Call, where: OrderRef, *, lock: bool, also: tuple[str, ...] = ()) -> OrderRow:
    """The order, as `find_order` finds it; 404."""
    order = await find_order(call, where.side, where.id, lock=lock, also=also)
    if order is None:
        raise NotFoundError("Order", where.id)
    return order


async def insert_order(call: Call, order: OrderRow) -> None:
    """Create the row; `order` gets its key. 409 for an ID that the sender or the receiver has already (ORD-2)."""
    values = {name: by_name(order)[name] for name in ORDER_COLUMNS if name in order and name != "key"}
    order["key"] = await insert_keyed_row(call, ORDER, values)


async def save(call: Call, loaded: Loaded) -> None:
    """Write what has changed: at most one statement for the order, one each for new, changed and removed lines, and two
    for promotions.
    """
    present = {line["ID"]: line for line in loaded.lines}
    added = [line for line in loaded.lines if line["ID"] not in loaded.kept_lines]
    changes = {
        line_id: names
        for line_id, line in present.items()
        if line_id in loaded.kept_lines and (names := _changes(line, loaded.kept_lines[line_id]))
    }
    removed = [line for line_id, line in loaded.kept_lines.items() if line_id not in present]
    above = (loaded.key,)
    await line_rows.delete(call, above, removed)
    await line_rows.insert(call, above, added)
    changed = {name for names in changes.values() for name in names}
    await line_rows.update(call, above, [present[line_id] for line_id in changes], changed)
    await write_rows(call, loaded.key, loaded.promotions, loaded.kept_promotions)
    if loaded.promotions or loaded.kept_promotions:
        loaded.order["has_promotions"] = bool(loaded.promotions)
    loaded.kept_promotions = list(loaded.promotions)
    await _save_order(call, loaded)
    loaded.kept = loaded.order.copy()
    loaded.kept_lines = {line["ID"]: line.copy() for line in loaded.lines}


async def _save_order(call: Call, loaded: Loaded) -> None:
    order, kept = loaded.order, loaded.kept
    changes = {name: by_name(order)[name] for name in _changes(order, kept) if name in _WRITTEN}
    await update_row(call, ORDER, {"key": loaded.key}, changes, order["ID"])
    if "ID" in changes:
        await call.db.execute(RENAME_IN_RETURNS, call.marketplace_id, loaded.key, order["ID"])
        named = (loaded.key, order["ID"], order["origin_key"], kept["ID"])
        await call.db.execute(RENAME_IN_TWINS, call.marketplace_id, *named)


def show_line(call: Call, line: LineRow) -> Values:
    """A line as this caller sees it."""
    item: Values = render_line(line)
    if call.principal.user_type is not UserType.SELLER:
        item |= dict.fromkeys(BETWEEN_ORDERS)
    return item


def _changes(row: OrderRow | LineRow, kept: OrderRow | LineRow) -> list[str]:
    """The columns that have become others."""
    before = by_name(kept)
    return [name for name, value in by_name(row).items() if differs(value, before.get(name))]
