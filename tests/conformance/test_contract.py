"""The registry against the contract: whatever differs must stand in known_gaps.toml, and nothing else may."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.contract_data import operations
from tests.conformance.contract_registry import contract_registry, new_model, wire_model
from tests.conformance.facts import differences

from entrepot.declare.operation import Body, ListOptions, Operation, QueryParameter, Returns
from entrepot.declare.registry import Registry
from entrepot.declare.types import WireType
from entrepot.declare.wire import Column
from entrepot.http.routing import at_host_root
from entrepot.kernel.user_types import UserType

KNOWN_GAPS = Path(__file__).parent / "known_gaps.toml"


def test_every_operation_of_the_contract_is_declared(registry: Registry) -> None:
    """All 639, and none besides but the server's own (test_own_operations)."""
    declared = {o.id for o in registry.operations.values() if not (at_host_root(o.path) or o.is_own)}
    assert declared == set(operations())
    assert len(declared) == 639


def test_differences_are_known(registry: Registry) -> None:
    found = differences(registry)
    known = tomllib.loads(KNOWN_GAPS.read_text("utf-8"))["differences"]
    new = [f"{fact}: contract {found[fact][0]!r}, server {found[fact][1]!r}" for fact in found.keys() - known]
    stale = sorted(known.keys() - found.keys())
    assert (sorted(new), stale) == ([], []), "differences without a reason, and reasons without a difference"
    assert all(isinstance(reason, str) and reason for reason in known.values())


# --- the comparison itself: a registry without any gap has none, and every kind of gap is noticed --------------


def test_a_registry_made_from_the_contract_has_no_differences() -> None:
    assert differences(contract_registry()) == {}


def with_operation(operation_id: str, **changes: Any) -> Registry:
    """A registry with one operation of the contract, changed."""
    registry = Registry()
    registry.add_operations([replace(of(operation_id), **changes)])
    return registry


def of(operation_id: str) -> Operation:
    return contract_registry().operations[operation_id]


USERS = of("Users.List").lists
assert USERS is not None
assert USERS.search is not None
assert USERS.sort is not None


@pytest.mark.parametrize(
    ("operation_id", "changes", "fact"),
    [
        ("Users.List", {"path": "/buyers/{id}/users"}, "path"),
        ("Buyers.Delete", {"verb": "POST", "path": "/buyers/{buyerID}/delete"}, "verb"),
        ("Users.List", {"query": ()}, "query"),
        ("Users.List", {"query": (QueryParameter("userGroupID", WireType("integer")),)}, "query"),
        ("Users.List", {"lists": replace(USERS, premium=True)}, "query"),
        ("Users.List", {"lists": ListOptions(bare=True)}, "query"),
        ("Users.List", {"lists": replace(USERS, search=USERS.search[::-1])}, "searchable"),
        ("Users.List", {"lists": replace(USERS, sort=USERS.sort[1:])}, "sortable"),
        ("Users.List", {"lists": replace(USERS, facets=True)}, "page"),
        ("Users.List", {"returns": Returns(wire_model("User"))}, "page"),
        ("Users.List", {"returns": Returns(wire_model("Buyer"), page=True)}, "returns"),
        ("Users.Create", {"body": None}, "body"),
        ("Users.Create", {"body": Body(wire_model("User"), partial=True)}, "partial"),
        ("Users.Create", {"body": Body(wire_model("MeUser"))}, "body"),
        ("Users.Create", {"body": Body(wire_model("UserGroup"))}, "required"),
        ("Users.Create", {"roles": ("FullAccess",)}, "roles"),
        ("Users.Create", {"status": 200}, "status"),
        ("Me.ListAddresses", {"user_types": frozenset(UserType)}, "only"),
        ("Buyers.List", {"user_types": frozenset({UserType.BUYER})}, "only"),
    ],
)
def test_a_changed_operation_is_noticed(operation_id: str, changes: dict[str, Any], fact: str) -> None:
    assert f"{operation_id} {fact}" in differences(with_operation(operation_id, **changes))


def test_an_unknown_operation_is_noticed() -> None:
    assert "Buyers.Fetch path" in differences(with_operation("Buyers.Get", id="Buyers.Fetch"))


def with_columns(**columns: Column | None) -> Registry:
    """A registry whose Buyer differs: a column replaced, added, or (None) taken away."""
    changed = new_model("Buyer")
    changed.__columns__ = {
        name: column
        for name, column in (wire_model("Buyer").__columns__ | columns).items()
        if column is not None
    }
    return with_operation("Buyers.Get", returns=Returns(changed))


NAME = wire_model("Buyer").__columns__["Name"]


@pytest.mark.parametrize(
    ("column", "fact"),
    [
        (replace(NAME, type=WireType("integer")), "Buyer.Name type"),
        (replace(NAME, nullable=True), "Buyer.Name nullable"),
        (replace(NAME, required=False), "Buyer.Name required"),
        (replace(NAME, read_only=True), "Buyer.Name readOnly"),
        (replace(NAME, write_only=True), "Buyer.Name writeOnly"),
        (replace(NAME, max_length=99), "Buyer.Name maxLength"),
        (replace(NAME, min_length=2), "Buyer.Name minLength"),
        (replace(NAME, minimum=1), "Buyer.Name minimum"),
        (replace(NAME, maximum=9), "Buyer.Name maximum"),
        (replace(NAME, default="A"), "Buyer.Name default"),
        (None, "Buyer fields"),
    ],
)
def test_a_changed_property_is_noticed(column: Column | None, fact: str) -> None:
    assert fact in differences(with_columns(Name=column))


def test_order_of_properties_and_unknown_models_are_noticed() -> None:
    swapped = new_model("Buyer")
    swapped.__columns__ = dict(reversed(wire_model("Buyer").__columns__.items()))
    assert "Buyer fields" in differences(with_operation("Buyers.Get", returns=Returns(swapped)))
    stranger = new_model("Customer")
    assert "Customer fields" in differences(with_operation("Buyers.Get", returns=Returns(stranger)))
