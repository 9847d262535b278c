"""What a caller sent to POST /oauth/token (AUTH-2 to AUTH-6)."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from entrepot.kernel.errors import InvalidContentTypeError

FORM = "application/x-www-form-urlencoded"
JSON_BEGINS = (b"{", b"[", b'"')


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """The parameters of a grant; "" where one is missing, which is the same as empty."""

    grant_type: str = ""
    client_id: str = ""
    client_secret: str = ""
    username: str = ""
    password: str = ""
    scope: str = ""
    refresh_token: str = ""
    anonuserid: str = ""
    code: str = ""


NAMES = frozenset(TokenRequest.__dataclass_fields__)


def read_request(content_type: str, body: bytes, authorization: str) -> TokenRequest:
    """The request of a form body, with the client of HTTP Basic where the body names none.

    Names match in any case, unknown ones are ignored, and of a repeated one the first value that is not empty counts.
    Raises InvalidContentTypeError for what is neither called a form, or nothing, nor reads as one with a grant_type: the
    vendor's Angular SDK labels its form application/json (AUTH-3).
    """
    values: dict[str, str] = {}
    for name, value in parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, errors="replace"):
        if name.lower() in NAMES and not values.get(name.lower()):
            values[name.lower()] = value
    is_named = not content_type or content_type.partition(";")[0].strip().lower() == FORM
    if not is_named and ("grant_type" not in values or body.lstrip()[:1] in JSON_BEGINS):
        raise InvalidContentTypeError
    if not values.get("client_id"):
        values |= basic_client(authorization)
    return TokenRequest(**values)


def basic_client(authorization: str) -> dict[str, str]:
    """`client_id` and `client_secret` of a Basic header (RFC 6749, 2.3.1); nothing for any other header."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except ValueError:  # no base64, no ASCII to begin with, or no UTF-8 within
        return {}
    client_id, _, secret = text.partition(":")
    # Not unquote_plus: a base64 secret that was not encoded for the form holds plus signs, but never a percent sign.
    return {"client_id": unquote(client_id), "client_secret": unquote(secret)}
