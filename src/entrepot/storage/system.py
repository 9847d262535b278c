"""Tables that no resource declares: marketplaces, sessions, keys.

Tenant tables carry marketplace_id in every key (citus.md 1). `marketplace_directory`, `signing_keys` and
`secret_key_checks` are small reference tables, read before the marketplace is known (citus.md 9).
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from entrepot.storage.columns import Citext
from entrepot.storage.constraints import of_marketplace


def define_system_tables(metadata: sa.MetaData) -> None:
    """Add the system tables to `metadata`, the marketplace first."""
    _marketplaces(metadata)
    _directory(metadata)
    _signing_keys(metadata)
    _secret_key_checks(metadata)


def define_identity_tables(metadata: sa.MetaData) -> None:
    """Add the tables that hang on users and API clients; those exist by now."""
    _group_members(metadata)
    _refresh_tokens(metadata)
    _user_codes(metadata)
    _password_history(metadata)
    _refused_names(metadata)
    _used_login_states(metadata)
    _default_users(metadata)
    _self_service_runs(metadata)
    _staging_restore_webhooks(metadata)


def _marketplace_key() -> sa.Column[int]:
    return sa.Column("marketplace_id", sa.BigInteger, nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _of_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["marketplace_id", "user_key"],
        ["users.marketplace_id", "users.key"],
        name=f"fk_{table}_user",
        ondelete="CASCADE",
    )


def _marketplaces(metadata: sa.MetaData) -> None:
    sa.Table(
        "marketplaces",
        metadata,
        sa.Column("marketplace_id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("ID", Citext, nullable=False),
        sa.Column("Name", sa.Text, nullable=False),
        sa.Column("Active", sa.Boolean, nullable=False, server_default=sa.true()),
        _moment("DateCreated"),
        # The seller's user on whose behalf orders are forwarded to suppliers (FWD-4); no foreign key, for users hang on
        # marketplaces already. A key that names nobody any more is as good as none.
        sa.Column("auto_forwarding_user_key", sa.BigInteger),
        sa.PrimaryKeyConstraint("marketplace_id", name="pk_marketplaces"),
    )
    # One row per marketplace, apart from the marketplace's own row because it changes more often: see ADR 0004.
    sa.Table(
        "security_epochs",
        metadata,
        _marketplace_key(),
        sa.Column("epoch", sa.BigInteger, nullable=False, server_default="1"),
        sa.PrimaryKeyConstraint("marketplace_id", name="pk_security_epochs"),
        of_marketplace("security_epochs"),
    )
    # The same of what shoppers see and count in catalogs: see ADR 0008.
    sa.Table(
        "catalog_epochs",
        metadata,
        _marketplace_key(),
        sa.Column("epoch", sa.BigInteger, nullable=False, server_default="1"),
        sa.PrimaryKeyConstraint("marketplace_id", name="pk_catalog_epochs"),
        of_marketplace("catalog_epochs"),
    )
    # What has changed with each of these: see ADR 0022. Null is all of them.
    sa.Table(
        "catalog_changes",
        metadata,
        _marketplace_key(),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        _moment("made_at"),
        sa.Column("products", pg.ARRAY(sa.BigInteger), nullable=True),
        sa.Column("users", pg.ARRAY(sa.BigInteger), nullable=True),
        sa.Column("buyers", pg.ARRAY(Citext), nullable=False),
        sa.Column("structure", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("marketplace_id", "epoch", name="pk_catalog_changes"),
        of_marketplace("catalog_changes"),
    )


def _directory(metadata: sa.MetaData) -> None:
    sa.Table(
        "marketplace_directory",
        metadata,
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", Citext, nullable=False),
        _marketplace_key(),
        sa.PrimaryKeyConstraint("kind", "name", name="pk_marketplace_directory"),
        sa.CheckConstraint("kind IN ('client', 'marketplace')", name="ck_marketplace_directory_kind"),
        sa.Index("ix_marketplace_directory_marketplace", "marketplace_id"),
        comment="client ID or marketplace ID -> marketplace",
    )


def _signing_keys(metadata: sa.MetaData) -> None:
    sa.Table(
        "signing_keys",
        metadata,
        sa.Column("kid", sa.Text, nullable=False),
        sa.Column("public_jwk", pg.JSON, nullable=False),
        sa.Column("private_encrypted", sa.LargeBinary, nullable=False),
        _moment("created_at"),
        _moment("retired_at", nullable=True),
        sa.PrimaryKeyConstraint("kid", name="pk_signing_keys"),
    )


def _secret_key_checks(metadata: sa.MetaData) -> None:
    sa.Table(
        "secret_key_checks",
        metadata,
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_secret_key_checks"),
        comment="one value that opens with the server's secret key alone",
    )


def _group_members(metadata: sa.MetaData) -> None:
    """Membership of users in user groups of their own company."""
    sa.Table(
        "user_group_members",
        metadata,
        _marketplace_key(),
        sa.Column("group_key", sa.BigInteger, nullable=False),
        sa.Column("user_key", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("marketplace_id", "group_key", "user_key", name="pk_user_group_members"),
        _of_user("user_group_members"),
        sa.ForeignKeyConstraint(
            ["marketplace_id", "group_key"],
            ["user_groups.marketplace_id", "user_groups.key"],
            name="fk_user_group_members_group",
            ondelete="CASCADE",
        ),
        sa.Index("ix_user_group_members_user", "marketplace_id", "user_key"),
    )


def _refresh_tokens(metadata: sa.MetaData) -> None:
    sa.Table(
        "refresh_tokens",
        metadata,
        _marketplace_key(),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("user_key", sa.BigInteger, nullable=False),
        sa.Column("ApiClientID", Citext, nullable=False),
        sa.Column("roles", pg.ARRAY(sa.Text), nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        _moment("issued_at"),
        _moment("expires_at"),
        sa.Column("ahead", sa.BigInteger, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("marketplace_id", "token_hash", name="pk_refresh_tokens"),
        _of_user("refresh_tokens"),
        sa.ForeignKeyConstraint(
            ["marketplace_id", "ApiClientID"],
            ["api_clients.marketplace_id", "api_clients.ID"],
            name="fk_refresh_tokens_client",
            ondelete="CASCADE",
        ),
        sa.Index("ix_refresh_tokens_user", "marketplace_id", "user_key"),
        sa.Index("ix_refresh_tokens_client", "marketplace_id", "ApiClientID"),
        sa.Index("ix_refresh_tokens_expires", "marketplace_id", "expires_at"),
    )


def _user_codes(metadata: sa.MetaData) -> None:
    """Reset codes and one-time passwords: at most one of a kind per user and client, a new one replaces the old."""
    sa.Table(
        "user_codes",
        metadata,
        _marketplace_key(),
        sa.Column("user_key", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("ApiClientID", Citext, nullable=False),
        sa.Column("code_hash", sa.LargeBinary, nullable=False),
        _moment("expires_at"),
        sa.PrimaryKeyConstraint("marketplace_id", "user_key", "kind", "ApiClientID", name="pk_user_codes"),
        sa.CheckConstraint("kind IN ('reset', 'one_time_password')", name="ck_user_codes_kind"),
        _of_user("user_codes"),
        sa.ForeignKeyConstraint(
            ["marketplace_id", "ApiClientID"],
            ["api_clients.marketplace_id", "api_clients.ID"],
            name="fk_user_codes_client",
            ondelete="CASCADE",
        ),
        sa.Index("ix_user_codes_hash", "marketplace_id", "code_hash"),
        sa.Index("ix_user_codes_client", "marketplace_id", "ApiClientID"),
    )


def _password_history(metadata: sa.MetaData) -> None:
    sa.Table(
        "password_history",
        metadata,
        _marketplace_key(),
        sa.Column("user_key", sa.BigInteger, nullable=False),
        _moment("set_at"),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("marketplace_id", "user_key", "set_at", name="pk_password_history"),
        _of_user("password_history"),
    )


def _refused_names(metadata: sa.MetaData) -> None:
    """Wrong passwords under names that nobody has, which lock as users do: a lock must not tell who exists."""
    sa.Table(
        "refused_names",
        metadata,
        _marketplace_key(),
        sa.Column("name_digest", sa.LargeBinary, nullable=False),
        sa.Column("failed_attempts", sa.Integer, nullable=False, server_default="0"),
        _moment("locked_until", nullable=True),
        _moment("refused_at"),
        sa.PrimaryKeyConstraint("marketplace_id", "name_digest", name="pk_refused_names"),
        of_marketplace("refused_names"),
    )


def _used_login_states(metadata: sa.MetaData) -> None:
    """Logins by OpenID Connect that have come back from the identity provider: each does so once (ADR 0026)."""
    sa.Table(
        "used_login_states",
        metadata,
        _marketplace_key(),
        sa.Column("state_digest", sa.LargeBinary, nullable=False),
        _moment("expires_at"),
        sa.PrimaryKeyConstraint("marketplace_id", "state_digest", name="pk_used_login_states"),
        of_marketplace("used_login_states"),
    )


def _default_users(metadata: sa.MetaData) -> None:
    """What accounts of the portal are in a marketplace (PORT-13). Keys are below 0: none is a user's."""
    sa.Table(
        "default_users",
        metadata,
        _marketplace_key(),
        sa.Column("key", sa.BigInteger, sa.Identity(start=-1, increment=-1), nullable=False),
        sa.Column("ID", sa.Text, nullable=False),
        sa.Column("account_key", sa.BigInteger, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False, server_default="0"),
        _moment("DateCreated"),
        sa.PrimaryKeyConstraint("marketplace_id", "key", name="pk_default_users"),
        sa.UniqueConstraint("marketplace_id", "account_key", name="uq_default_users_account"),
        sa.Index("ix_default_users_account", "account_key"),
        of_marketplace("default_users"),
    )


def _self_service_runs(metadata: sa.MetaData) -> None:
    """Work of the server's own that people of the portal have asked for, of which nobody has too much (SUB-6, PORT-14)."""
    sa.Table(
        "self_service_runs",
        metadata,
        _marketplace_key(),
        sa.Column("key", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        _moment("asked_at"),
        sa.PrimaryKeyConstraint("marketplace_id", "key", name="pk_self_service_runs"),
        of_marketplace("self_service_runs"),
        sa.Index("ix_self_service_runs_asked", "marketplace_id", "kind", "asked_at"),
    )


def _staging_restore_webhooks(metadata: sa.MetaData) -> None:
    """Who hears that a staging marketplace has been made anew of production's (PORT-9)."""
    sa.Table(
        "staging_restore_webhooks",
        metadata,
        _marketplace_key(),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("hash_key", sa.LargeBinary),
        sa.PrimaryKeyConstraint("marketplace_id", name="pk_staging_restore_webhooks"),
        of_marketplace("staging_restore_webhooks"),
    )
