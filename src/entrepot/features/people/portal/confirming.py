"""POST /confirmation: what was asked for is done once the mailed code comes back (PORT-3, PORT-10)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import asyncpg

from entrepot.declare.operation import Body, Counted, Reply, Unit
from entrepot.engine.call import Call
from entrepot.engine.wire.models import validate
from entrepot.features.people.portal import codes, giving_up
from entrepot.features.people.portal.accounts import taken_error
from entrepot.features.people.portal.codes import Purpose
from entrepot.features.people.portal.declaring import portal_operation
from entrepot.features.people.portal.messages import PortalMessage, tell
from entrepot.features.people.portal.models import Confirmation
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    EmailTakenError,
    InvalidBodyError,
    InvalidCodeError,
    NotFoundError,
    ValidationError,
)

VERIFY = 'UPDATE portal_accounts SET "Verified" = true WHERE key = $1'
CHANGE_EMAIL = """
WITH before AS (SELECT key, "Username" AS username, "Email" AS email FROM portal_accounts WHERE key = $1 FOR UPDATE)
UPDATE portal_accounts a SET "Email" = $2, "Verified" = true FROM before WHERE a.key = before.key
RETURNING before.username, before.email
"""

Act = Callable[[Call, str], Awaitable[None]]
"""What a code brings about, within the unit that uses it up; takes the value that was kept with the code."""


async def _verify_email(call: Call, _value: str) -> None:
    await call.db.execute(VERIFY, call.account.key)


async def _change_email(call: Call, email: str) -> None:
    try:
        before = await call.db.fetchrow(CHANGE_EMAIL, call.account.key, email)
    except asyncpg.UniqueViolationError as taken:
        raise taken_error(taken) from None
    # Whoever reads the former address learns of it, also where somebody else has changed it.
    if before is not None:
        await tell(call, call.db, PortalMessage.EMAIL_CHANGED, before["email"], username=before["username"])


ACTS: dict[Purpose, Act] = {
    Purpose.VERIFY_EMAIL: _verify_email,
    Purpose.CHANGE_EMAIL: _change_email,
    Purpose.DELETE: giving_up.delete_confirmed,
    Purpose.TRANSFER: giving_up.transfer_confirmed,
}


@portal_operation(
    "Confirm",
    "POST",
    "/confirmation",
    summary="Confirm what was asked for, with the code that was mailed",
    status=204,
    body=Body(Confirmation),
    errors=(InvalidBodyError, ValidationError, InvalidCodeError, EmailTakenError, NotFoundError),
    unit=Unit.WRITE,
    counted=Counted.REFUSED,
)
async def confirm(call: Call) -> Reply:
    """A code is its account's alone: who reads somebody's mail still has to sign in."""
    code = validate(Confirmation, call.body, partial=False)["Code"]
    used = await codes.use(
        call.db, services(call).box, tuple(ACTS), str(call.account.key), code, call.clock()
    )
    if used is None:
        raise InvalidCodeError
    await ACTS[Purpose(used["purpose"])](call, used["value"] or "")
    return Reply()


OPERATIONS = (confirm,)
