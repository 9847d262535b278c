"""Products that the catalog lacks: the one place where other packages offer them for new lines (LI-6).

    @offers
    async def ad_hoc(call: Call, loaded: Loaded, line: Values) -> bool: ...

A source fills the line in, marks it as `ad_hoc` and answers True; or answers False. It runs in the unit of the write.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from entrepot.engine.call import Call
from entrepot.features.orders.pricing import PricedOrder
from entrepot.features.orders.store import Loaded

Values = dict[str, Any]
Source = Callable[[Call, Loaded, Values], Awaitable[bool]]

_sources: dict[str, Source] = {}


def offers(source: Source) -> Source:
    """Have a function asked for products that the order's user does not see, in the order of declaration."""
    _sources[f"{source.__module__}.{source.__qualname__}"] = source
    return source


async def found_elsewhere(call: Call, loaded: Loaded, priced: PricedOrder, lines: Iterable[Values]) -> bool:
    """Whether sources have supplied products of new lines among these. None is asked for what the user sees."""
    found = False
    for line in lines:
        product = priced.product(line)
        if line["ID"] in loaded.kept_lines or (product is not None and product.visible):
            continue
        for source in tuple(_sources.values()):
            if await source(call, loaded, line):
                found = True
                break
    return found
