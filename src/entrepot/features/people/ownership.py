"""Things that belong to the seller or to a supplier (ORG-3, ORG-4): catalogs, price schedules, specs, products."""

from __future__ import annotations

from typing import Any

from entrepot.declare.resource import Hooks
from entrepot.engine.call import Call
from entrepot.kernel.errors import ApiError

Values = dict[str, Any]

OWN = 't."OwnerID" = :company'
"""What a supplier sees, where it sees only what it owns."""
OWN_OR_SELLERS = """t."OwnerID" = :company
    OR t."OwnerID" = (SELECT mp."ID" FROM marketplaces mp WHERE mp.marketplace_id = :marketplace_id)"""
"""What a supplier sees, as Resource.visible has it: its own and the seller's, never another supplier's."""


def belongs_to_another(call: Call, owner: str | None) -> bool:
    """Whether the caller is a supplier and another company, or none, is the owner. To the seller everything belongs."""
    supplier = call.principal.supplier_id
    return supplier is not None and (owner or "").lower() != supplier.lower()


async def require_owner_of(
    call: Call, owner_of: str, object_id: str, refusal: ApiError | type[ApiError]
) -> None:
    """Raise the refusal for a supplier that does not own the thing. No statement for others.

    owner_of: the SELECT of the owner; $1 is the marketplace, $2 the ID of the thing.
    """
    if call.principal.supplier_id is None:
        return
    if belongs_to_another(call, await call.db.fetchval(owner_of, call.marketplace_id, object_id)):
        raise refusal


class OwnedHooks(Hooks):
    """The owner is the seller unless it names a supplier at the creation, or a supplier creates; the same ever after."""

    def __init__(self, refusal: type[ApiError]) -> None:
        self.refusal = refusal
        """What a supplier gets that changes what it sees but does not own."""

    def normalise(self, values: Values, old: Values | None) -> None:
        if old is not None:
            values["OwnerID"] = old["OwnerID"]

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        principal = call.principal
        if old is not None:
            self.require_owner(call, old["OwnerID"])
        elif principal.supplier_id is not None:
            new["OwnerID"] = principal.supplier_id
        elif not new["OwnerID"] or new["OwnerID"].lower() == principal.marketplace.lower():
            new["OwnerID"] = principal.marketplace

    async def check_delete(self, call: Call, old: Values) -> None:
        self.require_owner(call, old["OwnerID"])

    def require_owner(self, call: Call, owner: str | None) -> None:
        """Raise the refusal for a supplier that is not the owner."""
        if belongs_to_another(call, owner):
            raise self.refusal


class BelowOwnedHooks(Hooks):
    """What lives under an owned thing is written by that thing's owner (ORG-4).

    owner_of: as require_owner_of takes it, for the thing that the path names by `parameter`.
    """

    def __init__(self, refusal: type[ApiError], owner_of: str, parameter: str) -> None:
        self.refusal = refusal
        self.owner_of = owner_of
        self.parameter = parameter

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        await self.require_owner(call)

    async def check_delete(self, call: Call, old: Values) -> None:
        await self.require_owner(call)

    async def require_owner(self, call: Call) -> None:
        """Raise the refusal for a supplier that does not own the thing of the path."""
        await require_owner_of(call, self.owner_of, call.path[self.parameter], self.refusal)
