"""What a seed file has in place of values that belong to one marketplace only (SEED-2)."""

from __future__ import annotations

import secrets
import string
from functools import lru_cache
from typing import Any

from entrepot.features.seeding.kinds import Kind
from entrepot.kernel.ids import new_guid

REDACTED = "<Redacted. Leave unchanged.>"
MARKETPLACE = "<MarketplaceID placeholder>"
OWNERS = ("OwnerID", "SellerID", "CompanyID")
CLIENT_SECRET_LENGTH = 60
SHARED_SECRET_LENGTH = 20
_LETTERS = string.ascii_letters + string.digits


class Placeholders:
    """Fills them in for one new marketplace. The IDs of API clients are made here too: those of the file are its own."""

    def __init__(self, marketplace: str) -> None:
        self._marketplace = marketplace
        self._shared_secret = _random(SHARED_SECRET_LENGTH)
        self.client_ids: dict[str, str] = {}
        """ID in the file, in lower case -> ID in the marketplace."""

    def is_owner(self, company: str) -> bool:
        """Whether this is the marketplace's own ID."""
        return company.lower() == self._marketplace.lower()

    def fill(self, kind: Kind, record: dict[str, Any]) -> dict[str, Any]:
        """The record with real values."""
        filled = dict(record)
        for name in OWNERS:
            if filled.get(name) == MARKETPLACE:
                filled[name] = self._marketplace
        for name in kind.secrets:
            if filled.get(name) == REDACTED:
                filled[name] = self._secret(name)
        for name in client_properties(kind):
            value = filled.get(name)
            if isinstance(value, str) and value:
                filled[name] = self.client_id(value)
            elif isinstance(value, list):
                filled[name] = [self.client_id(each) if isinstance(each, str) else each for each in value]
        return filled

    def client_id(self, in_file: str) -> str:
        """The ID of the API client that the file calls so."""
        return self.client_ids.setdefault(in_file.lower(), new_guid())

    def _secret(self, name: str) -> str:
        match name:
            case "ClientSecret":
                return _random(CLIENT_SECRET_LENGTH)
            case "CustomAuthHeaderValue":
                return _random(SHARED_SECRET_LENGTH)
            case "HashKey" | "SharedKey":
                return self._shared_secret
            case _:
                return REDACTED


@lru_cache(maxsize=1024)
def client_properties(kind: Kind) -> tuple[str, ...]:
    """The properties that hold IDs of API clients."""
    names = [
        column.name
        for column in kind.columns
        if (column.references is not None and column.references.table == "api_clients")
        or column.name == "ApiClientIDs"
    ]
    if kind.table == "api_clients":
        names.append("ID")
    if kind.assignment is not None:
        names += [thing.column for thing in kind.assignment.things if thing.table == "api_clients"]
    return tuple(names)


def _random(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
