"""The catalog epoch of a marketplace: until when a process may rely on what it remembers of catalogs (ADR 0008)."""

from __future__ import annotations

from entrepot.engine.call import Call

RAISE_EPOCH = "UPDATE catalog_epochs SET epoch = epoch + 1 WHERE marketplace_id = $1"

RAISED = "catalog epoch raised"
"""The note of a unit that has done so: what it reads of catalogs from then on is not to be remembered beyond it."""


async def raise_catalog_epoch(call: Call) -> None:
    """Make every process forget the audiences and counts of this marketplace.

    To be called in each unit that can change what any shopper sees or counts in catalogs: products, their links and
    assignments, catalogs, categories, who belongs to which group of users or buyers, locales. Not for stock. It takes
    effect when the unit commits; units that raise it wait for one another from here on, so call it last.
    """
    await call.db.execute(RAISE_EPOCH, call.marketplace_id)
    call.notes[RAISED] = True
