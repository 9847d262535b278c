"""Making an account: a code is mailed to an address, and whoever reads it chooses name and password (PORT-3)."""

from __future__ import annotations

from entrepot.declare.operation import Body, Counted, Reply, Unit
from entrepot.engine.attempts import Of
from entrepot.engine.call import Call
from entrepot.engine.recording import Recording
from entrepot.engine.units import unit_of
from entrepot.engine.wire.models import validate
from entrepot.features.people.forgotten.requests import unhurried
from entrepot.features.people.portal import accounts, codes, identities, passwords
from entrepot.features.people.portal.accounts import Person, checked_email, checked_username
from entrepot.features.people.portal.codes import Purpose
from entrepot.features.people.portal.declaring import portal_operation
from entrepot.features.people.portal.messages import PortalMessage, tell
from entrepot.features.people.portal.models import Registration, Verification
from entrepot.features.people.portal.signing_in import SHARE
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    EmailTakenError,
    IdentityTakenError,
    InsecurePasswordError,
    InvalidBodyError,
    InvalidCodeError,
    SignUpClosedError,
    UsernameTakenError,
    ValidationError,
)


@portal_operation(
    "Register",
    "POST",
    "/register",
    summary="Ask for a code with which an account can be made",
    status=204,
    public=True,
    body=Body(Registration),
    errors=(SignUpClosedError, InvalidBodyError, ValidationError),
    unit=Unit.OWN,
    counted=Counted.LETTERS,
)
async def register(call: Call) -> Reply:
    """204 whether or not the address has an account: whoever reads its mail is told."""
    _require_open(call)
    email = checked_email(validate(Registration, call.body, partial=False)["Email"])
    async with unhurried():
        if may_write_to(call, email):
            async with unit_of(call, None) as connection:
                await _tell(call, connection, email)
    return Reply()


async def _tell(call: Call, connection: Recording, email: str) -> None:
    known = await accounts.by_email(connection, email)
    if known is None:
        code = await codes.issue(connection, services(call).box, Purpose.SIGN_UP, email, call.clock())
        await tell(call, connection, PortalMessage.SIGN_UP, email, code=code)
    else:
        await tell(call, connection, PortalMessage.KNOWN, known.email, username=known.username)


@portal_operation(
    "Verify",
    "POST",
    "/verify",
    summary="Make an account with the code that was mailed",
    status=204,
    public=True,
    body=Body(Verification),
    errors=(
        SignUpClosedError,
        InvalidBodyError,
        ValidationError,
        InvalidCodeError,
        InsecurePasswordError,
        UsernameTakenError,
        EmailTakenError,
        IdentityTakenError,
    ),
    unit=Unit.OWN,
    counted=Counted.REFUSED,
)
async def verify(call: Call) -> Reply:
    """What is refused leaves the code as it was."""
    _require_open(call)
    values = validate(Verification, call.body, partial=False)
    email, username = checked_email(values["Email"]), checked_username(values["Username"])
    box, code = services(call).box, values["Code"]
    # Nobody without a code makes this process hash.
    if not await codes.holds(call.pool, box, Purpose.SIGN_UP, email, code, call.clock()):
        raise InvalidCodeError
    person = Person(
        key=0,
        username=username,
        email=email,
        name=values["Name"] or "",
        country=values["Country"],
        region=values["Region"],
        terms_accepted=None,
        verified=True,
        operates=False,
        password_hash=await passwords.hashed(call, values["Password"], username),
    )
    async with unit_of(call, None) as connection:
        used = await codes.use(connection, box, (Purpose.SIGN_UP,), email, code, call.clock())
        if used is None:
            raise InvalidCodeError
        key = await accounts.add(connection, person, call.clock())
        # Whoever came from elsewhere signs in by that from now on, too.
        if used["value"]:
            await identities.link(connection, used["value"], key, call.clock())
    return Reply()


def may_write_to(call: Call, email: str) -> bool:
    """Whether the address has not had too many messages lately. If so nobody is told: the answer stays the same."""
    return services(call).attempts.may((Of.MESSAGES, (SHARE, email.lower())))


def _require_open(call: Call) -> None:
    if not services(call).sign_up:
        raise SignUpClosedError


OPERATIONS = (register, verify)
