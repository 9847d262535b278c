"""The password rules in force for a user, loaded and combined (AUTH-55 to AUTH-59)."""

from __future__ import annotations

from typing import Any

from entrepot.domain.identity.common_passwords import is_common, is_own_name
from entrepot.domain.identity.password_config import PasswordConfig
from entrepot.domain.identity.password_policy import (
    PasswordPolicy,
    combine,
    requirement_data,
    unmet_requirements,
)
from entrepot.engine.call import Database
from entrepot.engine.wire.json import load
from entrepot.features.people.identity.computed import PASSWORD_CONFIGS
from entrepot.kernel.errors import InsecurePasswordError
from entrepot.kernel.sql import Sql

POLICY_OF_USER = Sql(f"""
SELECT ({PASSWORD_CONFIGS}) FROM users t WHERE t.marketplace_id = :marketplace_id AND t.key = :user_key
""").bound("marketplace_id", "user_key")
POLICY_OF_COMPANY = """
SELECT json_agg(p."PasswordConfig")
FROM security_profile_assignments a
JOIN security_profiles p ON p.marketplace_id = $1 AND p."ID" = a."SecurityProfileID"
WHERE a.marketplace_id = $1 AND p."PasswordConfig" IS NOT NULL
  AND a."BuyerID" IS NOT DISTINCT FROM $2 AND a."SupplierID" IS NOT DISTINCT FROM $3
  AND a.user_key IS NULL AND a.group_key IS NULL
"""
FIELDS = {
    "LimitPasswordReuse": "limit_password_reuse",
    "MaxConsecutiveDupeChars": "max_consecutive_dupe_chars",
    "MaximumPasswordAge": "maximum_password_age",
    "MinimumPasswordAge": "minimum_password_age",
    "AllowedFailedAttempts": "allowed_failed_attempts",
    "LockoutDuration": "lockout_duration",
    "UpperCaseRequired": "upper_case_required",
    "LowerCaseRequired": "lower_case_required",
    "SpecialCharacterRequired": "special_character_required",
    "NumericRequired": "numeric_required",
    "MinimumCharacterCount": "minimum_character_count",
}
"""Wire property of PasswordConfig -> where the domain keeps it."""


def config_of(stored: dict[str, Any]) -> PasswordConfig:
    """A PasswordConfig as a security profile holds it; a property without a value is not set."""
    given = {FIELDS[name]: value for name, value in stored.items() if name in FIELDS and value is not None}
    return PasswordConfig(**given)


def policy_of(configs: str | None) -> PasswordPolicy:
    """The combined policy of a JSON array of PasswordConfig objects, as PASSWORD_CONFIGS selects it."""
    return combine(config_of(config) for config in load(configs or "[]"))


async def user_policy(db: Database, marketplace_id: int, user_key: int) -> PasswordPolicy:
    """All profiles of the company, the groups and the user itself. One statement."""
    return policy_of(await db.fetchval(POLICY_OF_USER, marketplace_id, user_key))


async def company_policy(
    db: Database, marketplace_id: int, buyer_id: str | None, supplier_id: str | None
) -> PasswordPolicy:
    """What holds for a user who is being created: the profiles of the whole company (AUTH-59). One statement."""
    return policy_of(await db.fetchval(POLICY_OF_COMPANY, marketplace_id, buyer_id, supplier_id))


def require_secure(policy: PasswordPolicy, password: str, username: str | None) -> None:
    """Raise InsecurePasswordError, whose Data are all requirements in force (AUTH-58), for a new password that lacks one of
    them, that guessers try first, or that is hardly more than the user's own name.
    """
    names = () if username is None else (username, username.partition("@")[0])
    if unmet_requirements(policy, password) or is_common(password) or is_own_name(password, names):
        raise InsecurePasswordError(requirement_data(policy))
