"""Forgotten passwords and locked accounts, whose owners have no token (PORT-3). Nothing tells which addresses have accounts."""

from __future__ import annotations

from entrepot.declare.operation import Body, Counted, Reply, Returns, Unit
from entrepot.engine.call import Call
from entrepot.engine.units import unit_of
from entrepot.engine.wire.models import validate
from entrepot.features.people.credentials import default_users
from entrepot.features.people.forgotten.requests import unhurried
from entrepot.features.people.portal import accounts, codes, identities, passwords, sessions
from entrepot.features.people.portal.accounts import checked_email
from entrepot.features.people.portal.codes import Purpose
from entrepot.features.people.portal.declaring import portal_operation
from entrepot.features.people.portal.messages import PortalMessage, tell
from entrepot.features.people.portal.models import EmailOfAccount, ForgottenPassword, PortalUser, Unlocking
from entrepot.features.people.portal.sign_up import may_write_to
from entrepot.features.people.portal.signing_in import unlock as forget_refusals
from entrepot.features.people.services import services
from entrepot.kernel.errors import InsecurePasswordError, InvalidBodyError, InvalidCodeError, ValidationError

VERIFIED = 'UPDATE portal_accounts SET "Verified" = true WHERE key = $1'


@portal_operation(
    "ForgotPassword",
    "POST",
    "/forgotpassword",
    summary="Ask for a code with which a new password can be set",
    status=204,
    public=True,
    body=Body(EmailOfAccount),
    errors=(InvalidBodyError, ValidationError),
    unit=Unit.OWN,
    counted=Counted.CALLS,
)
async def forgot_password(call: Call) -> Reply:
    """204 whether or not anybody has the address."""
    email = checked_email(validate(EmailOfAccount, call.body, partial=False)["Email"])
    async with unhurried():
        person = await accounts.by_email(call.pool, email)
        if person is not None and may_write_to(call, email):
            async with unit_of(call, None) as connection:
                code = await codes.issue(
                    connection, services(call).box, Purpose.PASSWORD, person.email, call.clock()
                )
                await tell(
                    call,
                    connection,
                    PortalMessage.PASSWORD,
                    person.email,
                    username=person.username,
                    code=code,
                )
    return Reply()


@portal_operation(
    "ResetPassword",
    "POST",
    "/resetpassword",
    summary="Set a new password with the code that was mailed",
    public=True,
    body=Body(ForgottenPassword),
    returns=Returns(PortalUser),
    errors=(InvalidBodyError, ValidationError, InvalidCodeError, InsecurePasswordError),
    unit=Unit.OWN,
    counted=Counted.REFUSED,
)
async def reset_password(call: Call) -> Reply:
    """All sessions and tokens end, and a lock as well; accounts elsewhere are linked no more, since a thief of a token may have linked his
    own. A refused password leaves the code as it was.
    """
    values = validate(ForgottenPassword, call.body, partial=False)
    email, code, box = checked_email(values["Email"]), values["Code"], services(call).box
    person = await accounts.by_email(call.pool, email)
    # By as many statements for an address that nobody has.
    holds = await codes.holds(call.pool, box, Purpose.PASSWORD, email, code, call.clock())
    if person is None or not holds:
        raise InvalidCodeError
    password_hash = await passwords.hashed(call, values["Password"], person.username)
    async with unit_of(call, None) as connection:
        used = await codes.use(connection, box, (Purpose.PASSWORD,), person.email, code, call.clock())
        if used is None:
            raise InvalidCodeError
        await passwords.store(connection, person.key, password_hash)
        await identities.remove_all(connection, person.key)
        await sessions.end_all(connection, person.key)
        await default_users.end_everywhere(connection, person.key)
        await forget_refusals(connection, box, person.key)
        await connection.execute(VERIFIED, person.key)
        changed = await accounts.by_key(connection, person.key)
    assert changed is not None
    return Reply(changed.wire())


@portal_operation(
    "Unlock",
    "POST",
    "/unlock",
    summary="End the lock that followed wrong passwords, with the code that was mailed",
    status=204,
    public=True,
    body=Body(Unlocking),
    errors=(InvalidBodyError, ValidationError, InvalidCodeError),
    unit=Unit.WRITE,
    counted=Counted.REFUSED,
)
async def unlock(call: Call) -> Reply:
    """The code alone unlocks: whoever has it reads the account's mail."""
    values = validate(Unlocking, call.body, partial=False)
    email, box = checked_email(values["Email"]), services(call).box
    person = await accounts.by_email(call.db, email)
    used = await codes.use(call.db, box, (Purpose.UNLOCK,), email, values["Code"], call.clock())
    if person is None or used is None:
        raise InvalidCodeError
    await forget_refusals(call.db, box, person.key)
    return Reply()


OPERATIONS = (forgot_password, reset_password, unlock)
