"""Where the description of an identity provider may be, and what it has to say to be believed (OpenID Connect Discovery)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from entrepot.domain.identity.id_token import TENANT

WELL_KNOWN = "/.well-known/openid-configuration"
MOST_PLACES = 8
_VERSION = re.compile(r"v[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Provider:
    """What is known of an identity provider. `issuer` may have TENANT in it. The endpoints are those that it names, "" for none."""

    issuer: str
    keys_url: str
    pkce: bool
    authorization_endpoint: str
    token_endpoint: str


def issuers(*endpoints: str) -> tuple[str, ...]:
    """What the issuer of these endpoints may be called, the likeliest first: their beginnings, the longest first.

    `https://id.example/realms/a/protocol/auth` -> `https://id.example/realms/a/protocol`, `.../realms/a` ...; of
    `https://id.example/a/oauth2/v2.0/authorize` also `https://id.example/a/v2.0`.
    """
    found: dict[str, None] = {}
    for endpoint in endpoints:
        for issuer in _beginnings(endpoint):
            found.setdefault(issuer)
    return tuple(found)[:MOST_PLACES]


def _beginnings(endpoint: str) -> Iterator[str]:
    try:
        parts = urlsplit(endpoint.strip())
    except ValueError:
        return
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        return
    segments = [segment for segment in parts.path.split("/") if segment]
    version = next((each for each in segments if _VERSION.fullmatch(each)), None)
    for length in range(max(len(segments) - 1, 0), -1, -1):
        yield "/".join((f"{parts.scheme}://{parts.netloc}", *segments[:length]))
        if version is not None and version not in segments[:length]:
            yield "/".join((f"{parts.scheme}://{parts.netloc}", *segments[:length], version))


def described(
    document: Any, *, issuer: str, authorization_endpoint: str, token_endpoint: str
) -> Provider | None:
    """The provider of a document that was found below `issuer`; None unless it describes that issuer, and names one of the
    endpoints that the marketplace has set: whom these belong to, it trusts.
    """
    found = named(document, issuer)
    if found is None:
        return None
    ours = (authorization_endpoint.strip(), token_endpoint.strip())
    theirs = (found.authorization_endpoint, found.token_endpoint)
    fits = any(their and our.partition("?")[0] == their for our, their in zip(ours, theirs, strict=True))
    return found if fits else None


def named(document: Any, issuer: str) -> Provider | None:
    """The same where the issuer itself is trusted, and with it the endpoints that it names."""
    if not isinstance(document, Mapping):
        return None
    name, keys_url = document.get("issuer"), document.get("jwks_uri")
    if not isinstance(name, str) or not isinstance(keys_url, str) or not keys_url:
        return None
    if name.rstrip("/") != issuer.rstrip("/") and not _is_template(name, issuer):
        return None
    endpoints = (document.get("authorization_endpoint"), document.get("token_endpoint"))
    authorization, token = (each if isinstance(each, str) else "" for each in endpoints)
    methods = document.get("code_challenge_methods_supported")
    pkce = isinstance(methods, list) and "S256" in methods
    return Provider(name, keys_url, pkce, authorization, token)


def _is_template(named: str, issuer: str) -> bool:
    """Whether it stands for the issuers of many organizations, on the same host."""
    return TENANT in named and urlsplit(named).netloc == urlsplit(issuer).netloc
