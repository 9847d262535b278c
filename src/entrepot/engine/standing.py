"""The security epoch of a marketplace: how a revocation reaches every process at once (docs/decisions/0004)."""

from __future__ import annotations

from entrepot.engine.call import Call, Database

READ_EPOCH = "SELECT epoch FROM security_epochs WHERE marketplace_id = $1"
RAISE_EPOCH = "UPDATE security_epochs SET epoch = epoch + 1 WHERE marketplace_id = $1"


async def raise_epoch(call: Call) -> None:
    """Make every process check its remembered callers of this marketplace anew.

    To be called in the unit that revokes, deactivates, moves or deletes a user, a company or a client. It takes effect
    when the unit commits: each request reads the epoch with its own statement.
    """
    await call.db.execute(RAISE_EPOCH, call.marketplace_id)


async def confirm_standing(call: Call, database: Database | None = None) -> None:
    """Confirm the caller by a statement of its own, where no other one brings the epoch along; on `database`, if not the
    call's own.

    Raises StaleStandingError.
    """
    call.confirm(await (database or call.db).fetchval(READ_EPOCH, call.marketplace_id))
