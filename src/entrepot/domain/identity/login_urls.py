"""Where a login by OpenID Connect leads the browser: to the identity provider, back to the application, or to its error page.

What a caller adds to the application's address may choose a page of it, but never another host (OIDC-4).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlencode, urlsplit

from entrepot.kernel.errors import LoginAddressError

PATH_SAFE = "!$&'()*+,/:;=?@#[]-._~%"
"""What stays as it is in a page of the application that is a part of its path."""
_PLACEHOLDER = re.compile(r"\{(0|1|2|3|token)\}", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x20\x7f\\]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
NEVER = frozenset({"javascript", "data", "vbscript", "blob", "file", "about", "filesystem"})
"""Schemes that no browser is led to."""
RESERVED = frozenset(
    {
        "response_type",
        "client_id",
        "client_secret",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "request",
        "request_uri",
    }
)
"""What callers cannot add to the question to the identity provider (OIDC-1): it decides where the answer goes and what it proves."""


def authorization_url(endpoint: str, parameters: Mapping[str, str], custom: Iterable[tuple[str, str]]) -> str:
    """The identity provider's page, with what the endpoint's own query has."""
    separator = "" if endpoint.endswith(("?", "&")) else "&" if "?" in endpoint else "?"
    extra = [(name, value) for name, value in custom if name.lower() not in RESERVED]
    return (
        f"{endpoint.partition('#')[0]}{separator}{urlencode([*parameters.items(), *extra], quote_via=quote)}"
    )


def start_url(template: str, *, token: str, idp_token: str, path: str, refresh_token: str) -> str:
    """The application's page after a login (OIDC-4). `path` is the caller's wish; before a query it is a part of the path,
    within it a value. Raises LoginAddressError where the result would be anywhere else than the template says.
    """
    query = min((at for at in (template.find("?"), template.find("#")) if at >= 0), default=len(template))

    def value(found: re.Match[str]) -> str:
        match found[1].lower():
            case "2":
                return quote(path, safe=PATH_SAFE if found.start() < query else "/")
            case "1":
                return quote(idp_token, safe="")
            case "3":
                return quote(refresh_token, safe="")
            case _:
                return quote(token, safe="")

    return _filled(template, _PLACEHOLDER.sub(value, template))


def error_url(template: str, text: str) -> str:
    """The application's page after a login that failed. Raises LoginAddressError."""
    return _filled(template, template.replace("{0}", quote(text, safe="")))


def _filled(template: str, url: str) -> str:
    plain = _PLACEHOLDER.sub("", template)
    if _CONTROL.search(url) or not _SCHEME.match(template) or _origin(plain) != _origin(url):
        raise LoginAddressError
    return url


def _origin(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise LoginAddressError from error
    web = parts.scheme in {"http", "https"}
    if parts.scheme in NEVER or (web and not parts.hostname):
        raise LoginAddressError
    return parts.scheme, parts.netloc
