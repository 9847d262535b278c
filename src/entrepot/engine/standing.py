"""The security epoch of a marketplace: how a revocation reaches every process at once (docs/decisions/0004)."""

from __future__ import annotations

from entrepot.engine.call import Call, Database

READ_EPOCH = "SELECT epoch FROM security_epochs WHERE marketplace_id = $1"


async def confirm_standing(call: Call, database: Database | None = None) -> None:
    """Confirm the caller by a statement of its own, where no other one brings the epoch along; on `database`, if not the
    call's own.

    Raises StaleStandingError.
    """
    call.confirm(await (database or call.db).fetchval(READ_EPOCH, call.marketplace_id))
