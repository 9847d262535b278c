"""The model that the tests of premium lists list, and the worked set of SRCH-4."""

from typing import Any

from entrepot.domain.listing.fields import Field, FieldKind, ListShape

GOODS = ListShape(
    fields=(
        Field("ID", FieldKind.ID),
        Field("Name", FieldKind.STRING),
        Field("Description", FieldKind.STRING),
        Field("Brand", FieldKind.STRING),
        Field("Size", FieldKind.INTEGER),
        Field("xp", FieldKind.XP),
    ),
    search=None,
    sort=None,
    premium=True,
    searched=("ID", "Name", "Description"),
    prominent=("ID", "Name"),
    order=("Name", "ID"),
)


def good(id_: str, **values: Any) -> dict[str, Any]:
    """A whole item: what is not given is null."""
    return {field.name: None for field in GOODS.fields} | {"ID": id_} | values


SHIRTS = [
    good("1", Name="Button-up Black Shirt"),
    good("2", Name="Sleeveless Black Shirt"),
    good("3", Name="Cotton Blue Shirt"),
    good("4", Name="High-top Black Shoes"),
    good("5", Name="Canvas White Shoes"),
]
WORKED = {
    "search=Shirt": ["1", "2", "3"],
    "search=Black Shirt&searchType=ExactPhrase": ["1", "2"],
    "search=Black Shirt&searchType=AnyTerm": ["1", "2", "3", "4"],
    "search=Black Shirt": ["1", "2", "3", "4"],
    "search=black sh&searchType=ExactPhrasePrefix": ["1", "2", "4"],
    "search=black sh&searchType=ExactPhrase": [],
    "search=Black Shirt&searchType=AllTermsAnyField": ["1", "2"],
    "search=Shirt Black&searchType=AllTermsSameField": ["1", "2"],
    "search=Shirt Black&searchType=ExactPhrase": [],
    "search=SHIRT": ["1", "2", "3"],
    "search=up": ["1"],
    "search=shirt&sortBy=!ID": ["3", "2", "1"],
    "search=shirt&searchOn=ID": [],
    "search=white&searchOn=name": ["5"],
    "search=5 shirt&searchType=AllTermsAnyField": [],
    "search=5 shoes&searchType=AllTermsAnyField": ["5"],
    "search=5 shoes&searchType=AllTermsSameField": [],
    "search=--": [],
}
"""SRCH-4: query -> IDs in order. No word here has the stem of another one."""
