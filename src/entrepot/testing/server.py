"""A server, and the marketplace of which it makes copies for tests."""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from entrepot.testing.answers import PATIENCE, answered
from entrepot.testing.marketplace import Marketplace, User

PATH = "/entrepot/v1/marketplaces"
SPARE = 60.0
"""Seconds before its end from which on a token is not used."""


class NoServerError(RuntimeError):
    """There is no server for tests; the message says why."""


class Server:
    """A running server. url: where it is, without a slash at the end; users: of the original, by username."""

    def __init__(self, url: str, demo: Mapping[str, Any]) -> None:
        self.url = url
        self.users = {name: User(user["username"], user["password"]) for name, user in demo["users"].items()}
        self._original = demo
        self._api = httpx.Client(base_url=url, timeout=PATIENCE, auth=_Login(url, demo))

    @classmethod
    def found(cls, url: str | None, demo_file: Path) -> Server:
        """One that runs, and tells of its demo marketplace in a file, and of its address where none is given. Raises NoServerError."""
        try:
            demo = json.loads(demo_file.read_text("utf-8"))
            return cls((url or demo["baseUrl"]).rstrip("/"), demo)
        except (OSError, ValueError, LookupError) as error:
            raise NoServerError(
                f"{demo_file} should say who may make marketplaces at {url or 'the server'} (`demo.json` in the data directory of the"
                f" server; ENTREPOT_DEMO_FILE names another place): {error}"
            ) from error

    @contextmanager
    def marketplace(
        self, *, name: str = "Test", snapshot: str | None = None, ttl: str = "PT1H"
    ) -> Iterator[Marketplace]:
        """A copy of the marketplace, or of a snapshot of it; deleted at the end of the block, or when its time is over where nobody
        comes to that. Raises RefusedError.
        """
        asked = {"Name": name[:100], "TTL": ttl} | ({"SnapshotID": snapshot} if snapshot else {})
        made = answered(self._api.post(PATH, json=asked))
        marketplace = Marketplace(self.url, made, self._original["clientID"], self.users)
        try:
            yield marketplace
        finally:
            marketplace.close()
            answered(self._api.delete(f"{PATH}/{marketplace.id}"))

    def close(self) -> None:
        """Close its client."""
        self._api.close()


class _Login(httpx.Auth):
    """The token of the original's integration, which acts as a user of the seller with FullAccess."""

    requires_response_body = True

    def __init__(self, url: str, demo: Mapping[str, Any]) -> None:
        self._request = httpx.Request(
            "POST",
            f"{url}/oauth/token",
            data={
                "grant_type": "client_credentials",
                "client_id": demo["integrationClientID"],
                "client_secret": demo["integrationClientSecret"],
            },
        )
        self._token = ""
        self._good_until = 0.0

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if time.monotonic() > self._good_until:
            told = answered((yield self._request))
            self._token = told["access_token"]
            self._good_until = time.monotonic() + told["expires_in"] - SPARE
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request
