"""The caller of a request, as its token and the database describe it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from entrepot.domain.identity.ties import NO_TIES, Session, Ties
from entrepot.domain.time.virtual import VirtualTime
from entrepot.kernel.user_types import UserType


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person who is signed in to the portal, in no marketplace. `key` is the account's, `session` that of the sign-in."""

    key: int
    username: str
    session: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """An authenticated caller. `epoch` is the marketplace's security epoch at which its standing was checked."""

    marketplace_id: int
    marketplace: str
    """The marketplace's wire ID, also the seller's company ID."""
    user_key: int
    """Internal; below 0 of a default user, so that no row of a user has it."""
    user_id: str
    username: str
    user_type: UserType
    company_id: str
    """ID of the buyer or supplier; the marketplace's for sellers."""
    client_id: str
    roles: frozenset[str]
    """API roles and custom roles of the token."""
    epoch: int
    guest_order_id: str | None = None
    """The order ID reserved for an anonymous shopper; None for everybody else."""
    anonymous_user_id: str | None = None
    invitation_id: str | None = None
    """The invitation that let the caller into somebody's order; the caller then stands for that user (GRP-2)."""
    generation: int = 0
    ties: Ties = NO_TIES
    """What the token ends with besides the user."""
    time: VirtualTime | None = None
    """The marketplace's clock, where it is not the server's."""
    aged: int = 0
    """Seconds by which the token is older than the server's clock says."""
    has_faults: bool = False
    """Whether there are rules by which requests of the marketplace fail on purpose."""
    has_listeners: bool = False
    """Whether somebody wants to know what happens in the marketplace (engine/event_log.py)."""
    recording: str | None = None
    """The ID of the recording that takes requests of the marketplace."""

    @property
    def is_default_user(self) -> bool:
        """Whether the caller is an account of the portal with no user of its own (PORT-13)."""
        return self.user_key < 0

    @property
    def is_guest(self) -> bool:
        return self.guest_order_id is not None

    @property
    def is_invited(self) -> bool:
        return self.invitation_id is not None

    @property
    def is_renewing(self) -> bool:
        """Whether the token is a copy of a verification code, good for a new password and for nothing else (AUTH-64)."""
        return self.ties.reset_code is not None

    @property
    def session(self) -> Session:
        """What a token that is given to the caller ends with."""
        return Session(self.user_key, self.generation)

    @property
    def buyer_id(self) -> str | None:
        return self.company_id if self.user_type is UserType.BUYER else None

    @property
    def supplier_id(self) -> str | None:
        return self.company_id if self.user_type is UserType.SUPPLIER else None

    @classmethod
    def nobody(
        cls,
        marketplace_id: int,
        client_id: str,
        marketplace: str = "",
        epoch: int = 0,
        time: VirtualTime | None = None,
    ) -> Self:
        """Who calls by a client of a marketplace as long as nobody knows: without a user and without roles."""
        return cls(
            marketplace_id=marketplace_id,
            marketplace=marketplace,
            user_key=0,
            user_id="",
            username="",
            user_type=UserType.SELLER,
            company_id=marketplace,
            client_id=client_id,
            roles=frozenset(),
            epoch=epoch,
            time=time,
        )

    def holds_any(self, sufficient: tuple[str, ...]) -> bool:
        """Whether the token opens an operation with these sufficient roles (AUTH-30)."""
        return not sufficient or not self.roles.isdisjoint(sufficient)
