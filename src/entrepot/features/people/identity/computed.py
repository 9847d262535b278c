"""SQL of properties that are computed from assignments, over a row `t` of users; `:marketplace_id` is the marketplace.

What users have of their groups and of themselves stands in their rows (features/people/holdings.py). On a page of a company's
users the process fills in what the company gives to all (company_gifts.py).
"""

from __future__ import annotations

from entrepot.features.people.company_gifts import LOCALE_OF_ID, SELLERS_OWN, locale_of_company, of_company

COMPANY_ID = """
SELECT coalesce(t."BuyerID", t."SupplierID", (SELECT mp."ID" FROM marketplaces mp WHERE mp.marketplace_id = :marketplace_id))
"""

USER_LEVEL = """
FROM security_profile_assignments a
WHERE a.marketplace_id = :marketplace_id AND a.user_key = t.key"""
GROUP_LEVEL = """
FROM user_group_members g
JOIN security_profile_assignments a ON a.marketplace_id = :marketplace_id AND a.group_key = g.group_key
WHERE g.marketplace_id = :marketplace_id AND g.user_key = t.key"""
COMPANY_LEVEL = """
FROM security_profile_assignments a
WHERE a.marketplace_id = :marketplace_id AND a.user_key IS NULL AND a.group_key IS NULL"""
OF_BUYER = 't."BuyerID" = a."BuyerID"'
OF_SUPPLIER = 't."SupplierID" = a."SupplierID"'
OF_SELLER = f't."BuyerID" IS NULL AND t."SupplierID" IS NULL AND {SELLERS_OWN}'


def held_profiles(*companies: str, columns: str = 'a."SecurityProfileID"') -> str:
    """SELECT of the assignments `a` of profiles that `t` holds by itself, its groups and its company (ASG-7): of the profiles' IDs.

    `companies` as for of_company.
    """
    company_level = (f"{COMPANY_LEVEL} AND {company}" for company in companies)
    return "\nUNION ALL ".join(
        f"SELECT {columns} {each}" for each in (USER_LEVEL, GROUP_LEVEL, *company_level)
    )


OF_OWN_PROFILES = """
SELECT unnest(p."Roles" || p."CustomRoles") AS role FROM security_profiles p
WHERE p.marketplace_id = :marketplace_id AND p.number = ANY (t.own_profiles)"""


def available_roles(*companies: str) -> str:
    """AUTH-17: of the profiles that the row keeps (features/people/holdings.py) and of its company's, sorted, without duplicates."""
    return f"""
SELECT coalesce(array_agg(DISTINCT held.role COLLATE "C" ORDER BY held.role COLLATE "C"), '{{}}')
FROM ({OF_OWN_PROFILES} UNION ALL {of_company(*companies)}) AS held
"""


OWN_GIFTS = """
CASE WHEN t.own_profiles <> '{}' OR t.group_locale IS NOT NULL
     THEN CAST(json_build_array(t.own_profiles, t.group_locale) AS text) END
"""
"""What makes a user's computed properties differ from those of the company's others, as GiftMemory.texts takes it."""


PROFILES = held_profiles(OF_BUYER, OF_SUPPLIER, OF_SELLER)
AVAILABLE_ROLES = available_roles(OF_BUYER, OF_SUPPLIER, OF_SELLER)

# AUTH-57: the password settings of the same profiles; a JSON array, or null.
PASSWORD_CONFIGS = f"""
SELECT json_agg(p."PasswordConfig")
FROM ({PROFILES}) AS assigned
JOIN security_profiles p ON p.marketplace_id = :marketplace_id AND p."ID" = assigned."SecurityProfileID"
WHERE p."PasswordConfig" IS NOT NULL
"""

# LOC-3: a group's locale, which the row keeps, before the buyer's; of several the lowest locale ID.
LOCALE = f"""{LOCALE_OF_ID}coalesce(t.group_locale, {locale_of_company('a."BuyerID" = t."BuyerID"')})"""

# Locales are given to buyers and their groups alone (LOC-2).
NO_LOCALE = "SELECT NULL::json"

USER_OF_KEY = (
    """SELECT u."{column}" FROM users u WHERE u.marketplace_id = :marketplace_id AND u.key = t.{key}"""
)
GROUP_OF_KEY = (
    """SELECT g."ID" FROM user_groups g WHERE g.marketplace_id = :marketplace_id AND g.key = t.{key}"""
)


def user_of(key: str, column: str = "ID") -> str:
    """A property of the user whose key stands in the stored column `key`."""
    return USER_OF_KEY.format(column=column, key=key)


def group_of(key: str) -> str:
    """The ID of the user group whose key stands in the stored column `key`."""
    return GROUP_OF_KEY.format(key=key)
