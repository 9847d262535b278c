"""Which kinds of users an operation admits."""

from __future__ import annotations

from entrepot.declare.roles import Access, Right
from entrepot.kernel.user_types import UserType


def allowed_types(access: Access, least: Right) -> frozenset[UserType]:
    """The kinds of users whose right is at least `least`."""
    return frozenset(kind for kind in UserType if access.of(kind) >= least)
