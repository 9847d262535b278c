"""A marketplace for one test: a copy that nobody else touches, and that vanishes (docs/guide/snapshots.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx

from entrepot.testing.answers import answered, client
from entrepot.testing.clock import Clock
from entrepot.testing.mailbox import Mailbox
from entrepot.testing.receiver import PATH as CATCHERS
from entrepot.testing.receiver import Receiver


@dataclass(frozen=True, slots=True)
class User:
    """A user whose password is known."""

    username: str
    password: str


class Marketplace:
    """A fresh marketplace.

    url: of the server; id, client_id: what an application is configured with, in place of the original's; users: whose passwords are
    known, by username; api: a client of the API with the token of a seller's user with FullAccess.
    """

    def __init__(
        self, url: str, made: Mapping[str, Any], original_client: str, users: Mapping[str, User]
    ) -> None:
        self.url = url
        self.id: str = made["ID"]
        self.users = users
        self._clients = {each["CopyOf"].lower(): str(each["ID"]) for each in made["Clients"]}
        self.client_id = self.client_of(original_client)
        self.access_token: str = made["AccessToken"]
        self.api = client(url, self.access_token)
        self._opened = [self.api]

    def client_of(self, original: str) -> str:
        """The API client that is the copy of an original's. Raises KeyError."""
        return self._clients[original.lower()]

    def token(
        self,
        username: str,
        password: str | None = None,
        *,
        roles: Sequence[str] = (),
        client_id: str | None = None,
    ) -> str:
        """An access token of a user, with all of its roles where none are named. Without a password its is looked up in `users`.
        Raises KeyError, and RefusedError.
        """
        login = {
            "grant_type": "password",
            "client_id": client_id or self.client_id,
            "username": username,
            "password": self.users[username].password if password is None else password,
            "scope": " ".join(roles),
        }
        token: str = answered(self.api.post("/oauth/token", data=login))["access_token"]
        return token

    def login(
        self,
        username: str,
        password: str | None = None,
        *,
        roles: Sequence[str] = (),
        client_id: str | None = None,
    ) -> httpx.Client:
        """A client of the API with such a token. Raises what `token` raises."""
        opened = client(self.url, self.token(username, password, roles=roles, client_id=client_id))
        self._opened.append(opened)
        return opened

    @cached_property
    def clock(self) -> Clock:
        """What time it is here."""
        return Clock(self.api)

    @cached_property
    def mailbox(self) -> Mailbox:
        """The messages to people."""
        return Mailbox(self.api)

    def receiver(
        self, *, status: int = 200, body: str = '{"proceed": true}', delay_milliseconds: int = 0
    ) -> Receiver:
        """An address to send to, and what is answered there. Raises RefusedError, as where the server has no catchers."""
        answer = {"Status": status, "Body": body, "DelayMilliseconds": delay_milliseconds}
        return Receiver(self.api, answered(self.api.post(CATCHERS, json=answer)))

    def fault(self, **rule: Any) -> str:
        """Let requests fail, by the properties that docs/guide/faults.md has: `fault(OperationID="Cart.Submit", Status=503)`. The rule's
        ID. Raises RefusedError.
        """
        made: str = answered(self.api.post("/entrepot/v1/faults", json=rule))["ID"]
        return made

    def close(self) -> None:
        """Close the clients; the marketplace is left to its time to live."""
        for each in self._opened:
            each.close()
