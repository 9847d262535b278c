"""SQL of properties that are computed from assignments, over a row `t` of users; `{m}` is the marketplace.

What users have of their groups and of themselves stands in their rows (features/holdings.py). On a page of a company's
users what `listed_...` gives reads once what the company gives to all, by subqueries that do not refer to `t`; `company`
is then how an assignment `a` of the path's company is matched.
"""

from __future__ import annotations

COMPANY_ID = """
SELECT coalesce(t."BuyerID", t."SupplierID", (SELECT mp."ID" FROM marketplaces mp WHERE mp.marketplace_id = {m}))
"""

USER_LEVEL = """
SELECT a."SecurityProfileID" FROM security_profile_assignments a
WHERE a.marketplace_id = {m} AND a.user_key = t.key"""
GROUP_LEVEL = """
SELECT a."SecurityProfileID" FROM user_group_members g
JOIN security_profile_assignments a ON a.marketplace_id = {m} AND a.group_key = g.group_key
WHERE g.marketplace_id = {m} AND g.user_key = t.key"""
COMPANY_LEVEL = """
SELECT a."SecurityProfileID" FROM security_profile_assignments a
WHERE a.marketplace_id = {m} AND a.user_key IS NULL AND a.group_key IS NULL"""
OF_BUYER = 't."BuyerID" = a."BuyerID"'
OF_SUPPLIER = 't."SupplierID" = a."SupplierID"'
SELLERS_OWN = 'a."BuyerID" IS NULL AND a."SupplierID" IS NULL'
OF_SELLER = f't."BuyerID" IS NULL AND t."SupplierID" IS NULL AND {SELLERS_OWN}'


def held_profiles(*companies: str) -> str:
    """SELECT of the IDs of the profiles that `t` holds by itself, its groups and its company (ASG-7).

    `companies`: how a company-level row is matched, all three ways where the kind of user is not known. One arm for
    each, so that every one has its index.
    """
    company_level = "\nUNION ALL ".join(f"{COMPANY_LEVEL} AND {company}" for company in companies)
    return f"{USER_LEVEL}\nUNION ALL {GROUP_LEVEL}\nUNION ALL {company_level}"


def of_company(*companies: str) -> str:
    """SELECT of roles and custom roles of the company's profiles, as `role`, with duplicates; `companies` as above."""
    return "\nUNION ALL ".join(
        f"""
SELECT unnest(p."Roles" || p."CustomRoles") AS role FROM security_profile_assignments a
JOIN security_profiles p ON p.marketplace_id = {{m}} AND p."ID" = a."SecurityProfileID"
WHERE a.marketplace_id = {{m}} AND a.user_key IS NULL AND a.group_key IS NULL AND {company}"""
        for company in companies
    )


def available_roles(*companies: str) -> str:
    """AUTH-17: what the row keeps (features/holdings.py) and what its company gives, sorted, without duplicates."""
    return f"""
SELECT coalesce(array_agg(DISTINCT held.role ORDER BY held.role), '{{}}')
FROM (SELECT unnest(t.own_roles) AS role UNION ALL {of_company(*companies)}) AS held
"""


def listed_roles(company: str) -> str:
    """AUTH-17 for a page."""
    given = f"""(
SELECT coalesce(array_agg(DISTINCT held.role ORDER BY held.role), '{{}}') FROM ({of_company(company)}) AS held)"""
    return f"""
CASE WHEN t.own_roles = '{{}}' THEN {given}
     ELSE (SELECT array_agg(DISTINCT held.role ORDER BY held.role) FROM unnest(t.own_roles || {given}) AS held(role)) END
"""


PROFILES = held_profiles(OF_BUYER, OF_SUPPLIER, OF_SELLER)
AVAILABLE_ROLES = available_roles(OF_BUYER, OF_SUPPLIER, OF_SELLER)

# AUTH-57: the password settings of the same profiles; a JSON array, or null.
PASSWORD_CONFIGS = f"""
SELECT json_agg(p."PasswordConfig")
FROM ({PROFILES}) AS assigned
JOIN security_profiles p ON p.marketplace_id = {{m}} AND p."ID" = assigned."SecurityProfileID"
WHERE p."PasswordConfig" IS NOT NULL
"""

# LOC-3: a group's locale, which the row keeps, before the buyer's; of several the lowest locale ID.
LOCALE_OF_ID = """
SELECT json_build_object('ID', l."ID", 'OwnerID', l."OwnerID", 'Currency', l."Currency", 'Language', l."Language")
FROM locales l WHERE l.marketplace_id = {m} AND l."ID" = """
LOCALE_OF_COMPANY = """(
SELECT min(a."LocaleID") FROM locale_assignments a WHERE a.marketplace_id = {m} AND a.group_key IS NULL AND """
LOCALE = f"""{LOCALE_OF_ID}coalesce(t.group_locale, {LOCALE_OF_COMPANY}a."BuyerID" = t."BuyerID"))"""


def listed_locale(company: str) -> str:
    """LOC-3 for a page."""
    return f"""
CASE WHEN t.group_locale IS NULL THEN ({LOCALE_OF_ID}{LOCALE_OF_COMPANY}{company}))
     ELSE ({LOCALE_OF_ID}t.group_locale) END
"""


# Locales are given to buyers and their groups alone (LOC-2).
NO_LOCALE = "SELECT NULL::json"

USER_OF_KEY = """SELECT u."{column}" FROM users u WHERE u.marketplace_id = {{m}} AND u.key = t.{key}"""
GROUP_OF_KEY = """SELECT g."ID" FROM user_groups g WHERE g.marketplace_id = {{m}} AND g.key = t.{key}"""


def user_of(key: str, column: str = "ID") -> str:
    """A property of the user whose key stands in the stored column `key`."""
    return USER_OF_KEY.format(column=column, key=key)


def group_of(key: str) -> str:
    """The ID of the user group whose key stands in the stored column `key`."""
    return GROUP_OF_KEY.format(key=key)
