"""Rules of locales beyond the uniform verbs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import asyncpg

from entrepot.declare.resource import Hooks
from entrepot.engine.call import Call
from entrepot.features.people import holdings
from entrepot.features.people.holdings import HoldingHooks

Values = dict[str, Any]

END_ASSIGNMENTS = """
DELETE FROM locale_assignments WHERE marketplace_id = $1 AND "LocaleID" = $2
RETURNING group_key, "BuyerID" AS changed_buyer
"""


class LocaleHooks(Hooks):
    """Ownership (ORG-3): the seller's unless a supplier is named at the creation, and the same ever after. Users of
    groups with the locale follow it (LOC-3).
    """

    async def lock_first(self, call: Call) -> None:
        await holdings.lock(call.db, call.marketplace_id)

    def normalise(self, values: Values, old: Values | None) -> None:
        if old is not None:
            values["OwnerID"] = old["OwnerID"]

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        owner = new["OwnerID"]
        if not owner or owner.lower() == call.principal.marketplace.lower():
            new["OwnerID"] = call.principal.marketplace

    async def after_write(self, call: Call, old: Values | None, new: Values) -> None:
        if old is not None and new["ID"] != old["ID"]:
            await _refresh(
                call, await call.db.fetch(holdings.GROUPS_OF_LOCALE, call.marketplace_id, new["ID"])
            )

    async def check_delete(self, call: Call, old: Values) -> None:
        await _refresh(call, await call.db.fetch(END_ASSIGNMENTS, call.marketplace_id, old["ID"]))


class LocaleAssignmentHooks(HoldingHooks):
    """A locale decides in which currency a shopper sees prices (LOC-4); a group's is kept with its members (LOC-3)."""


async def _refresh(call: Call, rows: Iterable[asyncpg.Record]) -> None:
    await holdings.refresh(call.db, call.marketplace_id, groups=(row["group_key"] for row in rows))
