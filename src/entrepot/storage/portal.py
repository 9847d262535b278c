"""Tables of the portal: accounts, their sessions and codes, and which marketplace is whose.

People have accounts on the server, not in a marketplace: these are reference tables, read before any marketplace is known
(citus.md 9). They refer to marketplaces by number, without foreign keys, which a reference table cannot have there.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from entrepot.storage.columns import Citext


def define_portal_tables(metadata: sa.MetaData) -> None:
    """Add them to `metadata`."""
    _accounts(metadata)
    _sessions(metadata)
    _codes(metadata)
    _refusals(metadata)
    _identities(metadata)
    _removed_methods(metadata)
    _used_states(metadata)
    _messages(metadata)
    _organizations(metadata)
    _teams(metadata)
    _team_members(metadata)
    _access(metadata)
    _deletions(metadata)
    _restores(metadata)
    _offers(metadata)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _of_account(table: str, column: str = "account_key") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        ["portal_accounts.key"],
        name=f"fk_{table}_{column.removesuffix('_key')}",
        ondelete="CASCADE",
    )


def _search(table: str, *texts: str) -> sa.Index:
    """Trigrams of what people look for in a list, as its statements have it."""
    terms = (sa.text(f"lower({text}) gin_trgm_ops") for text in texts)
    return sa.Index(f"ix_{table}_search", *terms, postgresql_using="gin")


def _accounts(metadata: sa.MetaData) -> None:
    sa.Table(
        "portal_accounts",
        metadata,
        sa.Column("key", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("Username", Citext, nullable=False),
        sa.Column("Email", Citext, nullable=False),
        sa.Column("Name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("Country", sa.Text),
        sa.Column("Region", sa.Text),
        _moment("TermsAccepted", nullable=True),
        # Whether mail to the address has been answered.
        sa.Column("Verified", sa.Boolean, nullable=False, server_default=sa.false()),
        # Who runs the server: may make marketplaces of every environment.
        sa.Column("operates", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("password_hash", sa.Text),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("key", name="pk_portal_accounts"),
        sa.Index("uq_portal_accounts_username", "Username", unique=True),
        sa.Index("uq_portal_accounts_email", "Email", unique=True),
        _search("portal_accounts", '"Username"::text', '"Name"'),
    )


def _sessions(metadata: sa.MetaData) -> None:
    """Who is signed in. Access tokens name their session, and end with it."""
    sa.Table(
        "portal_sessions",
        metadata,
        sa.Column("key", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("account_key", sa.BigInteger, nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        _moment("started_at"),
        _moment("expires_at"),
        sa.PrimaryKeyConstraint("key", name="pk_portal_sessions"),
        _of_account("portal_sessions"),
        sa.Index("uq_portal_sessions_token", "token_hash", unique=True),
        sa.Index("ix_portal_sessions_account", "account_key"),
        sa.Index("ix_portal_sessions_expires", "expires_at"),
    )


def _codes(metadata: sa.MetaData) -> None:
    """Mailed codes: of one purpose and one holder, which is an address or an account's key, there is one."""
    sa.Table(
        "portal_codes",
        metadata,
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("holder", Citext, nullable=False),
        sa.Column("code_hash", sa.LargeBinary, nullable=False),
        # What the code is to bring about: the new address of an account, the marketplace that is deleted.
        sa.Column("value", sa.Text),
        _moment("expires_at"),
        sa.PrimaryKeyConstraint("purpose", "holder", name="pk_portal_codes"),
        sa.Index("ix_portal_codes_expires", "expires_at"),
    )


def _identities(metadata: sa.MetaData) -> None:
    """Who accounts are elsewhere: each has one identity of a method at most, and each identity is one account's."""
    sa.Table(
        "portal_identities",
        metadata,
        sa.Column("method", sa.Text, nullable=False),
        # Stands for issuer and subject.
        sa.Column("identity", sa.Text, nullable=False),
        sa.Column("account_key", sa.BigInteger, nullable=False),
        _moment("linked_at"),
        sa.PrimaryKeyConstraint("method", "identity", name="pk_portal_identities"),
        _of_account("portal_identities"),
        sa.Index("uq_portal_identities_account", "account_key", "method", unique=True),
    )


def _removed_methods(metadata: sa.MetaData) -> None:
    """Ways to sign in that accounts have removed: an identity's address does not bring them back."""
    sa.Table(
        "portal_removed_methods",
        metadata,
        sa.Column("account_key", sa.BigInteger, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("account_key", "method", name="pk_portal_removed_methods"),
        _of_account("portal_removed_methods"),
    )


def _used_states(metadata: sa.MetaData) -> None:
    """Visits elsewhere that have come back: each does so once (ADR 0026)."""
    sa.Table(
        "portal_used_states",
        metadata,
        sa.Column("state_digest", sa.LargeBinary, nullable=False),
        _moment("expires_at"),
        sa.PrimaryKeyConstraint("state_digest", name="pk_portal_used_states"),
        sa.Index("ix_portal_used_states_expires", "expires_at"),
    )


def _refusals(metadata: sa.MetaData) -> None:
    """Wrong passwords in a row, of accounts and of names that nobody has alike: a lock must not tell who exists."""
    sa.Table(
        "portal_refusals",
        metadata,
        sa.Column("name_digest", sa.LargeBinary, nullable=False),
        sa.Column("failed_attempts", sa.Integer, nullable=False, server_default="0"),
        _moment("locked_until", nullable=True),
        _moment("refused_at"),
        sa.PrimaryKeyConstraint("name_digest", name="pk_portal_refusals"),
        sa.Index("ix_portal_refusals_refused", "refused_at"),
    )


def _messages(metadata: sa.MetaData) -> None:
    """Mail to accounts that has not been sent, or that no server takes."""
    sa.Table(
        "portal_messages",
        metadata,
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("message_type", sa.Text, nullable=False),
        sa.Column("recipient", Citext, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        _moment("created_at"),
        # When it is to be sent; never, once the mail server has refused it for good.
        _moment("due_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_portal_messages"),
        sa.Index("ix_portal_messages_created", "created_at"),
        sa.Index("ix_portal_messages_due", "due_at", postgresql_where=sa.text("due_at IS NOT NULL")),
    )


def _organizations(metadata: sa.MetaData) -> None:
    """The marketplaces that have an owner here; what a person sees of them without looking into any."""
    sa.Table(
        "portal_organizations",
        metadata,
        sa.Column("marketplace_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("Id", Citext, nullable=False),
        sa.Column("Name", sa.Text, nullable=False),
        sa.Column("Environment", sa.Text, nullable=False),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("owner_key", sa.BigInteger, nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("marketplace_id", name="pk_portal_organizations"),
        sa.ForeignKeyConstraint(["owner_key"], ["portal_accounts.key"], name="fk_portal_organizations_owner"),
        sa.Index("uq_portal_organizations_id", "Id", unique=True),
        sa.Index("ix_portal_organizations_owner", "owner_key"),
    )


def _teams(metadata: sa.MetaData) -> None:
    """Accounts that get access together."""
    sa.Table(
        "portal_teams",
        metadata,
        sa.Column("key", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("Id", Citext, nullable=False),
        sa.Column("Name", sa.Text, nullable=False),
        sa.Column("ExcludeFromSearch", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("owner_key", sa.BigInteger, nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("key", name="pk_portal_teams"),
        sa.ForeignKeyConstraint(["owner_key"], ["portal_accounts.key"], name="fk_portal_teams_owner"),
        sa.Index("uq_portal_teams_id", "Id", unique=True),
        _search("portal_teams", '"Id"::text', '"Name"'),
        sa.Index("ix_portal_teams_owner", "owner_key"),
    )


def _team_members(metadata: sa.MetaData) -> None:
    """Who is in a team, its owner among them; and who is invited and has not answered yet."""
    sa.Table(
        "portal_team_members",
        metadata,
        sa.Column("team_key", sa.BigInteger, nullable=False),
        sa.Column("account_key", sa.BigInteger, nullable=False),
        sa.Column("IsAdmin", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("accepted", sa.Boolean, nullable=False),
        _moment("invited_at"),
        sa.PrimaryKeyConstraint("team_key", "account_key", name="pk_portal_team_members"),
        sa.ForeignKeyConstraint(
            ["team_key"], ["portal_teams.key"], name="fk_portal_team_members_team", ondelete="CASCADE"
        ),
        _of_account("portal_team_members"),
        sa.Index("ix_portal_team_members_account", "account_key"),
    )


def _access(metadata: sa.MetaData) -> None:
    """What an account or a team may do in a marketplace of another's, once it has accepted."""
    sa.Table(
        "portal_access",
        metadata,
        sa.Column("key", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("marketplace_id", sa.BigInteger, nullable=False),
        sa.Column("account_key", sa.BigInteger),
        sa.Column("team_key", sa.BigInteger),
        sa.Column("Roles", pg.ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("IsAdmin", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("ImpersonateSeller", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("ImpersonateSupplier", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("ImpersonateBuyer", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("accepted", sa.Boolean, nullable=False, server_default=sa.false()),
        _moment("invited_at"),
        sa.PrimaryKeyConstraint("key", name="pk_portal_access"),
        sa.CheckConstraint("num_nonnulls(account_key, team_key) = 1", name="ck_portal_access_whose"),
        sa.ForeignKeyConstraint(
            ["marketplace_id"],
            ["portal_organizations.marketplace_id"],
            name="fk_portal_access_organization",
            ondelete="CASCADE",
        ),
        _of_account("portal_access"),
        sa.ForeignKeyConstraint(
            ["team_key"], ["portal_teams.key"], name="fk_portal_access_team", ondelete="CASCADE"
        ),
        sa.Index(
            "uq_portal_access",
            "marketplace_id",
            "account_key",
            "team_key",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        sa.Index("ix_portal_access_account", "account_key"),
        sa.Index("ix_portal_access_team", "team_key"),
    )


def _deletions(metadata: sa.MetaData) -> None:
    """Marketplaces that were deleted: nobody finds them any more, and their rows go bit by bit."""
    sa.Table(
        "portal_deletions",
        metadata,
        sa.Column("marketplace_id", sa.BigInteger, nullable=False, autoincrement=False),
        _moment("deleted_at"),
        sa.PrimaryKeyConstraint("marketplace_id", name="pk_portal_deletions"),
    )


def _restores(metadata: sa.MetaData) -> None:
    """Which marketplace a staging one is made anew of, how far that is, and who hears of it (PORT-9)."""
    sa.Table(
        "portal_restores",
        metadata,
        sa.Column("marketplace_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("source_id", sa.BigInteger, nullable=False),
        # Who asked for it, and has to administer both when it is done.
        sa.Column("account_key", sa.BigInteger, nullable=False),
        sa.Column("Weekly", sa.Boolean, nullable=False),
        sa.Column("Status", sa.Text, nullable=False, server_default="Waiting"),
        sa.Column("Step", sa.Text),
        _moment("DateDue", nullable=True),
        _moment("DateStarted", nullable=True),
        _moment("DateEnded", nullable=True),
        sa.Column("Failure", sa.Text),
        # How often it may yet be tried to tell the webhook of the last one.
        sa.Column("tells_left", sa.Integer, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("marketplace_id", name="pk_portal_restores"),
        sa.CheckConstraint(
            "\"Status\" IN ('Waiting', 'Running', 'Completed', 'Failed')", name="ck_portal_restores_status"
        ),
        sa.CheckConstraint("marketplace_id <> source_id", name="ck_portal_restores_source"),
        *(
            sa.ForeignKeyConstraint(
                [column],
                ["portal_organizations.marketplace_id"],
                name=f"fk_portal_restores_{name}",
                ondelete="CASCADE",
            )
            for column, name in (("marketplace_id", "organization"), ("source_id", "source"))
        ),
        _of_account("portal_restores"),
        sa.Index("ix_portal_restores_source", "source_id"),
        sa.Index("ix_portal_restores_account", "account_key"),
        sa.Index("ix_portal_restores_due", "DateDue"),
        sa.Index("ix_portal_restores_untold", "marketplace_id", postgresql_where=sa.text("tells_left > 0")),
    )


def _offers(metadata: sa.MetaData) -> None:
    """Marketplaces that their owners have offered to other accounts, which have not answered yet."""
    sa.Table(
        "portal_offers",
        metadata,
        sa.Column("marketplace_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("account_key", sa.BigInteger, nullable=False),
        sa.Column("offered_by", sa.BigInteger, nullable=False),
        _moment("offered_at"),
        sa.PrimaryKeyConstraint("marketplace_id", name="pk_portal_offers"),
        sa.ForeignKeyConstraint(
            ["marketplace_id"],
            ["portal_organizations.marketplace_id"],
            name="fk_portal_offers_organization",
            ondelete="CASCADE",
        ),
        _of_account("portal_offers"),
        _of_account("portal_offers", "offered_by"),
        sa.Index("ix_portal_offers_account", "account_key"),
        sa.Index("ix_portal_offers_offered_by", "offered_by"),
    )
