"""Single requests, where no load is wanted."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from benchmarks.load import Request


def send(base_url: str, request: Request) -> Any:
    """The JSON of the answer, None without a body. Raises urllib.error.HTTPError for a refusal."""
    headers = {"Authorization": request.authorization, "Content-Type": request.content_type}
    call = urllib.request.Request(
        base_url + request.path,
        method=request.method,
        headers={name: value for name, value in headers.items() if value},
        data=request.body.encode() or None,
    )
    with urllib.request.urlopen(call, timeout=30) as response:
        body = response.read()
    return json.loads(body) if body else None


def bearer(base_url: str, form: str) -> str:
    """The Authorization header that a token request leads to."""
    token = send(base_url, Request("POST", "/oauth/token", "", "application/x-www-form-urlencoded", form))
    return f"Bearer {token['access_token']}"
