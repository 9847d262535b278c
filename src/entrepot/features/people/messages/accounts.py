"""Messages about accounts: invitations, and what was forgotten (AUTH-37, AUTH-64, AUTH-67, AUTH-68)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from msgspec import Raw

from entrepot.domain.identity.roles import RoleSet
from entrepot.domain.identity.ties import Ties
from entrepot.domain.messages.audiences import Audience
from entrepot.domain.messages.declared import Subject
from entrepot.domain.messages.types import MessageType
from entrepot.engine.call import Call
from entrepot.features.people.credentials.secrets import new_reset_code, token_digest
from entrepot.features.people.deliveries.events import Event, EventKind
from entrepot.features.people.identity.codes import CODE_LIFETIME, store_code
from entrepot.features.people.messages.expanding import expand
from entrepot.features.people.messages.letters import GoneError, Letter, said
from entrepot.features.people.messages.recipients import Recipient
from entrepot.features.people.messages.telling import client_of, told
from entrepot.features.people.messages.tokens import Bearer, bearers, issue

Values = dict[str, Any]

NEW_USER = 'SELECT u.key FROM users u WHERE u.marketplace_id = $1 AND u."BuyerID" = $2 AND u."ID" = $3'


async def letters(call: Call, event: Event) -> Sequence[Letter]:
    """To the user alone, whose row the body is made of."""
    says = partial(_says, event)
    if "invited" in event.facts:
        invited = event.facts["invited"]
        key = await call.db.fetchval(NEW_USER, call.marketplace_id, invited["BuyerID"], invited["ID"])
        if key is None:
            raise GoneError("user", invited["ID"])
        return [
            Letter(
                type=MessageType.NEW_USER_INVITATION,
                to=Audience((key,)),
                says=partial(says, MessageType.NEW_USER_INVITATION),
            )
        ]
    return [Letter(type=each.type, to=each.to, says=partial(says, each.type)) for each in told(event)]


async def _says(event: Event, message_type: MessageType, call: Call, recipient: Recipient) -> Raw:
    return said(await _body(event, message_type, call, recipient))


async def _body(event: Event, message_type: MessageType, call: Call, recipient: Recipient) -> Values:
    match message_type:
        case MessageType.NEW_USER_INVITATION:
            return await _invitation(call, event, recipient)
        case MessageType.FORGOTTEN_PASSWORD:
            known = await bearers(call, [recipient.key], client_of(event))
            code = event.confidential["code"]
            return _renewal(call, recipient, code, event.facts["url"], known.get(recipient.key))
        case MessageType.ONE_TIME_PASSWORD:
            password = event.confidential["password"]
            return {"Username": recipient.username, "ClientID": client_of(event), "OneTimePassword": password}
    return {"Username": recipient.username}


async def _invitation(call: Call, event: Event, recipient: Recipient) -> Values:
    """With a code that sets a password as after ForgottenPassword. It is made now: nobody had it before. Where no client
    admits the user, nothing could be done with one.
    """
    bearer = (await bearers(call, [recipient.key], client_of(event))).get(recipient.key)
    code = None
    if bearer is not None:
        code = new_reset_code()
        whose = (call.marketplace_id, recipient.key, bearer.client_id)
        await store_code(call.db, *whose, "reset", token_digest(code), call.server_clock() + CODE_LIFETIME)
    return _renewal(call, recipient, code, None, bearer)


def _renewal(
    call: Call, recipient: Recipient, code: str | None, url: str | None, bearer: Bearer | None
) -> Values:
    """The token opens POST /me/password once and nothing else, as long as the code holds."""
    token = None
    if bearer is not None and code is not None:
        ties = Ties(reset_code=token_digest(code).hex())
        token = issue(call, bearer, RoleSet.of(("PasswordReset",)), CODE_LIFETIME, ties)
    return {
        "Username": recipient.username,
        "PasswordRenewalUrl": url,
        "PasswordRenewalVerificationCode": code,
        "PasswordRenewalAccessToken": token,
    }


ACCOUNT_MESSAGE = EventKind(name=Subject.ACCOUNT, expand=partial(expand, letters))
