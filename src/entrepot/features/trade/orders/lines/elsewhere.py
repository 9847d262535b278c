"""Products that the catalog lacks (LI-6): the registry names who offers them for new lines, the application hands it in.

A source fills the line in, marks it as `ad_hoc` and answers True; or answers False. It runs in the unit of the write.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, cast

from entrepot.engine.call import Call
from entrepot.features.people.services import services
from entrepot.features.trade.orders.priced import PricedOrder
from entrepot.features.trade.orders.rows import LineRow
from entrepot.features.trade.orders.store import Loaded

Values = dict[str, Any]
Source = Callable[[Call, Loaded, LineRow], Awaitable[bool]]


async def found_elsewhere(call: Call, loaded: Loaded, priced: PricedOrder, lines: Iterable[LineRow]) -> bool:
    """Whether sources have supplied products of new lines among these. None is asked for what the user sees."""
    sources = cast("tuple[Source, ...]", services(call).product_sources)
    found = False
    for line in lines:
        product = priced.product(line)
        if line["ID"] in loaded.kept_lines or (product is not None and product.visible):
            continue
        for source in sources:
            if await source(call, loaded, line):
                found = True
                break
    return found
