"""Companies are compared by kind and ID (security 3): no SQL of an order's sender or receiver goes by the ID alone."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import entrepot
from entrepot.app.registry import registry
from entrepot.declare.assignment import Assignment
from entrepot.declare.resource import Resource
from entrepot.kernel.user_types import UserType

SOURCE = Path(entrepot.__file__).parent / "features"
COMPARED = re.compile(r'"(From|To)CompanyID"\)?\s*=\s*(?!EXCLUDED)|=\s*[\w{}]*\.?"(From|To)CompanyID"')
KINDS = ("from_seller", "to_seller")
BUYERS_ALONE = {"subscriptions"}
"""Packages whose rows are from buyers by a foreign key."""
FOLLOWING = {
    "naming.py": "renames follow what names a buyer, and addresses of either kind",
    "users.py": "a buyer's user moves to another buyer, and takes its orders along",
}
"""Files that write what they find by other means."""


def texts(path: Path) -> list[str]:
    """The texts of a file, those of one expression together."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.JoinedStr):
            parts = (part.value for part in node.values if isinstance(part, ast.Constant))
            found.append("{}".join(str(part) for part in parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append(node.value)
    return found


def test_orders_are_found_by_kind_and_id() -> None:
    """Every text of SQL that compares an order's companies compares the kind as well."""
    compared = {
        path: [text for text in texts(path) if COMPARED.search(text)] for path in sorted(SOURCE.rglob("*.py"))
    }
    assert sum(len(each) for each in compared.values()) > 8, "the pattern finds what there is"
    alone = {
        str(path.relative_to(SOURCE)): text
        for path, each in compared.items()
        for text in each
        if not any(kind in text for kind in KINDS)
        and path.parent.name not in BUYERS_ALONE
        and path.name not in FOLLOWING
    }
    # A text that is a part of one with the kind stands there once more by itself.
    whole = [text for each in compared.values() for text in each if any(kind in text for kind in KINDS)]
    assert not {path: text for path, text in alone.items() if not any(text in each for each in whole)}


OF_KIND = {
    UserType.SUPPLIER: {"OwnerID", "SellerID", "DefaultSupplierID", "SupplierID", "ID"},
    UserType.BUYER: {"BuyerID", "ID"},
}
"""Which columns name companies of the caller's kind. ID: that of the table of such companies."""
BY_COMPANY = re.compile(r'(\w+)\."(\w+)" = :company\b')


def test_sight_compares_companies_of_the_callers_kind() -> None:
    """A buyer and a supplier may share an ID: what a buyer's users see is decided by columns of buyers alone, and likewise."""
    declared: list[Resource | Assignment] = [
        *registry().resources.values(),
        *registry().assignments.values(),
    ]
    seen = [(each.name, kind, text) for each in declared for kind, text in each.visible.items()]
    found = [(name, kind, match[2]) for name, kind, text in seen for match in BY_COMPANY.finditer(text)]
    assert len(found) > 15
    foreign = [
        (name, kind, column)
        for name, kind, column in found
        if kind in OF_KIND and column not in OF_KIND[kind] | {"FromCompanyID", "ToCompanyID"}
    ]
    assert not foreign
