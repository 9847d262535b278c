"""SQL of properties that are computed from assignments, over a row `t` of users; `{m}` is the marketplace."""

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
OF_SELLER = (
    't."BuyerID" IS NULL AND t."SupplierID" IS NULL AND a."BuyerID" IS NULL AND a."SupplierID" IS NULL'
)


def held_profiles(*companies: str) -> str:
    """SELECT of the IDs of the profiles that `t` holds by itself, its groups and its company (ASG-7).

    `companies`: how a company-level row is matched, all three ways where the kind of user is not known. One arm for
    each, so that every one has its index.
    """
    of_company = "\nUNION ALL ".join(f"{COMPANY_LEVEL} AND {company}" for company in companies)
    return f"{USER_LEVEL}\nUNION ALL {GROUP_LEVEL}\nUNION ALL {of_company}"


def available_roles(profiles: str) -> str:
    """AUTH-17: the roles and custom roles of these profiles, without duplicates."""
    return f"""
SELECT coalesce(array_agg(DISTINCT held.role ORDER BY held.role), '{{}}')
FROM ({profiles}) AS assigned
JOIN security_profiles p ON p.marketplace_id = {{m}} AND p."ID" = assigned."SecurityProfileID"
CROSS JOIN LATERAL unnest(p."Roles" || p."CustomRoles") AS held(role)
"""


PROFILES = held_profiles(OF_BUYER, OF_SUPPLIER, OF_SELLER)
AVAILABLE_ROLES = available_roles(PROFILES)

# AUTH-57: the password settings of the same profiles; a JSON array, or null.
PASSWORD_CONFIGS = f"""
SELECT json_agg(p."PasswordConfig")
FROM ({PROFILES}) AS assigned
JOIN security_profiles p ON p.marketplace_id = {{m}} AND p."ID" = assigned."SecurityProfileID"
WHERE p."PasswordConfig" IS NOT NULL
"""

# LOC-3: a group's locale before the buyer's; of several groups the lowest locale ID.
LOCALE = """
SELECT json_build_object('ID', l."ID", 'OwnerID', l."OwnerID", 'Currency', l."Currency", 'Language', l."Language")
FROM locale_assignments a
JOIN locales l ON l.marketplace_id = {m} AND l."ID" = a."LocaleID"
WHERE a.marketplace_id = {m} AND a."BuyerID" = t."BuyerID"
  AND (a.group_key IS NULL
       OR a.group_key IN (SELECT g.group_key FROM user_group_members g
                          WHERE g.marketplace_id = {m} AND g.user_key = t.key))
ORDER BY a.group_key IS NULL, l."ID" LIMIT 1
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
