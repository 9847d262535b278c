"""What calls to an integration carry so that it knows the marketplace: a header of its own, and a signature (SIG-1)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from entrepot.declare.wire import Wire
from entrepot.domain.integrations.headers import SIGNATURE, is_custom, is_value
from entrepot.engine.call import Call
from entrepot.features.people.integrations.sealing import column_of, open_secrets, place
from entrepot.features.people.services import services

HASH_KEY = column_of("HashKey")
JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an integration has agreed on. Secrets are in clear and do not show."""

    hash_key: str | None = field(repr=False)
    header: tuple[str, str] | None = field(repr=False)

    def secrets(self, *more: str | None) -> tuple[str, ...]:
        """What is sent in confidence and must not come back: the header's value, and `more`."""
        header = self.header[1] if self.header else None
        return tuple(each for each in (header, *more) if each)

    def headers(self, body: bytes) -> list[tuple[str, str]]:
        """The headers of a call with this JSON body."""
        headers = [self.header] if self.header else []
        headers.append(("Content-Type", JSON))
        if self.hash_key:
            headers.append((SIGNATURE, signature(self.hash_key, body)))
        return headers


def read_credentials(
    call: Call, table: str, model: type[Wire], row: Mapping[str, Any] | asyncpg.Record
) -> Credentials:
    """Those of a row that has CustomAuthHeaderName, CustomAuthHeaderValue and HASH_KEY."""
    box, marketplace_id = services(call).box, call.marketplace_id
    opened = open_secrets(box, table, marketplace_id, model, dict(row))
    sealed, name = row[HASH_KEY], row["CustomAuthHeaderName"]
    return Credentials(
        hash_key=None if sealed is None else box.open_text(sealed, place(table, "HashKey", marketplace_id)),
        header=_sendable(name, opened["CustomAuthHeaderValue"]),
    )


def _sendable(name: str | None, value: str | None) -> tuple[str, str] | None:
    # Rows may be older than what is asked of a header when it is saved.
    return (name, value) if name and value and is_custom(name) and is_value(value) else None


def signature(key: str, body: bytes) -> str:
    """The HMAC-SHA256 of a body under the shared key, in Base64."""
    return base64.b64encode(hmac.digest(key.encode(), body, hashlib.sha256)).decode()
