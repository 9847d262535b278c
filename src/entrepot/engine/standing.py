"""The security epoch of a marketplace: how a revocation reaches every process at once (docs/decisions/0004)."""

from __future__ import annotations

from entrepot.engine.call import Call, Database
from entrepot.kernel.sql import Sql

READ_EPOCH = Sql("SELECT epoch FROM security_epochs WHERE marketplace_id = :marketplace_id")
_READ = READ_EPOCH.bound("marketplace_id")


async def confirm_standing(call: Call, database: Database | None = None) -> None:
    """Confirm the caller by a statement of its own, where no other one brings the epoch along; on `database`, if not the
    call's own.

    Raises StaleStandingError.
    """
    call.confirm(await (database or call.db).fetchval(_READ, call.marketplace_id))
