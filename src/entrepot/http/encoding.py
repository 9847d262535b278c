"""Wire values as JSON text. Dates are strings by now (BODY-6); decimals become plain numbers (BODY-7)."""

from __future__ import annotations

import json
from typing import Any

from entrepot.engine.wire import json as wire

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"


def encode(value: Any) -> bytes:
    """The JSON text of a wire value; bytes are JSON text already."""
    return value if isinstance(value, bytes) else wire.encode(value)


def encode_safely(value: Any) -> bytes:
    """As `encode`, for values that echo input: what JSON cannot carry (a lone surrogate) is escaped."""
    try:
        return wire.encode(value)
    except (UnicodeEncodeError, TypeError):
        return json.dumps(value, default=str).encode()
