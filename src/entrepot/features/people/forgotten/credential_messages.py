"""Forgotten usernames, and passwords that are good for one login (AUTH-67, AUTH-68)."""

from __future__ import annotations

from datetime import timedelta

from entrepot.declare.operation import Body, Counted, QueryParameter, Reply, Unit, operation
from entrepot.domain.messages.types import MessageType
from entrepot.engine.call import Call
from entrepot.engine.query import parameters
from entrepot.features.people.credentials.one_time_passwords import one_time_password_digest
from entrepot.features.people.credentials.secrets import new_one_time_password
from entrepot.features.people.forgotten.models import OneTimePasswordRequest
from entrepot.features.people.forgotten.recipients import find_client, find_recipients
from entrepot.features.people.forgotten.requests import (
    TAG,
    may_write_to,
    read_body,
    tell_of,
    unhurried,
    unit_within,
)
from entrepot.features.people.identity.codes import store_code
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    ClientAndEmailRequiredError,
    InvalidBodyError,
    NotFoundError,
    OneTimePasswordRecipientError,
    ValidationError,
)

ONE_TIME_PASSWORD_LIFETIME = timedelta(minutes=10)


@operation(
    "ForgottenCredentials.RetrieveUsername",
    "POST",
    "/username/retrieve",
    tag=TAG,
    summary="Send the usernames of an e-mail address",
    public=True,
    query=(QueryParameter("clientID"), QueryParameter("email")),
    errors=(ClientAndEmailRequiredError,),
    unit=Unit.OWN,
    counted=Counted.CALLS,
)
async def retrieve_username(call: Call) -> Reply:
    """200 always, once both parameters are there (AUTH-67)."""
    given = parameters(call)
    if "clientID" not in given or "email" not in given:
        raise ClientAndEmailRequiredError
    async with unhurried():
        client = await find_client(call, given["clientID"])
        if client is not None:
            async with unit_within(call, client.marketplace_id) as connection:
                for recipient in await find_recipients(connection, client, email=given["email"]):
                    if not may_write_to(call, client, recipient):
                        continue
                    await tell_of(call, client, recipient, MessageType.FORGOTTEN_USERNAME)
    return Reply()


@operation(
    "ForgottenCredentials.SendOneTimePassword",
    "POST",
    "/password/onetimepassword",
    tag=TAG,
    summary="Send a password that is good for one login",
    status=204,
    public=True,
    body=Body(OneTimePasswordRequest),
    errors=(InvalidBodyError, ValidationError, NotFoundError, OneTimePasswordRecipientError),
    unit=Unit.OWN,
    counted=Counted.CALLS,
)
async def send_one_time_password(call: Call) -> Reply:
    """One password and message for each username; both given must belong together."""
    values = read_body(call, OneTimePasswordRequest, {})
    client = await find_client(call, values["ClientID"])
    if client is None:
        raise NotFoundError("ApiClient", values["ClientID"])
    if not values["Username"] and not values["Email"]:
        raise OneTimePasswordRecipientError
    async with unhurried(), unit_within(call, client.marketplace_id) as connection:
        found = await find_recipients(connection, client, username=values["Username"], email=values["Email"])
        for recipient in found:
            if not may_write_to(call, client, recipient):
                continue
            password = new_one_time_password()
            digest = one_time_password_digest(
                services(call).box, client.marketplace_id, recipient.key, client.id, password
            )
            expires = call.server_clock() + ONE_TIME_PASSWORD_LIFETIME
            whose = (client.marketplace_id, recipient.key, client.id)
            await store_code(connection, *whose, "one_time_password", digest, expires)
            await tell_of(call, client, recipient, MessageType.ONE_TIME_PASSWORD, {"password": password})
    return Reply()


OPERATIONS = (retrieve_username, send_one_time_password)
