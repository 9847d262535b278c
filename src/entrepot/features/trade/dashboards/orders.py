"""Orders, revenue, products and carts. Of buyers alone: what the seller orders from suppliers is nobody's revenue here, nor is what
is forwarded to them counted twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from entrepot.declare.operation import Operation, Reply, Returns, operation
from entrepot.domain.orders.status import OrderStatus
from entrepot.engine.call import Call
from entrepot.engine.rows import renderer
from entrepot.features.trade.dashboards.looking import (
    BOUNDS,
    BUCKETS,
    MOST_ROWS,
    OF_ORDERS,
    ROOT,
    asked_span,
    bounds,
    buckets,
    looking,
    points,
    shown,
    summed,
    told,
)
from entrepot.features.trade.dashboards.models import (
    CartsDashboard,
    OrdersDashboard,
    ProductsDashboard,
    SoldProduct,
)
from entrepot.kernel.sql import Sql

MOST_CURRENCIES = 20
TOP = 10
# By the index of their DateSubmitted, from its end.
SOLD = f"""
SELECT o.key, o."DateSubmitted", o."Currency", o."Total", o."Status" = '{OrderStatus.CANCELED}' AS canceled FROM orders o
WHERE o.marketplace_id = :marketplace_id AND o."IsSubmitted" AND NOT o.from_seller
    AND o."DateSubmitted" >= :start AND o."DateSubmitted" < :end
ORDER BY o."DateSubmitted" DESC NULLS LAST LIMIT {MOST_ROWS}
"""
REVENUE = Sql(f"""
SELECT date_bin(:width, s."DateSubmitted", :origin) AS at, s."Currency", count(*) AS rows,
    count(*) FILTER (WHERE NOT s.canceled) AS "Orders", count(*) FILTER (WHERE s.canceled) AS "Canceled",
    coalesce(sum(s."Total") FILTER (WHERE NOT s.canceled), 0) AS "Revenue"
FROM ({SOLD}) s GROUP BY at, s."Currency"
""").bound(*BOUNDS, *BUCKETS)
# Lines by their orders. A bundle's head costs nothing, and is none of its products.
PRODUCTS = Sql(f"""
WITH sold AS MATERIALIZED ({SOLD}),
lines AS MATERIALIZED (
    SELECT l."ProductID", l."Product", l."Quantity", l."LineTotal", l.order_key, l.position, s."Currency" FROM sold s
    JOIN LATERAL (
        SELECT * FROM line_items i WHERE i.marketplace_id = :marketplace_id AND i.order_key = s.key AND NOT i."IsBundle") l ON true
    WHERE NOT s.canceled LIMIT {MOST_ROWS}),
summed AS (
    SELECT "ProductID", "Currency", sum("Quantity") AS "Quantity", sum("LineTotal") AS "Revenue",
        count(DISTINCT order_key) AS "Orders", max(position) AS latest
    FROM lines GROUP BY "ProductID", "Currency"),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY "Currency" ORDER BY "Revenue" DESC, "Quantity" DESC, "ProductID") AS place
    FROM summed)
SELECT r."ProductID", r."Currency", r."Quantity", r."Revenue", r."Orders",
    (SELECT l."Product" ->> 'Name' FROM lines l WHERE l.position = r.latest LIMIT 1) AS "Name",
    greatest((SELECT count(*) FROM sold), (SELECT count(*) FROM lines)) AS rows
FROM ranked r WHERE r.place <= {TOP}
ORDER BY r."Currency" NULLS FIRST, r.place LIMIT {TOP * MOST_CURRENCIES}
""").bound(*BOUNDS)
# Submitted ones and others have an index of their DateCreated each.
CARTS = Sql(
    """
SELECT date_bin(:width, c."DateCreated", :origin) AS at, count(*) AS "Begun",
    count(*) FILTER (WHERE c."LineItemCount" > 0) AS "Filled", count(*) FILTER (WHERE c."IsSubmitted") AS "Submitted"
FROM ("""
    + " UNION ALL ".join(
        f"""(
    SELECT o."DateCreated", o."LineItemCount", o."IsSubmitted" FROM orders o
    WHERE o.marketplace_id = :marketplace_id AND {which} AND NOT o.from_seller AND o.origin_key IS NULL
        AND o."DateCreated" >= :start AND o."DateCreated" < :end
    ORDER BY o."DateCreated" DESC NULLS LAST LIMIT {MOST_ROWS})"""
        for which in ('NOT o."IsSubmitted"', 'o."IsSubmitted"')
    )
    + ") c GROUP BY at"
).bound(*BOUNDS, *BUCKETS)


@operation(
    "Dashboards.Orders",
    "GET",
    f"{ROOT}/orders",
    **OF_ORDERS,
    summary="Orders and revenue over time",
    returns=Returns(OrdersDashboard),
)
async def orders(call: Call) -> Reply:
    """One statement, beside that of the caller."""
    span = asked_span(call, call.clock)
    async with looking(call) as connection:
        rows = await connection.fetch(REVENUE, *bounds(call, span), *buckets(span))
    by_currency: dict[str | None, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        by_currency[row["Currency"]].append(row)
    series = [
        {
            "Currency": currency,
            **summed(some, "Orders", "Revenue", "Canceled"),
            "Points": points(span, some, "Orders", "Revenue"),
        }
        for currency, some in by_currency.items()
    ]
    series.sort(key=lambda each: (-each["Orders"], each["Currency"] or ""))
    looked_at = sum(row["rows"] for row in rows)
    return shown(OrdersDashboard, told(span, looked_at) | {"Series": series[:MOST_CURRENCIES]})


@operation(
    "Dashboards.Products",
    "GET",
    f"{ROOT}/products",
    **OF_ORDERS,
    summary="The products with most revenue",
    returns=Returns(ProductsDashboard),
)
async def products(call: Call) -> Reply:
    """One statement, beside that of the caller."""
    span = asked_span(call, call.clock)
    async with looking(call) as connection:
        rows = await connection.fetch(PRODUCTS, *bounds(call, span))
    looked_at = rows[0]["rows"] if rows else 0
    found = renderer(SoldProduct).render_all(rows)
    return shown(ProductsDashboard, told(span, looked_at) | {"Products": found})


@operation(
    "Dashboards.Carts",
    "GET",
    f"{ROOT}/carts",
    **OF_ORDERS,
    summary="How many carts become orders",
    returns=Returns(CartsDashboard),
)
async def carts(call: Call) -> Reply:
    """One statement, beside that of the caller."""
    span = asked_span(call, call.clock)
    async with looking(call) as connection:
        rows = await connection.fetch(CARTS, *bounds(call, span), *buckets(span))
    figures = ("Begun", "Filled", "Submitted")
    totals = summed(rows, *figures)
    # Of each of both kinds MOST_ROWS are looked at: where one is cut, there are as many.
    most = max(totals["Submitted"], totals["Begun"] - totals["Submitted"])
    return shown(CartsDashboard, told(span, most) | totals | {"Points": points(span, rows, *figures)})


OPERATIONS: tuple[Operation, ...] = (orders, products, carts)
