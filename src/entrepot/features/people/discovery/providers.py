"""Identity providers as they describe themselves, and their keys; remembered by each process for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import structlog
from joserfc import jwk
from joserfc.errors import JoseError

from entrepot.domain.identity.discovery import WELL_KNOWN, Provider, described, issuers, named
from entrepot.features.people.discovery.caching import Kept
from entrepot.features.people.outgoing.client import Outgoing
from entrepot.kernel.errors import InvalidBodyError

MOST_PROVIDERS = 1_000
"""Of all marketplaces, whose descriptions, and whose keys, one process keeps."""
MOST_KEYS = 50
MEMBERS = ("kty", "kid", "use", "n", "e", "crv", "x", "y")
LONGEST = 1_500
"""Characters of a member of a key: an RSA key of 8,192 bits has 1,366."""
FOUND_SECONDS = 3600.0
MISSING_SECONDS = 60.0
"""After which it is looked for again."""
DISCOVERY_LIMIT = 10.0
"""Seconds for all places where a description may be."""
KEYS_RESPITE = 30.0
"""Seconds between two looks for a key that a token names and nobody knows."""

log = structlog.get_logger("entrepot.openid")

Keys = tuple[dict[str, Any], ...]


class Providers:
    """What one process knows of providers. Each marketplace asks for itself: what one has been told tells another nothing."""

    def __init__(self) -> None:
        self._providers: Kept[Provider | None] = Kept(MOST_PROVIDERS, _seconds)
        self._keys: Kept[Keys] = Kept(MOST_PROVIDERS, _seconds)
        self._fresh: Kept[Keys] = Kept(MOST_PROVIDERS, lambda _: KEYS_RESPITE)

    async def find(
        self, outgoing: Outgoing, marketplace_id: int, authorization_endpoint: str, token_endpoint: str
    ) -> Provider | None:
        """The provider of these endpoints, as it describes itself somewhere above one of them; None where it does not."""
        endpoints = (authorization_endpoint, token_endpoint)

        async def look() -> Provider | None:
            return await _discovered(outgoing, marketplace_id, issuers(*endpoints), *endpoints)

        return await self._providers.get((marketplace_id, *endpoints), look)

    async def find_issuer(
        self,
        outgoing: Outgoing,
        marketplace_id: int,
        issuer: str,
        authorization_endpoint: str,
        token_endpoint: str,
    ) -> Provider | None:
        """The same where a token, fresh from the token endpoint, names the issuer."""
        endpoints = (authorization_endpoint, token_endpoint)

        async def look() -> Provider | None:
            return await _discovered(outgoing, marketplace_id, (issuer.rstrip("/"),), *endpoints)

        return await self._providers.get((marketplace_id, *endpoints, issuer), look)

    async def of_issuer(self, outgoing: Outgoing, marketplace_id: int, issuer: str) -> Provider | None:
        """The provider of an issuer that is trusted with the endpoints that it names."""

        async def look() -> Provider | None:
            try:
                async with asyncio.timeout(DISCOVERY_LIMIT):
                    document = await _json(outgoing, marketplace_id, issuer.rstrip("/") + WELL_KNOWN)
                    return named(document, issuer)
            except TimeoutError:
                return None

        return await self._providers.get((marketplace_id, issuer), look)

    async def keys(
        self, outgoing: Outgoing, marketplace_id: int, provider: Provider, kid: str | None
    ) -> list[jwk.Key]:
        """The keys that may have signed a token: those of its kid, or all. Where none is known they are fetched again, but not
        more often than each KEYS_RESPITE.
        """
        place = (marketplace_id, provider.keys_url)

        async def fetch() -> Keys:
            return await _fetched(outgoing, marketplace_id, provider.keys_url)

        found = _named(await self._keys.get(place, fetch), kid)
        if not found:
            found = _named(await self._fresh.get(place, fetch), kid)
            if found:
                self._keys.forget(place)
        return [key for each in found for key in _imported(each)]


def _seconds(found: object) -> float:
    return FOUND_SECONDS if found else MISSING_SECONDS


async def _discovered(
    outgoing: Outgoing, marketplace_id: int, places: Iterable[str], authorization: str, token: str
) -> Provider | None:
    try:
        async with asyncio.timeout(DISCOVERY_LIMIT):
            for issuer in places:
                document = await _json(outgoing, marketplace_id, issuer + WELL_KNOWN)
                found = described(
                    document, issuer=issuer, authorization_endpoint=authorization, token_endpoint=token
                )
                if found is not None:
                    return found
    except TimeoutError:
        pass
    log.info("identity provider not described", marketplace=marketplace_id)
    return None


async def _fetched(outgoing: Outgoing, marketplace_id: int, url: str) -> Keys:
    """The keys of a key set that may sign."""
    document = await _json(outgoing, marketplace_id, url)
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list):
        return ()
    public = (_public(key) for key in keys if isinstance(key, dict) and key.get("use", "sig") == "sig")
    return tuple(key for key in public if key)[:MOST_KEYS]


def _public(key: dict[str, Any]) -> dict[str, Any]:
    """What of a key is needed; nothing of one that is larger than any that is in use."""
    found = {name: key[name] for name in MEMBERS if name in key}
    return found if all(isinstance(each, str) and len(each) <= LONGEST for each in found.values()) else {}


def _named(keys: Keys, kid: str | None) -> list[dict[str, Any]]:
    return [key for key in keys if kid is None or key.get("kid") == kid]


def _imported(key: dict[str, Any]) -> list[jwk.Key]:
    """The key, where it is one of a kind that signs in public."""
    kind = key.get("kty")
    if kind not in ("RSA", "EC", "OKP"):
        return []
    try:
        return [jwk.import_key(key, kind)]
    except (JoseError, ValueError, TypeError, KeyError):
        return []


async def _json(outgoing: Outgoing, marketplace_id: int, url: str) -> Any:
    """What a GET answers; None where that is no JSON of a good status."""
    answer = await outgoing.call(marketplace_id, "GET", url, b"", ())
    try:
        return answer.content.value if answer.succeeded else None
    except InvalidBodyError:
        return None
