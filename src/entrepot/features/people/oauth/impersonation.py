"""Users.GetAccessToken: a token with which the caller acts as a buyer user (AUTH-75 to AUTH-77)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import asyncpg

from entrepot.declare.operation import Body, Reply, Returns, Unit, operation
from entrepot.declare.roles import sufficient
from entrepot.declare.types import Text
from entrepot.declare.wire import Wire, column
from entrepot.domain.identity.api_roles import ApiRole
from entrepot.domain.identity.impersonation import (
    ImpersonationRequest,
    ImpersonationRule,
    PartyPattern,
    Person,
    impersonated_roles,
)
from entrepot.domain.identity.roles import RoleSet
from entrepot.engine.call import Call
from entrepot.engine.wire.models import validate
from entrepot.features.people.credentials.authenticator import CONFIG_STAMP
from entrepot.features.people.oauth import subjects
from entrepot.features.people.oauth.grant_client import GrantClient, find_client
from entrepot.features.people.oauth.subjects import Subject
from entrepot.features.people.oauth.tokens import AccessToken, access_claims, sign, token_reply
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    ImpersonatedBuyerNotAssignedError,
    ImpersonationClientNotFoundError,
    ImpersonationConfigError,
    InvalidBodyError,
    NotFoundError,
    ValidationError,
)

TARGET = """
SELECT (SELECT u.key FROM users u WHERE u.marketplace_id = $1 AND u."BuyerID" = $2 AND u."ID" = $3) AS key,
       EXISTS (SELECT 1 FROM buyers WHERE marketplace_id = $1 AND "ID" = $2) AS buyer_exists
"""
GROUPS = """
SELECT m.user_key, g."ID" FROM user_group_members m
JOIN user_groups g ON g.marketplace_id = $1 AND g.key = m.group_key
WHERE m.marketplace_id = $1 AND m.user_key = ANY ($2)
"""
RULES = f"""
SELECT t."ClientID", t."ImpersonationBuyerID", ig."ID" AS impersonation_group, iu."ID" AS impersonation_user,
       t."BuyerID", g."ID" AS group_id, u."ID" AS user_id, p."Roles", p."CustomRoles", {CONFIG_STAMP} AS stamp
FROM impersonation_configs t
JOIN security_profiles p ON p.marketplace_id = $1 AND p."ID" = t."SecurityProfileID"
LEFT JOIN user_groups ig ON ig.marketplace_id = $1 AND ig.key = t.impersonation_group_key
LEFT JOIN users iu ON iu.marketplace_id = $1 AND iu.key = t.impersonation_user_key
LEFT JOIN user_groups g ON g.marketplace_id = $1 AND g.key = t.group_key
LEFT JOIN users u ON u.marketplace_id = $1 AND u.key = t.user_key
WHERE t.marketplace_id = $1 AND t."ClientID" = $2
"""


class ImpersonateTokenRequest(Wire):
    """The client and the roles of an impersonation token."""

    ClientID: Text = column(required=True)
    Roles: list[ApiRole] = column(required=True)
    CustomRoles: list[Text] = column()


@operation(
    "Users.GetAccessToken",
    "POST",
    "/buyers/{buyerID}/users/{userID}/accesstoken",
    tag="Users",
    summary="Get a token with which to act as a buyer user",
    roles=sufficient("BuyerImpersonation"),
    guests=False,
    body=Body(ImpersonateTokenRequest),
    returns=Returns(AccessToken),
    errors=(
        NotFoundError,
        InvalidBodyError,
        ValidationError,
        ImpersonationClientNotFoundError,
        ImpersonatedBuyerNotAssignedError,
        ImpersonationConfigError,
    ),
    unit=Unit.READ,
)
async def get_access_token(call: Call) -> Reply:
    """The caller may be anybody whom a configuration names, buyer users of other buyers among them. The token ends with the
    caller's sessions, with the configurations that allow it, and with whatever the caller's own token does.
    """
    target_key = await _target(call)
    wanted = _read(call)
    client = await find_client(call.pool, services(call), call.marketplace_id, wanted["ClientID"])
    if client is None or not client.active:
        raise ImpersonationClientNotFoundError
    target = await _subject(call, client, target_key)
    groups = await _groups(call, call.principal.user_key, target.key)
    impersonator, is_admitted = await _caller(call, client, groups)
    request = ImpersonationRequest(
        client_id=client.id,
        impersonator=impersonator,
        impersonatee=_person(target, groups),
        client_exists_for_caller=is_admitted,
        client_admits_buyer=_admits(client, target),
        roles=wanted["Roles"],
        custom_roles=wanted["CustomRoles"],
    )
    rules = await _rules(call, client)
    roles = impersonated_roles(request, rules, client.limits)
    lifetime = client.durations.access_lifetime(is_anonymous=False)
    ties = call.principal.ties.behind(call.principal.session)
    configs = (*(rule.stamp for rule in rules if request.is_covered_by(rule)), *ties.configs)
    claims = access_claims(call, client, target, roles, lifetime, ties=replace(ties, configs=configs))
    return token_reply(sign(call, claims), lifetime)


async def _target(call: Call) -> int:
    """The key of the user that the path names."""
    buyer_id, user_id = call.path["buyerID"], call.path["userID"]
    row = await call.db.fetchrow(TARGET, call.marketplace_id, buyer_id, user_id)
    if row is None or not row["buyer_exists"]:
        raise NotFoundError("Buyer", buyer_id)
    if row["key"] is None:
        raise NotFoundError("User", user_id)
    key: int = row["key"]
    return key


def _read(call: Call) -> dict[str, Any]:
    """The body. The contract requires Roles, yet clients leave it out and mean all (AUTH-76)."""
    body = call.body
    if isinstance(body, dict):
        given = {name.lower() for name, value in body.items() if value is not None}
        if "roles" not in given:
            body = {name: value for name, value in body.items() if name.lower() != "roles"} | {"Roles": []}
    return validate(ImpersonateTokenRequest, body, partial=False)


async def _subject(call: Call, client: GrantClient, key: int) -> Subject:
    subject = await subjects.by_key(call.pool, client, key, call.clock())
    if subject is None:
        raise NotFoundError("User", call.path["userID"])
    return subject


async def _caller(call: Call, client: GrantClient, groups: dict[int, frozenset[str]]) -> tuple[Person, bool]:
    """Who asks, and whether the client is there for it. A default user is one of the seller's (PORT-13)."""
    who = call.principal
    if who.is_default_user:
        is_admitted = client.admission.admits(who.user_type, is_company_assigned=False)
        return Person(who.user_type, who.company_id, who.user_id, frozenset()), is_admitted
    subject = await _subject(call, client, who.user_key)
    return _person(subject, groups), _admits(client, subject)


def _admits(client: GrantClient, subject: Subject) -> bool:
    return client.admission.admits(subject.user_type, is_company_assigned=subject.company_assigned)


async def _groups(call: Call, *user_keys: int) -> dict[int, frozenset[str]]:
    rows = await call.db.fetch(GROUPS, call.marketplace_id, list(user_keys))
    return {key: frozenset(row["ID"] for row in rows if row["user_key"] == key) for key in user_keys}


def _person(subject: Subject, groups: dict[int, frozenset[str]]) -> Person:
    return Person(subject.user_type, subject.company_id, subject.id, groups[subject.key])


async def _rules(call: Call, client: GrantClient) -> list[ImpersonationRule]:
    return [_rule(row) for row in await call.db.fetch(RULES, call.marketplace_id, client.id)]


def _rule(row: asyncpg.Record) -> ImpersonationRule:
    return ImpersonationRule(
        row["ClientID"],
        PartyPattern(row["ImpersonationBuyerID"], row["impersonation_group"], row["impersonation_user"]),
        PartyPattern(row["BuyerID"], row["group_id"], row["user_id"]),
        RoleSet.of(row["Roles"], row["CustomRoles"]),
        row["stamp"],
    )
