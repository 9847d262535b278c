"""Products and all that hangs on them.

Revision ID: 0002
"""

from __future__ import annotations

from alembic import op

from entrepot.storage.migrations.script import run_beside

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OWN_ROLES = """
UPDATE users u SET own_roles = held.roles FROM (
    SELECT each.marketplace_id, each.key, array_agg(DISTINCT r.role ORDER BY r.role) AS roles FROM (
        SELECT a.marketplace_id, a.user_key AS key, a."SecurityProfileID" FROM security_profile_assignments a
        WHERE a.user_key IS NOT NULL
        UNION
        SELECT m.marketplace_id, m.user_key, a."SecurityProfileID" FROM user_group_members m
        JOIN security_profile_assignments a ON a.marketplace_id = m.marketplace_id AND a.group_key = m.group_key
    ) AS each
    JOIN security_profiles p ON p.marketplace_id = each.marketplace_id AND p."ID" = each."SecurityProfileID"
    CROSS JOIN LATERAL unnest(p."Roles" || p."CustomRoles") AS r(role)
    GROUP BY each.marketplace_id, each.key
) AS held
WHERE u.marketplace_id = held.marketplace_id AND u.key = held.key
"""
GROUP_LOCALE = """
UPDATE users u SET group_locale = given.locale FROM (
    SELECT m.marketplace_id, m.user_key, min(a."LocaleID") AS locale FROM user_group_members m
    JOIN locale_assignments a ON a.marketplace_id = m.marketplace_id AND a.group_key = m.group_key
    GROUP BY m.marketplace_id, m.user_key
) AS given
WHERE u.marketplace_id = given.marketplace_id AND u.key = given.user_key
"""


def upgrade() -> None:
    """Create the tables of the catalog's things, and what older tables need for them."""
    run_beside(__file__)
    op.execute("INSERT INTO catalog_epochs (marketplace_id) SELECT marketplace_id FROM marketplaces")
    # What users have of their groups and of themselves (features/holdings.py).
    op.execute(OWN_ROLES)
    op.execute(GROUP_LOCALE)


def downgrade() -> None:
    """The things would be lost."""
    raise NotImplementedError("products cannot be taken back; restore a backup instead")
