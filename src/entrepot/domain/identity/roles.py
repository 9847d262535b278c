"""Which roles a token carries (AUTH-15 to AUTH-20)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from entrepot.domain.identity.api_roles import ApiRole, declared_position, find_api_role
from entrepot.kernel.errors import MinimumRolesError

ALL_API_ROLES = frozenset(ApiRole)


@dataclass(frozen=True, slots=True)
class RoleSet:
    """API roles and custom roles, the latter as the security profiles spell them.

    Build one with `of` or `named`: they see to it that no custom role bears the name of an API role. In a token both
    kinds stand in one claim, so a custom role called `fullaccess` would otherwise open everything.
    """

    api: frozenset[ApiRole] = frozenset()
    custom: frozenset[str] = frozenset()

    @classmethod
    def of(cls, api: Iterable[str], custom: Iterable[str] = ()) -> RoleSet:
        """Roles as security profiles and clients hold them. Unknown API roles and blank names are dropped; of two
        spellings of one custom role the alphabetically first remains.
        """
        spelling: dict[str, str] = {}
        for name in sorted(custom):
            if name.strip() and find_api_role(name) is None:
                spelling.setdefault(name.casefold(), name)
        known = (find_api_role(name) for name in api)
        return cls(frozenset(role for role in known if role), frozenset(spelling.values()))

    @classmethod
    def named(cls, names: Iterable[str]) -> RoleSet:
        """Roles of both kinds from one list, as in a token's `role` claim."""
        names = tuple(names)
        return cls.of(names, names)

    def union(self, *others: RoleSet) -> RoleSet:
        """The roles of all, for example of every profile assigned to a user (AUTH-17)."""
        sets = (self, *others)
        return RoleSet.of(
            (role for roles in sets for role in roles.api), (name for roles in sets for name in roles.custom)
        )

    def names(self) -> tuple[str, ...]:
        """API roles in the contract's order, then custom roles by name."""
        api = sorted(self.api, key=declared_position)
        return (*(role.value for role in api), *sorted(self.custom, key=lambda name: (name.casefold(), name)))

    def folded(self) -> frozenset[str]:
        """All names in comparable form; the form of `Requested`."""
        return _folded((*self.api, *self.custom))

    def __bool__(self) -> bool:
        return bool(self.api or self.custom)


NO_ROLES = RoleSet()


@dataclass(frozen=True, slots=True)
class ClientRoleLimits:
    """The four role lists of an API client (AUTH-18). Custom names are case-folded; a maximum of None is no limit."""

    minimum_api: frozenset[ApiRole] = frozenset()
    minimum_custom: frozenset[str] = frozenset()
    maximum_api: frozenset[ApiRole] | None = None
    maximum_custom: frozenset[str] | None = None

    @classmethod
    def of(
        cls,
        *,
        minimum_api: Collection[str] = (),
        minimum_custom: Collection[str] = (),
        maximum_api: Collection[str] = (),
        maximum_custom: Collection[str] = (),
    ) -> ClientRoleLimits:
        """The lists as the client holds them: an empty one is no limit, one of unknown names admits nothing."""
        return cls(
            RoleSet.of(minimum_api).api,
            _folded(minimum_custom),
            RoleSet.of(maximum_api).api if maximum_api else None,
            _folded(maximum_custom) if maximum_custom else None,
        )

    def cut(self, roles: RoleSet) -> RoleSet:
        """What the maximum leaves of these roles."""
        api, custom = roles.api, roles.custom
        if self.maximum_api is not None:
            api &= self.maximum_api
        if self.maximum_custom is not None:
            allowed = self.maximum_custom
            custom = frozenset(name for name in custom if name.casefold() in allowed)
        return RoleSet(api, custom)


NO_LIMITS = ClientRoleLimits()

Requested = frozenset[str] | None
"""Case-folded role names, or None for all that are available. The empty set asks for none."""


def parse_scope(scope: str | None) -> Requested:
    """The roles that the `scope` parameter names; missing or blank asks for all of them (AUTH-16)."""
    return _folded((scope or "").split()) or None


def grant(requested: Requested, available: RoleSet, limits: ClientRoleLimits = NO_LIMITS) -> RoleSet:
    """The roles of a new token: requested, available and within the client's maximum.

    A holder of FullAccess has every API role available, so they may be requested one by one, satisfy the client's
    minimum, and are what remains where the client's maximum leaves FullAccess out. Otherwise a token without a
    scope names the assigned roles only: FullAccess says the rest. An empty result is a valid one (AUTH-19).

    Raises:
        MinimumRolesError: the user lacks a role of the client's minimum (E12).
    """
    if not _satisfies_minimum(available, limits):
        raise MinimumRolesError
    if requested is not None:
        return limits.cut(_select(requested, available))
    if limits.maximum_api is not None and ApiRole.FullAccess not in limits.maximum_api:
        available = RoleSet(reachable_api_roles(available), available.custom)
    return limits.cut(available)


def regrant(
    original: RoleSet, scope: str | None, available: RoleSet, limits: ClientRoleLimits = NO_LIMITS
) -> RoleSet:
    """The roles of a refreshed token (AUTH-8): those granted at first, less what the user has lost since; a scope
    narrows them further.

    Raises:
        MinimumRolesError: the user lacks a role of the client's minimum (E12).
    """
    requested = original.folded()
    narrowed = parse_scope(scope)
    return grant(requested if narrowed is None else requested & narrowed, available, limits)


def reachable_api_roles(available: RoleSet) -> frozenset[ApiRole]:
    """The API roles that may be asked for: every one with FullAccess, else those assigned (AUTH-17)."""
    return ALL_API_ROLES if ApiRole.FullAccess in available.api else available.api


def shared(one: RoleSet, other: RoleSet) -> RoleSet:
    """The roles that both have (PORT-12). Whoever holds FullAccess keeps nobody from any role."""
    if ApiRole.FullAccess in one.api:
        return other
    if ApiRole.FullAccess in other.api:
        return one
    known = _folded(other.custom)
    return RoleSet(one.api & other.api, frozenset(name for name in one.custom if name.casefold() in known))


def _select(requested: frozenset[str], available: RoleSet) -> RoleSet:
    return RoleSet(
        frozenset(role for role in reachable_api_roles(available) if role.casefold() in requested),
        frozenset(name for name in available.custom if name.casefold() in requested),
    )


def _satisfies_minimum(available: RoleSet, limits: ClientRoleLimits) -> bool:
    return limits.minimum_api <= reachable_api_roles(available) and limits.minimum_custom <= _folded(
        available.custom
    )


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)
