"""The paths that have a value in an order: what somebody who writes an expression about such orders may want to name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from entrepot.domain.expressions.environment import Environment
from entrepot.domain.expressions.evaluate import is_array
from entrepot.domain.expressions.lexer import NAME
from entrepot.domain.expressions.properties import LINE_ITEM, LINE_ITEM_PRODUCT
from entrepot.domain.expressions.vocabulary import RecordKind

MOST_PATHS = 300
"""Of a thing."""
MOST_LOOKED_AT = 5_000
"""Values that are looked at for all of them: a few milliseconds."""
MOST_DEEP = 6
"""Names of a path."""


@dataclass(slots=True)
class _Walk:
    """The first value at each path, by the path in lower case."""

    left: int = MOST_LOOKED_AT
    found: dict[str, tuple[str, Any]] = field(default_factory=dict)

    def into(
        self, record: Mapping[str, Any], known: Mapping[str, str] | None = None, above: str = ""
    ) -> None:
        """known: the names that count; by default any that can be written."""
        for name, value in record.items():
            if self.left <= 0:
                return
            self.left -= 1
            is_meant = NAME.fullmatch(name) if known is None else name.lower() in known
            if value is None or not is_meant:
                continue
            path = f"{above}{name}"
            if len(self.found) < MOST_PATHS:
                self.found.setdefault(path.lower(), (path, value))
            if isinstance(value, Mapping) and path.count(".") < MOST_DEEP - 1:
                is_product = known is LINE_ITEM and name.lower() == "product"
                self.into(value, LINE_ITEM_PRODUCT if is_product else None, f"{path}.")


def found_paths(environment: Environment) -> Iterator[tuple[RecordKind, list[tuple[str, Any]]]]:
    """Of the order, of its lines together, and of the return: paths with the first value that is there, by path.

    Nothing that an evaluation over the environment could not read by them.
    """
    left = MOST_LOOKED_AT
    records: dict[RecordKind, Sequence[Mapping[str, Any] | None]] = {
        RecordKind.ORDER: [environment.order],
        RecordKind.LINE: environment.items,
        RecordKind.RETURN: [environment.order_return],
    }
    for thing, those in records.items():
        walk = _Walk(left)
        for record in those:
            if record is not None:
                walk.into(record, thing.properties)
        left = walk.left
        yield thing, sorted(walk.found.values(), key=lambda each: each[0].lower())


def kind_of(value: Any) -> str:
    """What a value is to an expression, as the API names types."""
    if isinstance(value, bool):
        return "Boolean"
    if isinstance(value, int | float | Decimal):
        return "Decimal"
    if isinstance(value, datetime):
        return "DateTime"
    if is_array(value):
        return "Array"
    return "Object" if isinstance(value, Mapping) else "String"
