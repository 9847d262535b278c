"""Rules of locales beyond the uniform verbs."""

from __future__ import annotations

from typing import Any

from entrepot.declare.resource import Hooks
from entrepot.engine.call import Call

Values = dict[str, Any]


class LocaleHooks(Hooks):
    """Ownership (ORG-3): the seller's unless a supplier is named at the creation, and the same ever after."""

    def normalise(self, values: Values, old: Values | None) -> None:
        if old is not None:
            values["OwnerID"] = old["OwnerID"]

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        owner = new["OwnerID"]
        if not owner or owner.lower() == call.principal.marketplace.lower():
            new["OwnerID"] = call.principal.marketplace
