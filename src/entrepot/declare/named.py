"""IDs that rows keep of other things without a key: in what an order remembers, in JSON, of things whose IDs are not unique."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Named:
    """One such ID. It goes along with a rename (CONV-3) and stays when the thing is gone.

    place: a column, `BillingAddressID`; or a property in a JSON column, `Approver.ID` of an object, `Specs[].SpecID` of
        each object in a list.
    table: that of the things.
    means: the SQL condition that the row `t` means the thing `x`, where an ID alone does not say so, or where it finds the
        rows by an index; with `:marketplace_id`, `:old` for the ID, `:place` for the thing's key, or its parent's ID.
    beside: of a list, the property before it that holds the ID of the thing's parent.
    copy: a JSON column with a copy of the thing, whose `ID` goes along.
    """

    place: str
    table: str
    means: str = "true"
    beside: str = ""
    copy: str = ""
    indexed: bool = True
    """Whether the column gets an index, by which a rename finds its rows; not where `means` finds them."""

    @property
    def column(self) -> str:
        """The table's column."""
        return self.place.partition(".")[0].removesuffix("[]")

    @property
    def part(self) -> str:
        """The property within a JSON column; "" for a column of its own."""
        return self.place.partition(".")[2]

    @property
    def alone(self) -> bool:
        """Whether the ID alone says which thing is meant."""
        return self.means == "true"

    @property
    def in_list(self) -> bool:
        return "[]" in self.place
