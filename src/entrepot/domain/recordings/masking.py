"""What of a request is nobody's business but its sender's: it is replaced before anything is kept."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from typing import Any
from urllib.parse import parse_qsl, quote_plus

MASK = "***"
"""In place of a secret."""
_SECRET = re.compile(
    r"pass(word|phrase|wd)|secret|token|authorization|credential|api_?key|(hash|shared|private|access|sas)_?key|"
    r"verification_?code|connection_?string|assertion|cookie|signature|cvv|cvc|pin$|code_verifier",
    re.IGNORECASE,
)
_NOT_SECRET = frozenset(
    {
        "accesstokenduration",
        "refreshtokenduration",
        "anonymoustokenduration",
        "token_type",
        "granted_token_type",
    }
)
"""Names that only sound so, folded."""
_FORM_SECRETS = frozenset({"code", "token"})
_LABEL = 12


def is_secret(name: str, declared: Collection[str] = ()) -> bool:
    """Whether a property of this name holds a secret; `declared` are further ones, folded."""
    folded = name.lower()
    return folded in declared or (folded not in _NOT_SECRET and _SECRET.search(name) is not None)


def mask(value: Any, declared: Collection[str] = ()) -> Any:
    """A JSON value with MASK for each text or number that stands under a secret's name, at any depth."""
    if isinstance(value, dict):
        return {
            name: _masked(inner) if is_secret(name, declared) else mask(inner, declared)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [mask(inner, declared) for inner in value]
    return value


def mask_form(text: str, declared: Collection[str] = ()) -> dict[str, str]:
    """A form, as of POST /oauth/token."""
    return {
        name: MASK if value and (name in _FORM_SECRETS or is_secret(name, declared)) else value
        for name, value in parse_qsl(text, keep_blank_values=True)
    }


def mask_query(text: str, declared: Collection[str] = ()) -> str:
    """A query string; what is no secret in it stays as it was sent."""
    parts = []
    for part in text.split("&") if text else ():
        name, equals, _ = part.partition("=")
        hidden = equals and is_secret(name, declared)
        parts.append(f"{name}={quote_plus(MASK)}" if hidden else part)
    return "&".join(parts)


def mask_path(path: str, secret_segments: Collection[int]) -> str:
    """A path, by the places of secrets between its slashes."""
    parts = path.split("/")
    return "/".join(MASK if place in secret_segments else part for place, part in enumerate(parts))


def label_of(token: str, recording: str) -> str:
    """Tells a token from others of a recording, and nothing else of it: nobody can guess a token."""
    return hashlib.sha256(f"{recording}\n{token}".encode("utf-8", "replace")).hexdigest()[:_LABEL]


def _masked(value: Any) -> Any:
    """Nothing is no secret, and tells whether one was sent."""
    if isinstance(value, dict):
        return {name: _masked(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner) for inner in value]
    return (
        MASK
        if isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""
        else value
    )
