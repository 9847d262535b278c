"""Shapes refuse nonsense when they are declared; orders end in the key (SRCH-6)."""

import pytest

from entrepot.domain.listing.fields import Field, FieldKind, ListShape
from entrepot.domain.listing.ordering import list_order
from entrepot.domain.listing.request import read_list_request

NAMED = (Field("ID", FieldKind.ID), Field("Name", FieldKind.STRING), Field("xp", FieldKind.XP))
ORDERS = {
    "": "Name ID",
    "sortBy=Name": "Name ID",
    "sortBy=!Name": "!Name !ID",
    "sortBy=ID,Name": "ID",
    "sortBy=!xp.a,Name": "!xp.a Name ID",
}


@pytest.mark.parametrize("name", ["Nope", "name", "Tags", "Owner", "Owner.ID.x", "xp.a"])
def test_search_and_sort_name_scalar_fields(name: str) -> None:
    fields = (
        *NAMED,
        Field("Tags", FieldKind.LIST, item=FieldKind.STRING),
        Field("Owner", FieldKind.OBJECT, fields=NAMED),
    )
    with pytest.raises(ValueError, match=name):
        ListShape(fields, search=(name,))
    with pytest.raises(ValueError, match=name):
        ListShape(fields, sort=(name,))


@pytest.mark.parametrize(("query", "expected"), ORDERS.items())
def test_orders_are_total(query: str, expected: str) -> None:
    """SRCH-5, SRCH-6: a leading part of the default sort goes on as that does, all others end in the key."""
    shape = ListShape(NAMED, sort=("Name", "ID"))
    order = list_order(read_list_request(query, shape), shape)
    assert " ".join("!" * entry.descending + entry.path.full_name for entry in order) == expected


def test_a_model_without_id_is_ordered_by_all_its_sortable_fields() -> None:
    shape = ListShape(
        (Field("ThingType", FieldKind.STRING), Field("Key", FieldKind.STRING)), sort=("ThingType", "Key")
    )
    order = list_order(read_list_request("sortBy=!Key", shape), shape)
    assert [(entry.path.name, entry.descending) for entry in order] == [("Key", True), ("ThingType", True)]
