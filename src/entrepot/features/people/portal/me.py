"""The signed-in account (PORT-3): what it says of itself, its password and address."""

from __future__ import annotations

import asyncpg

from entrepot.declare.operation import Body, Counted, Reply, Returns, Unit
from entrepot.engine.call import Call, Database
from entrepot.engine.units import unit_of
from entrepot.engine.wire.models import validate
from entrepot.features.people.credentials import default_users
from entrepot.features.people.forgotten.requests import unhurried
from entrepot.features.people.portal import accounts, codes, passwords, sessions
from entrepot.features.people.portal.accounts import Person, checked_email, checked_username, taken_error
from entrepot.features.people.portal.codes import Purpose
from entrepot.features.people.portal.declaring import newer, portal_operation
from entrepot.features.people.portal.messages import PortalMessage, tell
from entrepot.features.people.portal.models import EmailChange, PasswordChange, PortalUser
from entrepot.features.people.portal.sign_up import may_write_to
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    EmailTakenError,
    InsecurePasswordError,
    InvalidBodyError,
    UserGoneError,
    UsernameTakenError,
    ValidationError,
    WrongPasswordError,
)

SAVE = 'UPDATE portal_accounts SET "Username" = $2, "Name" = $3, "Country" = $4, "Region" = $5 WHERE key = $1'
ACCEPT = 'UPDATE portal_accounts SET "TermsAccepted" = coalesce("TermsAccepted", $2) WHERE key = $1'


@portal_operation("GetMe", "GET", "/me", summary="Get the signed-in account", returns=Returns(PortalUser))
async def get_me(call: Call) -> Reply:
    """One statement."""
    return Reply((await own_account(call, call.db)).wire())


@portal_operation(
    "SaveMe",
    "PUT",
    "/me",
    summary="Change what the signed-in account says of itself",
    body=Body(PortalUser),
    returns=Returns(PortalUser),
    errors=(InvalidBodyError, ValidationError, UsernameTakenError),
    unit=Unit.WRITE,
)
async def save_me(call: Call) -> Reply:
    """The address is changed by a mailed code alone, and not here."""
    values = validate(PortalUser, call.body, partial=False)
    key, username = call.account.key, checked_username(values["Username"])
    try:
        await call.db.execute(SAVE, key, username, values["Name"] or "", values["Country"], values["Region"])
    except asyncpg.UniqueViolationError as taken:
        raise taken_error(taken) from None
    return Reply((await own_account(call, call.db)).wire())


@portal_operation(
    "AcceptTerms", "POST", "/me/accept", summary="Accept the terms of use", status=204, unit=Unit.WRITE
)
async def accept_terms(call: Call) -> Reply:
    """The first time counts."""
    await call.db.execute(ACCEPT, call.account.key, call.clock())
    return Reply()


@portal_operation(
    "ChangePassword",
    "PUT",
    "/me/password",
    summary="Change the password of the signed-in account",
    body=Body(PasswordChange),
    returns=Returns(PortalUser),
    errors=(InvalidBodyError, ValidationError, WrongPasswordError, InsecurePasswordError),
    unit=Unit.OWN,
    counted=Counted.REFUSED,
)
async def change_password(call: Call) -> Reply:
    """All other sessions end, but for that of RefreshToken, and all tokens of marketplaces."""
    values = validate(PasswordChange, call.body, partial=False)
    person = await own_account(call, call.pool)
    await _require_password(call, person, values["CurrentPassword"])
    password_hash = await passwords.hashed(call, values["NewPassword"], person.username)
    async with unit_of(call, None) as connection:
        await passwords.store(connection, person.key, password_hash)
        await sessions.end_others(connection, call.account, values["RefreshToken"] or "")
        await default_users.end_everywhere(connection, person.key)
    return Reply(person.wire())


@portal_operation(
    "ChangeEmail",
    "PUT",
    "/me/email",
    summary="Ask for another address of the signed-in account, to which a code is mailed",
    status=204,
    body=Body(EmailChange),
    errors=(InvalidBodyError, ValidationError, WrongPasswordError, EmailTakenError),
    unit=Unit.OWN,
    counted=Counted.REFUSED,
)
async def change_email(call: Call) -> Reply:
    """It becomes the account's with POST /confirmation. An address that has an account gets no code, which nobody is told."""
    values = validate(EmailChange, call.body, partial=False)
    email, person = checked_email(values["Email"]), await own_account(call, call.pool)
    await _require_password(call, person, values["Password"])
    async with unhurried():
        if await accounts.by_email(call.pool, email) is None and may_write_to(call, email):
            await send_code(call, person, Purpose.CHANGE_EMAIL, PortalMessage.EMAIL, to=email, value=email)
    return Reply()


@portal_operation(
    "VerifyEmail",
    "POST",
    "/me/verifyemail",
    summary="Have a code mailed to the address of the signed-in account",
    status=204,
    unit=Unit.OWN,
    counted=Counted.CALLS,
)
async def verify_email(call: Call) -> Reply:
    """Confirmed with POST /confirmation."""
    person = await own_account(call, call.pool)
    if may_write_to(call, person.email):
        await send_code(call, person, Purpose.VERIFY_EMAIL, PortalMessage.EMAIL, to=person.email)
    return Reply()


async def own_account(call: Call, db: Database) -> Person:
    """The caller's. One statement."""
    person = await accounts.by_key(db, call.account.key)
    if person is None:
        raise UserGoneError
    return person


async def send_code(
    call: Call,
    person: Person,
    purpose: Purpose,
    message: PortalMessage,
    *,
    to: str,
    value: str | None = None,
    **facts: object,
) -> None:
    """Mail a code that the caller confirms later, in a unit of its own."""
    async with unit_of(call, None) as connection:
        code = await codes.issue(
            connection, services(call).box, purpose, str(person.key), call.clock(), value
        )
        await tell(call, connection, message, to, username=person.username, code=code, **facts)


async def _require_password(call: Call, person: Person, password: str) -> None:
    if not await passwords.is_right(call, person.password_hash, password):
        raise WrongPasswordError


OLD = (
    get_me,
    save_me,
    accept_terms,
    change_password,
    change_email,
    verify_email,
)
OPERATIONS = (*OLD, *map(newer, OLD))
