"""A marketplace for one test: a copy that nobody else touches, and that vanishes (docs/guide/snapshots.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx

from entrepot.testing.answers import answered
from entrepot.testing.answers import client as opened_client
from entrepot.testing.clock import Clock
from entrepot.testing.mailbox import Mailbox
from entrepot.testing.receiver import PATH as CATCHERS
from entrepot.testing.receiver import Receiver

APPLICATION = "application"


@dataclass(frozen=True, slots=True)
class User:
    """A user whose password is known."""

    username: str
    password: str


class Marketplace:
    """A fresh marketplace.

    url: of the server; id: the marketplace's; users: by username, those whose passwords stand in no seed file, as the demo's; api: a client
    of the API with the token of a seller's user with FullAccess, access_token.
    """

    def __init__(self, url: str, made: Mapping[str, Any], of: Marketplace | None = None) -> None:
        self.url = url
        self.id: str = made["ID"]
        told = {each["Username"]: User(each["Username"], each["Password"]) for each in made["Users"]}
        self.users: Mapping[str, User] = told if of is None else of.users
        copies = {str(each["CopyOf"]).lower(): str(each["ID"]) for each in made["Clients"]}
        # Of a copy of a marketplace: by the names that its own clients have.
        self._clients: Mapping[str, str] = copies if of is None else of.client_names(copies)
        self.access_token: str = made["AccessToken"]
        self.api = opened_client(url, self.access_token)
        self._opened = [self.api]

    @property
    def client_id(self) -> str:
        """The API client that the seed calls `application`, as the demo does. Raises KeyError."""
        return self.client_of(APPLICATION)

    def client_of(self, name: str) -> str:
        """The API client that has this ID in the seed; its own is another one. Raises KeyError."""
        try:
            return self._clients[name.lower()]
        except KeyError:
            raise KeyError(f"No API client {name}; there are {sorted(self._clients)}") from None

    def client_names(self, copies: Mapping[str, str]) -> dict[str, str]:
        """API clients by the names that they have here, of a marketplace that has copies of them."""
        return {name: copies[client_id.lower()] for name, client_id in self._clients.items()}

    def token(
        self,
        username: str,
        password: str | None = None,
        *,
        roles: Sequence[str] = (),
        client: str = APPLICATION,
    ) -> str:
        """An access token of a user, with all of its roles where none are named, at the API client that has this ID in the seed. Without a
        password its is looked up in `users`. Raises KeyError, and RefusedError.
        """
        login = {
            "grant_type": "password",
            "client_id": self.client_of(client),
            "username": username,
            "password": self._password_of(username) if password is None else password,
            "scope": " ".join(roles),
        }
        token: str = answered(self.api.post("/oauth/token", data=login))["access_token"]
        return token

    def _password_of(self, username: str) -> str:
        try:
            return self.users[username].password
        except KeyError:
            known = f"passwords are known of {sorted(self.users)}; give that of another"
            raise KeyError(f"No password of {username}; {known}") from None

    def login(
        self,
        username: str,
        password: str | None = None,
        *,
        roles: Sequence[str] = (),
        client: str = APPLICATION,
    ) -> httpx.Client:
        """A client of the API with such a token. Raises what `token` raises."""
        opened = opened_client(self.url, self.token(username, password, roles=roles, client=client))
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
