"""The security epoch of a marketplace: how a revocation reaches every process at once (docs/decisions/0004)."""

from __future__ import annotations

from entrepot.engine.call import Call, Database
from entrepot.kernel.sql import Sql

READ_EPOCH = Sql("SELECT epoch FROM security_epochs WHERE marketplace_id = :marketplace_id")
_READ = READ_EPOCH.bound("marketplace_id")
HOLD_EPOCH = "SELECT 1 FROM security_epochs WHERE marketplace_id = $1 FOR NO KEY UPDATE"
"""Nobody else raises the epoch until the unit ends; the unit itself may."""


async def confirm_standing(call: Call, database: Database | None = None) -> None:
    """Confirm the caller by a statement of its own, where no other one brings the epoch along; on `database`, if not the
    call's own.

    In a request's last turn the standing is read anew in place of that, unless a unit is open: that has begun with it.
    Raises StaleStandingError; in a last turn 401 errors, and what the caller may not do.
    """
    if call.renew is not None and call.connection is None:
        await call.renew(call, call.db)
        return
    call.confirm(await (database or call.db).fetchval(_READ, call.marketplace_id))


async def hold_standing(call: Call) -> None:
    """In a request's last turn, as a unit's first statements: the caller's standing as it stays until the unit ends. Does nothing in
    other turns, which only find that it has changed.
    """
    if call.renew is not None:
        await call.db.execute(HOLD_EPOCH, call.marketplace_id)
        await call.renew(call, call.db)
