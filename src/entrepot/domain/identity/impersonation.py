"""Who may act as which buyer user, on which client, with which roles (AUTH-74 to AUTH-77)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from entrepot.domain.identity.roles import NO_LIMITS, NO_ROLES, ClientRoleLimits, RoleSet, grant
from entrepot.kernel.errors import (
    ImpersonatedBuyerNotAssignedError,
    ImpersonationClientNotFoundError,
    ImpersonationConfigError,
)
from entrepot.kernel.user_types import UserType


@dataclass(frozen=True, slots=True)
class Person:
    """A user as impersonation sees it. IDs compare case-insensitively; user and group IDs are those within the
    company, so they mean something only beside it. `company_id` is the buyer, supplier or marketplace.
    """

    user_type: UserType
    company_id: str
    user_id: str
    group_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PartyPattern:
    """One side of a configuration: a buyer or none, optionally narrowed to a group or a user."""

    buyer_id: str | None = None
    group_id: str | None = None
    user_id: str | None = None

    def narrows_to(self, person: Person) -> bool:
        """Whether group and user, where given, are the person's."""
        return (self.user_id is None or _same(self.user_id, person.user_id)) and (
            self.group_id is None or any(_same(self.group_id, group) for group in person.group_ids)
        )

    def folded(self) -> tuple[str | None, ...]:
        return tuple(part and part.casefold() for part in (self.buyer_id, self.group_id, self.user_id))


@dataclass(frozen=True, slots=True)
class ImpersonationRule:
    """An ImpersonationConfig with the roles of its security profile. `stamp` changes with the config."""

    client_id: str
    impersonator: PartyPattern
    impersonatee: PartyPattern
    profile: RoleSet = NO_ROLES
    stamp: str = ""

    def combination(self) -> tuple[str | None, ...]:
        """What two configurations may not share: client and both parties, whatever the profile."""
        return (self.client_id.casefold(), *self.impersonator.folded(), *self.impersonatee.folded())

    def covers(self, client_id: str, impersonator: Person, impersonatee: Person) -> bool:
        """Whether it lets the one act as the other on this client."""
        return (
            _same(self.client_id, client_id)
            and _covers_impersonator(self.impersonator, impersonator)
            and _covers_impersonatee(self.impersonatee, impersonatee)
        )


def _covers_impersonator(pattern: PartyPattern, person: Person) -> bool:
    """No buyer means the seller's side. Supplier users are never meant."""
    if pattern.buyer_id is None:
        return person.user_type is UserType.SELLER and pattern.narrows_to(person)
    return _is_of_buyer(person, pattern.buyer_id) and pattern.narrows_to(person)


def _covers_impersonatee(pattern: PartyPattern, person: Person) -> bool:
    """No buyer means the users of any. A group or user without its buyer names nobody."""
    if pattern.buyer_id is None:
        return person.user_type is UserType.BUYER and pattern.group_id is None and pattern.user_id is None
    return _is_of_buyer(person, pattern.buyer_id) and pattern.narrows_to(person)


def _is_of_buyer(person: Person, buyer_id: str) -> bool:
    return person.user_type is UserType.BUYER and _same(person.company_id, buyer_id)


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


@dataclass(frozen=True, slots=True)
class ImpersonationRequest:
    """The facts of one POST .../accesstoken.

    `client_exists_for_caller` and `client_admits_buyer` are ClientAdmission.admits of either side, false too when
    there is no such active client. `roles` and `custom_roles` are the body's.
    """

    client_id: str
    impersonator: Person
    impersonatee: Person
    client_exists_for_caller: bool
    client_admits_buyer: bool
    roles: Collection[str] = ()
    custom_roles: Collection[str] = ()

    def is_covered_by(self, rule: ImpersonationRule) -> bool:
        return rule.covers(self.client_id, self.impersonator, self.impersonatee)


def impersonated_roles(
    request: ImpersonationRequest, rules: Iterable[ImpersonationRule], limits: ClientRoleLimits = NO_LIMITS
) -> RoleSet:
    """The roles of the impersonation token: those asked for among the roles of the matching profiles, whatever the
    buyer user itself holds; none asked for = all of them (AUTH-76). The client's maximum holds as for any token of
    that client; its minimum speaks of users who log in.

    Raises:
        ImpersonationClientNotFoundError, ImpersonatedBuyerNotAssignedError, ImpersonationConfigError: in the order
            of AUTH-75.
    """
    if not request.client_exists_for_caller:
        raise ImpersonationClientNotFoundError
    if not request.client_admits_buyer:
        raise ImpersonatedBuyerNotAssignedError
    matching = (rule.profile for rule in rules if request.is_covered_by(rule))
    available = NO_ROLES.union(*matching)
    if not available:
        raise ImpersonationConfigError
    maximum = ClientRoleLimits(maximum_api=limits.maximum_api, maximum_custom=limits.maximum_custom)
    return grant(_requested(request, available), available, maximum)


def _requested(request: ImpersonationRequest, available: RoleSet) -> frozenset[str] | None:
    """Without API roles all of them are meant; custom roles then still narrow the custom ones."""
    if not request.roles and not request.custom_roles:
        return None
    api = request.roles or available.api
    return frozenset(name.casefold() for name in (*api, *request.custom_roles))
