"""A marketplace of this server as a side of a comparison."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from entrepot.declare.registry import Registry
from entrepot.features.people.services import Services
from entrepot.features.seeding.comparing.forms import Forms, Key
from entrepot.features.seeding.kinds import Kind
from entrepot.features.seeding.marketplace_records import Reader

Values = dict[str, Any]

# Neither what is being deleted nor what nobody can find: a snapshot.
FIND = """
SELECT m.marketplace_id, m."ID" FROM marketplaces m WHERE lower(m."ID") = lower($1) AND m."Active"
"""


@dataclass(frozen=True, slots=True)
class MarketplaceSide:
    """As it stands within the connection's transaction."""

    reader: Reader
    forms: Forms
    implied: Mapping[str, set[Key]] = field(default_factory=dict)
    lacks: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        connection: asyncpg.Connection,
        registry: Registry,
        services: Services,
        found: asyncpg.Record,
        *,
        opens: bool = False,
    ) -> MarketplaceSide:
        """`found` is a row of FIND. opens: whether its records have their secrets."""
        key, marketplace = found["marketplace_id"], found["ID"]
        reader = Reader(connection, registry, services, key, marketplace, opens=opens)
        return cls(reader, Forms(registry, marketplace))

    def records(self, kind: Kind) -> AsyncIterator[Values]:
        """By a cursor."""
        return self.reader.records(kind)
