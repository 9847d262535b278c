"""What profiles, groups and users hold, for whom gives it to others (engine/granting.py)."""

from __future__ import annotations

from entrepot.declare.wire import Grants
from entrepot.features.people.identity.computed import AVAILABLE_ROLES
from entrepot.kernel.sql import Sql

_OF_USER = f"SELECT ({AVAILABLE_ROLES}) FROM users t WHERE t.marketplace_id = :marketplace_id AND "


def _grants(select: str, *, by_key: bool = False) -> Grants:
    return Grants(Sql(select).bound("marketplace_id", "value"), by_key=by_key)


PROFILE_GIVES = _grants(
    'SELECT "Roles" || "CustomRoles" FROM security_profiles WHERE marketplace_id = :marketplace_id AND "ID" = :value::citext'
)
"""By the ID of a security profile."""
ACTS_AS = _grants(f'{_OF_USER}lower(t."Username") = lower(:value::text)')
"""By a username: whoever writes it has others act as that user."""
OPENS_ACCOUNT = _grants(f"{_OF_USER}t.key = :value", by_key=True)
"""Whoever writes it can log in as the row's user: by its password, or by a code that is sent to its address."""
OPENS_CLIENT = _grants(
    f"""SELECT ({AVAILABLE_ROLES}) FROM api_clients c
JOIN users t ON t.marketplace_id = :marketplace_id AND t.key = c.default_context_user_key
WHERE c.marketplace_id = :marketplace_id AND c."ID" = :value::citext""",
    by_key=True,
)
"""Whoever writes it can act as the user whom an API client stands for by default."""
