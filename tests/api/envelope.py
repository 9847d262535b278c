"""What every refusal looks like, whoever sent what (ERR-1, ERR-2)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

JSON = "application/json; charset=utf-8"
TRACES = ("Traceback", 'File "', "asyncpg", "pydantic", "SELECT ", "INSERT ", ".py")
"""What a message of ours never holds; only the Data of an error may repeat what was sent."""


def check_refusal(status: int, headers: Mapping[str, str], body: bytes) -> list[dict[str, Any]]:
    """The entries of a refusal, which must be a 4xx in the envelope. `headers` answers in lower case."""
    assert 400 <= status < 500, (status, body)
    assert headers["content-type"] == JSON
    assert headers["access-control-allow-origin"] == "*"
    assert status != 405 or headers["allow"]
    assert status != 401 or "error" in json.loads(body) or headers["www-authenticate"] == "Bearer"
    entries: list[dict[str, Any]] = json.loads(body)["Errors"]
    assert entries
    for entry in entries:
        assert list(entry) == ["ErrorCode", "Message", "Data"]
        assert entry["ErrorCode"]
        assert entry["Message"]
        assert not any(trace in entry["Message"] for trace in TRACES)
        if entry["ErrorCode"] == "NotFound":
            assert entry["Data"].keys() == {"ObjectType", "ObjectID"}
            assert all(isinstance(value, str) for value in entry["Data"].values())
    return entries
