"""What is within the envelope that all targets of a delivery configuration are sent (DC-3)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec

from entrepot.engine.content import OFF_LOOP
from entrepot.engine.wire.json import load


class UnreadableError(Exception):
    """A body that is no envelope around an object, or that nothing can be made of."""


class _Envelope(msgspec.Struct):
    Payload: msgspec.Raw


_envelopes = msgspec.json.Decoder(_Envelope)


def payload_bytes(body: bytes) -> bytes:
    """The payload's very bytes. Raises UnreadableError."""
    try:
        return bytes(_envelopes.decode(body).Payload)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableError from error


async def payload(body: bytes) -> Mapping[str, Any]:
    """The payload's value. Raises UnreadableError."""
    if len(body) > OFF_LOOP:
        return await asyncio.to_thread(_payload, body)
    return _payload(body)


def _payload(body: bytes) -> Mapping[str, Any]:
    try:
        value = load(payload_bytes(body))
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise UnreadableError from error
    if not isinstance(value, dict):
        raise UnreadableError
    return value
