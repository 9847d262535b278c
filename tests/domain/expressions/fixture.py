"""The order of the spec's vectors (promotions section 10) as an environment."""

from datetime import UTC, datetime
from typing import Any

from tests.domain.expressions.vectors import FIXTURE, RETURN

from entrepot.domain.expressions.environment import Environment, ProductCategories
from entrepot.domain.promotions.basket import Basket
from entrepot.kernel.clock import parse_datetime

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
COMPLETED = datetime(2026, 1, 20, 9, tzinfo=UTC)
CATEGORIES = {
    "ABC": ProductCategories(assigned=frozenset({"Bikes"})),
    "XYZ": ProductCategories(assigned=frozenset({"Helmets"}), above=frozenset({"Gear"})),
}


def typed(record: dict[str, Any]) -> dict[str, Any]:
    """The record with its dates as dates, as an environment has them."""
    return {
        name: parse_datetime(value) if name.startswith("Date") and value is not None else value
        for name, value in record.items()
    }


ORDER: dict[str, Any] = typed(FIXTURE["Order"])
LINES: list[dict[str, Any]] = [typed(line) for line in FIXTURE["LineItems"]]
BASKET = Basket(order=ORDER, lines=LINES, now=NOW, categories=CATEGORIES)


def environment(
    *, approved: str = "-", of_return: bool = False, order: dict[str, Any] | None = None
) -> Environment:
    """The fixture, with the rules that are approved already; for seller rules the order is completed."""
    completed = {"Status": "Completed", "DateCompleted": COMPLETED} if of_return else {}
    return Environment(
        now=NOW,
        order={**ORDER, **completed, **(order or {})},
        items=LINES,
        order_return=RETURN if of_return else None,
        categories=CATEGORIES,
        approved_rules=frozenset() if approved == "-" else frozenset(approved.split(",")),
    )
