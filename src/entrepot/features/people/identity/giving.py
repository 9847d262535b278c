"""What profiles, groups and users hold, for whom gives it to others (engine/granting.py)."""

from __future__ import annotations

from entrepot.declare.wire import Grants
from entrepot.features.people.identity.computed import AVAILABLE_ROLES

_OF_USER = f"SELECT ({AVAILABLE_ROLES}) FROM users t WHERE t.marketplace_id = {{m}} AND ".replace("{m}", "$1")
PROFILE_GIVES = Grants(
    'SELECT "Roles" || "CustomRoles" FROM security_profiles WHERE marketplace_id = $1 AND "ID" = $2::citext'
)
"""By the ID of a security profile."""
ACTS_AS = Grants(f'{_OF_USER}lower(t."Username") = lower($2::text)')
"""By a username: whoever writes it has others act as that user."""
OPENS_ACCOUNT = Grants(f"{_OF_USER}t.key = $2", by_key=True)
"""Whoever writes it can log in as the row's user: by its password, or by a code that is sent to its address."""
OPENS_CLIENT = Grants(
    f"""SELECT ({AVAILABLE_ROLES}) FROM api_clients c
JOIN users t ON t.marketplace_id = {{m}} AND t.key = c.default_context_user_key
WHERE c.marketplace_id = {{m}} AND c."ID" = $2::citext""".replace("{m}", "$1"),
    by_key=True,
)
"""Whoever writes it can act as the user whom an API client stands for by default."""
