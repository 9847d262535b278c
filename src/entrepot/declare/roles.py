"""Who may call: API roles by verb, and what each kind of user may do (AUTH-30, AUTH-52, ORG-2)."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from entrepot.kernel.user_types import UserType

FULL_ACCESS = "FullAccess"


@dataclass(frozen=True, slots=True)
class Roles:
    """The roles that suffice, any one of them; FullAccess is always among them."""

    read: tuple[str, ...]
    write: tuple[str, ...]
    assign: tuple[str, ...]
    list_assignments: tuple[str, ...]

    @classmethod
    def named(cls, stem: str) -> Roles:
        """`XReader` reads, `XAdmin` does everything."""
        return cls.of(read=(f"{stem}Admin", f"{stem}Reader"), write=(f"{stem}Admin",))

    @classmethod
    def of(
        cls,
        *,
        read: tuple[str, ...],
        write: tuple[str, ...],
        assign: tuple[str, ...] | None = None,
        list_assignments: tuple[str, ...] | None = None,
    ) -> Roles:
        assign = write if assign is None else assign
        list_assignments = read if list_assignments is None else list_assignments
        return cls(*(sufficient(*roles) for roles in (read, write, assign, list_assignments)))


def sufficient(*roles: str) -> tuple[str, ...]:
    """FullAccess first, then the others as given."""
    return (FULL_ACCESS, *(role for role in roles if role != FULL_ACCESS))


class Right(enum.IntEnum):
    """What one kind of user may do with a resource, whatever its roles."""

    NONE = 0
    """403 on every operation."""
    READ = 1
    """Read what is visible (Resource.visible): of another party's things those of parties that it serves or is served by."""
    READ_ALL = 2
    """Read all: for what a marketplace keeps for everybody, such as its locales."""
    OWN = 3
    """For companies: read and change the own one, others do not exist; never create or delete."""
    WRITE = 4


@dataclass(frozen=True, slots=True)
class Access:
    """The rights of the three kinds of users on one resource."""

    seller: Right = Right.WRITE
    supplier: Right = Right.NONE
    buyer: Right = Right.NONE

    def of(self, user_type: UserType) -> Right:
        match user_type:
            case UserType.SELLER:
                return self.seller
            case UserType.SUPPLIER:
                return self.supplier
            case UserType.BUYER:
                return self.buyer


SELLERS_ONLY = Access()
SELLERS_WRITE = Access(supplier=Right.READ_ALL, buyer=Right.READ_ALL)
BUYERS_THEMSELVES = Access(supplier=Right.READ, buyer=Right.OWN)
SUPPLIERS_THEMSELVES = Access(supplier=Right.OWN, buyer=Right.READ)
OF_BUYERS = Access(supplier=Right.READ, buyer=Right.WRITE)
OF_SUPPLIERS = Access(supplier=Right.WRITE, buyer=Right.READ)
