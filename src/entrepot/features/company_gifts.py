"""What a company gives to all of its users: roles (AUTH-17) and a locale (LOC-3).

A process remembers it as long as the security epoch stands, and hands it to the pages of the company's users, so that
these read no assignment. Whatever changes a company's profiles, its locale or those of its groups, or what these are, raises
that epoch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from entrepot.engine.call import Call
from entrepot.kernel.recent import Recent
from entrepot.kernel.user_types import UserType

MOST_COMPANIES = 10_000
SELLERS_OWN = 'a."BuyerID" IS NULL AND a."SupplierID" IS NULL'
_LOCALE = """json_build_object('ID', l."ID", 'OwnerID', l."OwnerID", 'Currency', l."Currency", 'Language', l."Language")"""
LOCALE_OF_ID = f"""
SELECT {_LOCALE}
FROM locales l WHERE l.marketplace_id = {{m}} AND l."ID" = """


def locale_of_company(company: str) -> str:
    """The SELECT of the ID of the locale that a company itself has, in brackets, the lowest of several; `company` says
    which assignments `a` are the company's.
    """
    return f"""(
SELECT min(a."LocaleID") FROM locale_assignments a WHERE a.marketplace_id = {{m}} AND a.group_key IS NULL AND {company})"""


def of_company(*companies: str) -> str:
    """SELECT of roles and custom roles of the company's profiles, as `role`, with duplicates.

    `companies`: which assignments `a` are the company's; several where the kind of company is not known. One arm for each,
    so that every one has its index.
    """
    return "\nUNION ALL ".join(
        f"""
SELECT unnest(p."Roles" || p."CustomRoles") AS role FROM security_profile_assignments a
JOIN security_profiles p ON p.marketplace_id = {{m}} AND p."ID" = a."SecurityProfileID"
WHERE a.marketplace_id = {{m}} AND a.user_key IS NULL AND a.group_key IS NULL AND {company}"""
        for company in companies
    )


def _locales_of_groups(company: str) -> str:
    return f"""
SELECT json_object_agg(lower(CAST(l."ID" AS text)), {_LOCALE}) FROM locales l
WHERE l.marketplace_id = {{m}} AND l."ID" IN (
    SELECT a."LocaleID" FROM locale_assignments a
    WHERE a.marketplace_id = {{m}} AND a.group_key IS NOT NULL AND {company})"""


def _read(company: str, locale: str, locales_of_groups: str) -> str:
    return f"""
SELECT s.epoch, ({locale}) AS locale, ({locales_of_groups}) AS locales_of_groups,
       CAST(given.roles AS text) AS roles, to_json(given.roles) AS shown_roles
FROM security_epochs s
CROSS JOIN (SELECT coalesce(array_agg(DISTINCT held.role ORDER BY held.role), '{{}}') AS roles
            FROM ({of_company(company)}) AS held) AS given
WHERE s.marketplace_id = $1
""".replace("{m}", "$1")


_OF_BUYER = 'a."BuyerID" = $2::citext'
READ = {
    UserType.BUYER: _read(
        _OF_BUYER, f"{LOCALE_OF_ID}{locale_of_company(_OF_BUYER)}", _locales_of_groups(_OF_BUYER)
    ),
    UserType.SUPPLIER: _read('a."SupplierID" = $2::citext', "NULL", "NULL"),
    UserType.SELLER: _read(f"{SELLERS_OWN} AND $2::citext IS NULL", "NULL", "NULL"),
}
"""$1 marketplace, $2 the company's ID, null for the seller."""


@dataclass(frozen=True, slots=True)
class Gifts:
    """As of a security epoch. roles: the text of a database array, distinct and sorted; shown_roles and locale: what the
    wire shows, as JSON text; locales_of_groups: the same of the locales that the company's groups give, by ID in lower case.
    """

    epoch: int
    roles: str
    shown_roles: str
    locale: str | None
    locales_of_groups: str | None


class GiftMemory:
    """Companies by marketplace, kind and ID, the longest unused ones forgotten first. One per process."""

    def __init__(self) -> None:
        self._known: Recent[Gifts] = Recent(MOST_COMPANIES)

    async def of(self, call: Call, kind: UserType, company: str | None) -> Gifts:
        """Of a company, which need not exist. One statement where it is not known as of the caller's epoch."""
        key = (call.marketplace_id, kind, None if company is None else company.lower())
        found = self._known.get(key)
        if found is None or found.epoch != call.principal.epoch:
            row = await call.db.fetchrow(READ[kind], call.marketplace_id, company)
            # Of a marketplace that is gone nothing is shown: the page confirms the caller.
            found = Gifts(**row) if row else Gifts(0, "{}", "[]", None, None)
            self._known.keep(key, found)
        return found

    async def scope(self, call: Call, kind: UserType, company: str | None) -> dict[str, Any]:
        """The parameters of LISTED_ROLES and LISTED_LOCALE (identity/computed.py)."""
        gifts = await self.of(call, kind, company)
        return {
            "company_roles": gifts.roles,
            "company_shown_roles": gifts.shown_roles,
            "company_locale": gifts.locale,
            "group_locales": gifts.locales_of_groups,
        }
