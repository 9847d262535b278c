"""API clients of two marketplaces: their IDs are one on a server, so they are told by ID, else by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from entrepot.features.seeding.kinds import Kind
from entrepot.features.seeding.placeholders import client_properties

Values = dict[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class Client:
    """An API client. digest: of what else is compared of it."""

    name: str
    digest: bytes
    id: str


def pairs(one: Iterable[Client], other: Iterable[Client]) -> dict[str, str]:
    """IDs of `other` in lower case -> those of `one` that mean the same client. Of several with one name, equal ones first."""
    ids = {client.id.lower(): client.id for client in one}
    left = [client for client in other if client.id.lower() not in ids]
    found = {client.id.lower(): ids[client.id.lower()] for client in other if client.id.lower() in ids}
    free: dict[str, list[Client]] = defaultdict(list)
    for client in sorted(one):
        if client.id.lower() not in found:
            free[client.name.lower()].append(client)
    for is_equal in (True, False):
        for client in sorted(left):
            if client.id.lower() in found:
                continue
            named = free[client.name.lower()]
            fitting = [each for each in named if not is_equal or each.digest == client.digest]
            if fitting:
                found[client.id.lower()] = fitting[0].id
                named.remove(fitting[0])
    return found


def with_clients(kind: Kind, record: Values, ids: Mapping[str, str]) -> Values:
    """A record in which other IDs stand for API clients: `ids` in lower case -> the others."""
    names = client_properties(kind) if ids else ()
    changed = {name: _named(record[name], ids) for name in names if record.get(name)}
    return {**record, **changed} if changed else record


def _named(value: Any, ids: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_named(each, ids) for each in value]
    return ids.get(value.lower(), value) if isinstance(value, str) else value
