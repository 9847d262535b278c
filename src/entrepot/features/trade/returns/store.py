"""Returns between database and use cases. Who changes a return holds the lock of its order, which guards all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast

import asyncpg

from entrepot.engine import statements
from entrepot.engine.call import Call
from entrepot.engine.row_writes import insert_row, update_row
from entrepot.engine.rows import differs, from_row, renderer
from entrepot.features.trade.orders.models.returns import PAYMENT_IDS, OrderReturn
from entrepot.features.trade.orders.rows import by_name
from entrepot.features.trade.orders.store import COLUMNS as ORDER_COLUMNS
from entrepot.features.trade.orders.store import Loaded, load, order_of
from entrepot.features.trade.returns.access import reach
from entrepot.features.trade.returns.resources import ORDER_RETURN
from entrepot.features.trade.returns.rows import ReturnRow
from entrepot.kernel.errors import NotFoundError
from entrepot.kernel.sql import Sql

Values = dict[str, Any]

STORED = statements.stored_columns(ORDER_RETURN)
COLUMNS = f'''t.key, {", ".join(f't."{name}"' for name in STORED)}, ({PAYMENT_IDS}) AS "PaymentIDs"'''
SELECT = f"SELECT {COLUMNS} FROM order_returns t"
OF_ORDER = Sql(
    f'{SELECT} WHERE t.marketplace_id = :marketplace_id AND t.order_key = :order_key ORDER BY t."DateCreated", t."ID"'
).bound("marketplace_id", "order_key")
KNOWN = ":company::citext IS NOT NULL AND :user_key::bigint IS NOT NULL"
ORDER_OF = f"""
SELECT {ORDER_COLUMNS} FROM orders t
WHERE t.marketplace_id = :marketplace_id
  AND t.key = (SELECT r.order_key FROM order_returns r WHERE r.marketplace_id = :marketplace_id AND r."ID" = :return)
  AND {KNOWN} AND {{reach}}
"""
ONE = f"""{SELECT}
WHERE t.marketplace_id = :marketplace_id AND t."ID" = :return AND {KNOWN} AND EXISTS (
    SELECT 1 FROM orders o WHERE o.marketplace_id = :marketplace_id AND o.key = t.order_key AND {{reach}})
"""
"""The return of an ID, that a caller of a company reaches."""
BY_KEY = Sql(f"{SELECT} WHERE t.marketplace_id = :marketplace_id AND t.key = :key").bound(
    "marketplace_id", "key"
)
DELETE = "DELETE FROM order_returns WHERE marketplace_id = $1 AND key = $2"
REFUNDED = """
SELECT coalesce(-sum(p."Amount") FILTER (WHERE p."OrderReturnID" = $3), 0) AS refunded,
       coalesce(-sum(p."Amount") FILTER (WHERE p."OrderReturnID" <> $3), 0) AS elsewhere
FROM payments p
WHERE p.marketplace_id = $1 AND p.order_key = $2 AND p."OrderReturnID" IS NOT NULL
"""
RENAME_IN_PAYMENTS = """
UPDATE payments SET "OrderReturnID" = $4
WHERE marketplace_id = $1 AND order_key = $2 AND "OrderReturnID" = $3
"""
render = renderer(OrderReturn).render


@dataclass(slots=True)
class OpenReturn:
    """A return with its order and lines, and the order's other returns. Use cases change `row` in place; JSON values are
    replaced, never changed inside.
    """

    loaded: Loaded
    row: ReturnRow
    others: list[ReturnRow] = field(default_factory=list)
    kept: ReturnRow | None = None
    """As the database has the row; None for a new one."""

    @property
    def key(self) -> int:
        """The surrogate key of the return."""
        key: int = self.row["key"]
        return key


async def find_return(call: Call, return_id: str) -> ReturnRow:
    """A return that the caller reaches; 404. One statement."""
    row = await call.db.fetchrow(_seen(call, ONE, "o"), *_scope(call, return_id))
    if row is None:
        raise NotFoundError("OrderReturn", return_id)
    return _row(row)


async def read_return(call: Call, key: int) -> ReturnRow | None:
    """The return of a key, whoever reaches it; None for one that is gone. One statement."""
    row = await call.db.fetchrow(BY_KEY, call.marketplace_id, key)
    return None if row is None else _row(row)


async def find_open(call: Call, return_id: str, *, lock: bool = True) -> OpenReturn | None:
    """The return with its order, under the lock of that; None where the caller reaches none. Three statements."""
    sql = _seen(call, ORDER_OF, "t") + (" FOR NO KEY UPDATE" if lock else "")
    record = await call.db.fetchrow(sql, *_scope(call, return_id))
    if record is None:
        return None
    order = order_of(record)
    returns = await returns_of(call, order["key"])
    row = named(returns, return_id)
    if row is None:
        return None
    others = [each for each in returns if each is not row]
    return OpenReturn(await load(call, order), row, others, row.copy())


async def open_return(call: Call) -> OpenReturn:
    """The return that the path names, under the lock of its order; 404. Three statements."""
    return await require_open(call, call.path["returnID"], lock=True)


async def require_open(call: Call, return_id: str, *, lock: bool) -> OpenReturn:
    """The return of an ID, as `find_open` finds it; 404."""
    found = await find_open(call, return_id, lock=lock)
    if found is None:
        raise NotFoundError("OrderReturn", return_id)
    return found


async def returns_of(call: Call, order_key: int) -> list[ReturnRow]:
    """All returns of an order, the oldest first. One statement."""
    rows = await call.db.fetch(OF_ORDER, call.marketplace_id, order_key)
    return [_row(row) for row in rows]


def named(returns: list[ReturnRow], return_id: str) -> ReturnRow | None:
    """The one of this ID, in any case."""
    return next((each for each in returns if each["ID"].lower() == return_id.lower()), None)


async def refunds_of(call: Call, order_key: int, return_id: str) -> tuple[Decimal, Decimal]:
    """What has been refunded of a return, and of the order's other returns, as positive amounts. One statement."""
    row = await call.db.fetchrow(REFUNDED, call.marketplace_id, order_key, return_id)
    assert row is not None
    return row["refunded"], row["elsewhere"]


async def insert_return(call: Call, row: ReturnRow) -> None:
    """Write a new return. Raises IdExistsError."""
    await insert_row(call, ORDER_RETURN, {name: by_name(row)[name] for name in STORED})


async def save_return(call: Call, opened: OpenReturn) -> None:
    """Write what has changed, and when. One statement; one more for a new ID, which its refunds follow."""
    row, kept = opened.row, opened.kept
    assert kept is not None
    row["LastUpdated"] = call.clock()
    old, new = by_name(kept), by_name(row)
    changes = {name: new[name] for name in STORED if differs(new[name], old[name])}
    await update_row(call, ORDER_RETURN, {"key": opened.key}, changes, row["ID"])
    if row["ID"] != kept["ID"]:
        order = opened.loaded.key
        await call.db.execute(RENAME_IN_PAYMENTS, call.marketplace_id, order, kept["ID"], row["ID"])
    opened.kept = row.copy()


async def delete_return(call: Call, opened: OpenReturn) -> None:
    """With its approvals. Refunds stay: they are payments of the order."""
    await call.db.execute(DELETE, call.marketplace_id, opened.key)


def _row(record: asyncpg.Record) -> ReturnRow:
    return cast(ReturnRow, from_row(ORDER_RETURN, record))


def _seen(call: Call, sql: str, order: str) -> str:
    return _bound(sql, reach(call.principal, order))


@lru_cache(maxsize=64)
def _bound(sql: str, reach: str) -> str:
    return Sql(sql.format(reach=reach)).bound("marketplace_id", "return", "company", "user_key")


def _scope(call: Call, return_id: str) -> tuple[Any, ...]:
    return call.marketplace_id, return_id, call.principal.company_id, call.principal.user_key
