"""What is written with a product collection."""

from __future__ import annotations

from typing import Any

from entrepot.declare.resource import Hooks
from entrepot.engine.call import Call

Values = dict[str, Any]


class CollectionHooks(Hooks):
    """COL-1: private unless it says otherwise, and its maker's for ever."""

    def normalise(self, values: Values, old: Values | None) -> None:
        values["AccessLevel"] = values["AccessLevel"] or "Private"

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        new["user_key"] = call.principal.user_key if old is None else old["user_key"]
