"""Pages of docs/reference that are made from the code: `python -m entrepot.app.reference > docs/reference/orders.md`."""

from __future__ import annotations

from collections.abc import Iterator

from entrepot.domain.orders.status import TRANSITIONS
from entrepot.domain.orders.submitting import STEPS


def orders() -> str:
    """The page about the life of an order, as Markdown."""
    return "\n".join(_orders()) + "\n"


def _orders() -> Iterator[str]:
    yield "# The life of an order"
    yield ""
    yield "Made from `domain/orders/status.py` and `domain/orders/submitting.py` by `entrepot.app.reference`."
    yield ""
    yield "| rule | from | event | to | who | sets |"
    yield "|---|---|---|---|---|---|"
    for move in TRANSITIONS:
        dates = ", ".join(move.dates)
        yield f"| {move.rule} | {move.before or ''} | {move.event} | {move.after} | {move.actor} | {dates} |"
    yield ""
    yield "## Submit, step by step"
    yield ""
    yield "All refusals come in one answer; an order that is refused is as it was."
    yield ""
    for number, step in enumerate(STEPS, 1):
        yield f"{number}. {step}"
    yield ""
    yield "## Deleting an order"
    yield ""
    yield "DELETE takes an open order away as it stands: the stock that it took and the spending accounts that it charged"
    yield "stay as they are. To give both back, cancel the order first, or delete its payments and lines."


if __name__ == "__main__":
    print(orders(), end="")
