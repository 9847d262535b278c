"""Who a user is with a token of now: through which client, with which roles, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import asyncpg

from entrepot.domain.identity.clients import ClientAdmission
from entrepot.domain.identity.roles import grant, parse_scope
from entrepot.engine.call import Call
from entrepot.engine.principal import Principal
from entrepot.engine.wire.json import load
from entrepot.features.people.explaining.steps import link, row
from entrepot.features.people.identity.computed import (
    OF_BUYER,
    OF_SELLER,
    OF_SUPPLIER,
    held_profiles,
)
from entrepot.features.people.oauth import subjects
from entrepot.features.people.oauth.grant_client import GrantClient, find_client, require_active
from entrepot.features.people.oauth.subjects import Subject
from entrepot.features.people.oauth.tokens import access_claims
from entrepot.features.people.services import services
from entrepot.kernel.errors import ApiError, NotFoundError
from entrepot.kernel.sql import Sql
from entrepot.kernel.user_types import UserType, type_of

Values = dict[str, Any]

MOST_CLIENTS = 200
"""API clients that are looked at for the first that lets a user in."""
MOST_HELD = 1_000
"""Assignments of security profiles to a user that are read."""
HELD = held_profiles(
    OF_BUYER,
    OF_SUPPLIER,
    OF_SELLER,
    columns='a."SecurityProfileID", a."BuyerID", a."SupplierID", a.group_key, a.user_key',
)
USER = Sql(f"""
SELECT t.key, t."ID", t."Username", t."BuyerID", t."SupplierID", t."Active", coalesce(b."Active", s."Active", true) AS company_active,
    (SELECT json_agg(json_build_object('profile', h."SecurityProfileID", 'buyer', h."BuyerID", 'supplier', h."SupplierID",
         'group', (SELECT g."ID" FROM user_groups g WHERE g.marketplace_id = :marketplace_id AND g.key = h.group_key),
         'own', h.user_key IS NOT NULL, 'roles', h.roles) ORDER BY h."SecurityProfileID")
     FROM (SELECT x.*, p."Roles" || p."CustomRoles" AS roles FROM ({HELD}) x
           JOIN security_profiles p ON p.marketplace_id = :marketplace_id AND p."ID" = x."SecurityProfileID"
           ORDER BY x."SecurityProfileID" LIMIT {MOST_HELD + 1}) h) AS held
FROM users t
LEFT JOIN buyers b ON b.marketplace_id = :marketplace_id AND b."ID" = t."BuyerID"
LEFT JOIN suppliers s ON s.marketplace_id = :marketplace_id AND s."ID" = t."SupplierID"
WHERE t.marketplace_id = :marketplace_id AND lower(t."Username") = lower(:username)
""").bound("marketplace_id", "username")
CLIENTS = f"""
SELECT c."ID", c."AllowSeller", c."AllowAnyBuyer", c."AllowAnySupplier",
    EXISTS (SELECT 1 FROM api_client_assignments x WHERE x.marketplace_id = $1 AND x."ApiClientID" = c."ID"
            AND (x."BuyerID" = $2 OR x."SupplierID" = $3)) AS assigned
FROM api_clients c WHERE c.marketplace_id = $1 AND c."Active"
ORDER BY coalesce(c."MaximumGrantedRoles", '{{}}') <> '{{}}', c."ID" LIMIT {MOST_CLIENTS}
"""


@dataclass(slots=True, kw_only=True)
class Entered:
    """A user with the token that it would get now; `principal` is None where it gets none. held: its assignments of security profiles
    with their roles; holds_more: whether there are more than were read; cut: the roles that the client leaves out.
    """

    username: str
    user_id: str
    user_type: UserType
    company: str
    client_id: str | None
    held: list[Values]
    message: str
    rows: list[Values]
    principal: Principal | None = None
    refusal: ApiError | None = None
    holds_more: bool = False
    cut: frozenset[str] = field(default_factory=frozenset)


async def login(call: Call, username: str, client_id: str | None, scope: str | None) -> Entered:
    """Five statements at the most. Raises NotFoundError for a user, or a client, that the marketplace does not have."""
    found = await call.db.fetchrow(USER, call.marketplace_id, username.replace("\0", ""))
    if found is None:
        raise NotFoundError("User", username)
    entered = _known(call, found)
    chosen = client_id or await _first(call, found, entered.user_type)
    if chosen is None:
        entered.message = "No active API client lets users like this one in"
        return entered
    client = await find_client(call.db, services(call), call.marketplace_id, chosen)
    if client is None:
        raise NotFoundError("ApiClient", chosen)
    entered.client_id = client.id
    entered.rows.append(_client_row(client))
    subject = await subjects.by_key(call.db, client, found["key"], call.server_clock())
    assert subject is not None
    await _enter(call, entered, client, subject, scope)
    return entered


async def _enter(
    call: Call, entered: Entered, client: GrantClient, subject: Subject, scope: str | None
) -> None:
    """As a grant does it, but for proofs: the token's claims, and what stands behind them now."""
    try:
        require_active(client)
        subjects.require_standing(subject, client)
        roles = grant(parse_scope(scope), subject.available, client.limits)
        claims = access_claims(
            call, client, subject, roles, client.durations.access_lifetime(is_anonymous=False)
        )
        entered.principal = await services(call).authenticator.whom(call.db, claims)
    except ApiError as refusal:
        entered.refusal = refusal
        entered.message = f"The user cannot log in: {refusal.items()[0].message}"
        return
    unlimited = grant(parse_scope(scope), subject.available)
    entered.cut = frozenset(unlimited.names()) - frozenset(roles.names())
    entered.message = f"The user can log in through {client.id}"


async def _first(call: Call, user: asyncpg.Record, kind: UserType) -> str | None:
    """The first active client that lets the user in; of others the first at all, to say why it does not."""
    rows = await call.db.fetch(CLIENTS, call.marketplace_id, user["BuyerID"], user["SupplierID"])
    for each in rows:
        admission = ClientAdmission(each["AllowSeller"], each["AllowAnyBuyer"], each["AllowAnySupplier"])
        if admission.admits(kind, is_company_assigned=each["assigned"]):
            return str(each["ID"])
    return str(rows[0]["ID"]) if rows else None


def _known(call: Call, user: asyncpg.Record) -> Entered:
    kind = type_of(user["BuyerID"], user["SupplierID"])
    held: list[Values] = load(user["held"] or "[]")
    return Entered(
        username=user["Username"],
        user_id=user["ID"],
        user_type=kind,
        company=user["BuyerID"] or user["SupplierID"] or call.principal.marketplace,
        client_id=None,
        held=held[:MOST_HELD],
        holds_more=len(held) > MOST_HELD,
        message="",
        rows=_standing_rows(user, kind),
    )


def _standing_rows(user: asyncpg.Record, kind: UserType) -> list[Values]:
    """The user and its company, and whether they are active."""
    says = f"Active is {str(user['Active']).lower()}"
    inactive = not user["Active"]
    match kind:
        case UserType.SELLER:
            where = link("AdminUsers.Get", "/v1/adminusers/{userID}", userID=user["ID"])
            return [row("User", user["ID"], says, where, decides=inactive)]
        case UserType.BUYER:
            company, name, stem = user["BuyerID"], "Buyer", "buyers/{buyerID}"
            where = link("Users.Get", f"/v1/{stem}/users/{{userID}}", buyerID=company, userID=user["ID"])
            of_company = link("Buyers.Get", f"/v1/{stem}", buyerID=company)
        case UserType.SUPPLIER:
            company, name, stem = user["SupplierID"], "Supplier", "suppliers/{supplierID}"
            where = link(
                "SupplierUsers.Get", f"/v1/{stem}/users/{{userID}}", supplierID=company, userID=user["ID"]
            )
            of_company = link("Suppliers.Get", f"/v1/{stem}", supplierID=company)
    active = f"Active is {str(user['company_active']).lower()}"
    return [
        row("User", user["ID"], says, where, decides=inactive),
        row(name, company, active, of_company, decides=not user["company_active"]),
    ]


def _client_row(client: GrantClient) -> Values:
    admission = client.admission
    says = f"Active is {str(client.active).lower()}; " + ", ".join(
        f"{name} is {str(value).lower()}"
        for name, value in (
            ("AllowSeller", admission.allow_seller),
            ("AllowAnyBuyer", admission.allow_any_buyer),
            ("AllowAnySupplier", admission.allow_any_supplier),
        )
    )
    where = link("ApiClients.Get", "/v1/apiclients/{apiClientID}", apiClientID=client.id)
    return row("ApiClient", client.id, says, where)
