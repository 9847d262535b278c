"""Properties of bodies: whatever is sent, and the whole way from a body to a row and back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.wire.bodies import Hue, Thing
from tests.engine.wire.test_json import CHARACTERS, JSON_VALUES

from entrepot.engine.wire.json import dump, encode, load, parse
from entrepot.engine.wire.merge import merge
from entrepot.engine.wire.models import validate
from entrepot.engine.wire.render import Renderer
from entrepot.kernel.errors import InvalidBodyError, ValidationError

JSON_COLUMNS = ("PriceBreaks", "Inventory", "Carrier", "xp")

names = st.sampled_from([spelled for name in Thing.__columns__ for spelled in (name, name.lower())])
anything = st.dictionaries(
    names,
    JSON_VALUES
    | st.sampled_from(["", "1", "true", "2021-02-08", "Red", 0, 1, -1, 10**20, Decimal("1E+1000")])
    | st.lists(st.dictionaries(st.sampled_from(["Quantity", "Price"]), JSON_VALUES, max_size=2), max_size=3)
    | st.dictionaries(
        st.sampled_from(["Enabled", "Cost", "RestockDate", "Name", "xp"]), JSON_VALUES, max_size=3
    ),
    max_size=6,
)

decimals = st.decimals(min_value=-1000, max_value=1000, places=4)
dates = st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat())
texts = st.text(CHARACTERS, max_size=5)
xps = st.none() | st.dictionaries(texts, JSON_VALUES, max_size=4)
stocks = st.fixed_dictionaries(
    {},
    optional={
        "Enabled": st.booleans(),
        "QuantityAvailable": st.none() | st.integers(0, 100),
        "Cost": decimals,
        "RestockDate": st.none() | dates,
        "ApiKey": st.none() | texts,
    },
)
couriers = st.fixed_dictionaries({"Name": st.just("n")}, optional={"Speed": st.integers(0, 9), "xp": xps})
breaks = st.lists(
    st.fixed_dictionaries({"Quantity": st.integers(1, 9)}, optional={"Price": decimals}), max_size=3
)
legal = st.fixed_dictionaries(
    {},
    optional={
        "Name": st.just("n"),
        "Code": st.none() | st.just("abcd"),
        "Limit": st.none() | st.integers(-10, 10),
        "Price": decimals,
        "Active": st.booleans(),
        "StartDate": st.none() | dates,
        "Color": st.none() | st.sampled_from(Hue),
        "Tags": st.lists(texts, max_size=3),
        "PriceBreaks": breaks,
        "Inventory": st.none() | stocks,
        "Carrier": st.none() | couriers,
        "xp": xps,
    },
)


def accepted(payload: dict[str, Any], *, partial: bool) -> dict[str, Any]:
    """The values of a legal payload after a journey as JSON text. Dates outside years 1 to 9999 are left out."""
    try:
        return validate(Thing, parse(dump(payload).encode()), partial=partial)
    except ValidationError as error:
        bad = {item.data["Property"] for item in error.items()}
    assert bad <= {"StartDate", "Inventory.RestockDate"}
    kept = {name: value for name, value in payload.items() if name not in ("StartDate", "Inventory")}
    return validate(Thing, parse(dump(kept).encode()), partial=partial)


def stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """As a row holds them: JSON columns as text."""
    return {
        name: dump(value) if name in JSON_COLUMNS and value is not None else value
        for name, value in values.items()
    }


@given(anything | JSON_VALUES, st.booleans())
def test_any_json_is_accepted_or_refused(payload: Any, partial: bool) -> None:
    """Bad input never fails in another way, and its refusal can be sent."""
    if not isinstance(payload, dict):
        with pytest.raises(InvalidBodyError):
            validate(Thing, payload, partial=partial)
        return
    try:
        values = validate(Thing, payload, partial=partial)
    except ValidationError as error:
        refused = error.items()
    else:
        assert list(values) == [name for name in Thing.__columns__ if name in values]
        assert encode(Renderer(Thing).render(stored(values)))
        return
    assert refused[0].data
    assert len({item.data["Property"] for item in refused}) == len(refused)
    assert encode([item.data for item in refused])


@given(legal)
def test_what_was_read_can_be_put_back(payload: dict[str, Any]) -> None:
    """BODY-2: GET, then PUT of the very body, changes nothing but secrets."""
    values = accepted({**payload, "Name": "n"}, partial=False)
    text = encode(Renderer(Thing).render(stored(values)))
    again = validate(Thing, parse(text), partial=False)
    secrets = ("Password",)
    if values["Inventory"] is not None:
        values["Inventory"]["ApiKey"] = None
    assert {k: v for k, v in again.items() if k not in secrets} == values


@given(legal, legal)
def test_patch_is_idempotent_and_empty_is_identity(payload: dict[str, Any], patch: dict[str, Any]) -> None:
    """CONV-4, CONV-5"""
    before = accepted({**payload, "Name": "n"}, partial=False)
    before = {name: load(dump(value)) if name in JSON_COLUMNS else value for name, value in before.items()}
    changes = accepted(patch, partial=True)
    assert merge(Thing, before, {}) == before
    once = merge(Thing, before, changes)
    assert merge(Thing, once, changes) == once
    untouched = before.keys() - changes.keys()
    assert all(once[name] == before[name] for name in untouched)
