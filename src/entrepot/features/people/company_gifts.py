"""What a company gives to all of its users: its ID, roles (AUTH-17) and a locale (LOC-3); and what profiles give that users
hold beside.

A process remembers it as long as the security epoch stands, and fills it into the pages of the company's users, so that
these read no assignment and no profile. Whatever makes, changes or ends a profile, changes a company's profiles, its locale
or those of its groups, or what these are, raises that epoch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from entrepot.declare.feeds import Feed
from entrepot.engine.call import Call, StaleStandingError
from entrepot.engine.remembered import Remembered
from entrepot.engine.wire.json import encode, load
from entrepot.kernel.sql import Sql
from entrepot.kernel.user_types import UserType
from entrepot.storage.listing.prewritten import Texts

MOST_COMPANIES = 10_000
MOST_OF_PROFILES = 16 * 2**20
"""Characters, of all that profiles give."""
SELLERS_OWN = 'a."BuyerID" IS NULL AND a."SupplierID" IS NULL'
_LOCALE = """json_build_object('ID', l."ID", 'OwnerID', l."OwnerID", 'Currency', l."Currency", 'Language', l."Language")"""
LOCALE_OF_ID = f"""
SELECT {_LOCALE}
FROM locales l WHERE l.marketplace_id = :marketplace_id AND l."ID" = """


def locale_of_company(company: str) -> str:
    """The SELECT of the ID of the locale that a company itself has, in brackets, the lowest of several; `company` says
    which assignments `a` are the company's.
    """
    return f"""(
SELECT min(a."LocaleID") FROM locale_assignments a WHERE a.marketplace_id = :marketplace_id AND a.group_key IS NULL AND {company})"""


def of_company(*companies: str) -> str:
    """SELECT of roles and custom roles of the company's profiles, as `role`, with duplicates.

    `companies`: which assignments `a` are the company's; several where the kind of company is not known. One arm for each,
    so that every one has its index.
    """
    return "\nUNION ALL ".join(
        f"""
SELECT unnest(p."Roles" || p."CustomRoles") AS role FROM security_profile_assignments a
JOIN security_profiles p ON p.marketplace_id = :marketplace_id AND p."ID" = a."SecurityProfileID"
WHERE a.marketplace_id = :marketplace_id AND a.user_key IS NULL AND a.group_key IS NULL AND {company}"""
        for company in companies
    )


def _locales_of_groups(company: str) -> str:
    return f"""
SELECT json_object_agg(lower(CAST(l."ID" AS text)), {_LOCALE}) FROM locales l
WHERE l.marketplace_id = :marketplace_id AND l."ID" IN (
    SELECT a."LocaleID" FROM locale_assignments a
    WHERE a.marketplace_id = :marketplace_id AND a.group_key IS NOT NULL AND {company})"""


PROFILES = """
SELECT json_object_agg(p.number, p."Roles" || p."CustomRoles") FROM security_profiles p WHERE p.marketplace_id = :marketplace_id"""


def _read(company_id: str, company: str, locale: str = "NULL", locales_of_groups: str = "NULL") -> str:
    return Sql(f"""
SELECT s.epoch, ({company_id}) AS company, ({locale}) AS locale, ({locales_of_groups}) AS locales_of_groups,
       ARRAY(SELECT held.role FROM ({of_company(company)}) AS held) AS roles, CASE WHEN :with_profiles THEN ({PROFILES}) END AS profiles
FROM security_epochs s
WHERE s.marketplace_id = :marketplace_id
""").bound("marketplace_id", "company_id", "with_profiles")


_OF_BUYER = 'a."BuyerID" = :company_id::citext'
READ = {
    UserType.BUYER: _read(
        'SELECT b."ID" FROM buyers b WHERE b.marketplace_id = :marketplace_id AND b."ID" = :company_id::citext',
        _OF_BUYER,
        f"{LOCALE_OF_ID}{locale_of_company(_OF_BUYER)}",
        _locales_of_groups(_OF_BUYER),
    ),
    UserType.SUPPLIER: _read(
        'SELECT c."ID" FROM suppliers c WHERE c.marketplace_id = :marketplace_id AND c."ID" = :company_id::citext',
        'a."SupplierID" = :company_id::citext',
    ),
    UserType.SELLER: _read(
        'SELECT mp."ID" FROM marketplaces mp WHERE mp.marketplace_id = :marketplace_id AND :company_id::citext IS NULL',
        SELLERS_OWN,
    ),
}
"""$1 marketplace, $2 the company's ID, null for the seller, $3 whether to read what profiles give."""


@dataclass(frozen=True, slots=True)
class Profiles:
    """What each of a marketplace's profiles gives, by number, as of a security epoch. There are no others."""

    epoch: int
    roles: Mapping[int, list[str]]
    size: int


@dataclass(frozen=True, slots=True)
class Gifts:
    """As of a security epoch. company: its ID, null where there is none; roles: with duplicates; locale: JSON text;
    locales_of_groups: JSON text, the locales that the company's groups give, by ID in lower case; profiles: of its marketplace.
    """

    epoch: int
    company: str | None
    roles: list[str]
    locale: str | None
    locales_of_groups: str | None
    profiles: Profiles

    def texts(self, own: bytes | None) -> dict[str, bytes]:
        """Of a user of the company, the JSON texts of the properties that come from it. own: as OWN_GIFTS makes it.

        Raises StaleStandingError where there was no company when this was read: it has come into being since.
        """
        if self.company is None:
            raise StaleStandingError
        own_profiles, group_locale = ((), None) if own is None else load(own)
        own_roles = (role for number in own_profiles for role in self.profiles.roles.get(number, ()))
        locale = None if self.locale is None else load(self.locale)
        if group_locale is not None:
            assert self.locales_of_groups is not None
            locale = load(self.locales_of_groups)[group_locale.lower()]
        return {
            "CompanyID": encode(self.company),
            "AvailableRoles": encode(sorted({*self.roles, *own_roles})),
            "Locale": encode(locale),
        }


async def read_gifts(
    call: Call, kind: UserType, company: str | None, profiles: Profiles | None = None
) -> Gifts:
    """Of a company, which need not exist; null for the seller. profiles: where they are known. One statement.

    Raises StaleStandingError where profiles may have changed since.
    """
    row = await call.db.fetchrow(READ[kind], call.marketplace_id, company, profiles is None)
    if row is None:
        return Gifts(0, None, [], None, None, Profiles(0, {}, 0))
    values = dict(row)
    text = values.pop("profiles") or "{}"
    if profiles is None:
        roles = {int(number): given for number, given in load(text.encode()).items()}
        profiles = Profiles(values["epoch"], roles, len(text))
    elif profiles.epoch != values["epoch"]:
        raise StaleStandingError
    return Gifts(**values, profiles=profiles)


class GiftMemory:
    """Companies by kind and ID, a marketplace's profiles, and what users have of them. One per process."""

    def __init__(self) -> None:
        self._known: Remembered[Gifts] = Remembered(Feed.SECURITY, MOST_COMPANIES)
        self._profiles: Remembered[Profiles] = Remembered(Feed.SECURITY, MOST_OF_PROFILES)
        self._texts: Remembered[dict[str, bytes]] = Remembered(Feed.SECURITY, MOST_COMPANIES)

    async def texts(self, call: Call, kind: UserType, company: str | None) -> Texts:
        """Of the company's users; company as in read_gifts. To be called before the users are read, who confirm the epoch."""
        key = (kind, None if company is None else company.lower())
        gifts = self._known.get(call, key, call.principal.epoch)
        if gifts is None:
            gifts = await self._read(call, kind, company, key)

        def of_user(own: bytes | None) -> dict[str, bytes]:
            whose = (kind, gifts.company, own)
            texts = self._texts.get(call, whose, gifts.epoch)
            if texts is None:
                texts = gifts.texts(own)
                self._texts.keep(call, whose, gifts.epoch, texts)
            return texts

        return of_user

    async def _read(
        self, call: Call, kind: UserType, company: str | None, key: tuple[UserType, str | None]
    ) -> Gifts:
        """One statement, of a company that is not known as of the caller's epoch."""
        profiles = self._profiles.get(call, "", call.principal.epoch)
        found = await read_gifts(call, kind, company, profiles)
        self._profiles.keep(call, "", found.profiles.epoch, found.profiles, found.profiles.size)
        if found.company is not None:
            # No epoch tells of a company that has come into being.
            self._known.keep(call, key, found.epoch, found)
        return found
