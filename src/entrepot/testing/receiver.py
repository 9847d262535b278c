"""What webhooks, message senders and integration events send, caught by the server itself (docs/guide/catcher.md)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from entrepot.testing.answers import WITHIN, answered, awaited, every_item

PATH = "/entrepot/v1/catchers"


@dataclass(frozen=True, slots=True)
class Received:
    """A request that has come. path: what followed the receiver's address; headers: by their names in lower case. What is secret in
    it is `***`.
    """

    id: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: str

    def json(self) -> Any:
        """Its body, read as JSON."""
        return json.loads(self.body)


class Receiver:
    """An address of the server that keeps what is sent to it: `url` goes into a webhook's `Url`, or wherever else something is to be
    sent.
    """

    def __init__(self, api: httpx.Client, made: Mapping[str, Any]) -> None:
        self._api = api
        self.id: str = made["ID"]
        self.url: str = made["Url"]
        self._requests = f"{PATH}/{self.id}/requests"
        self._known: dict[str, Received] = {}
        self._told: set[str] = set()

    def requests(self) -> list[Received]:
        """All that have come, the oldest first; of more than a hundred the last."""
        return [
            self._read(entry["ID"]) for entry in every_item(self._api, self._requests, sortBy="DateCreated")
        ]

    def wait(
        self, matching: Callable[[Received], bool] = lambda _: True, *, within: float = WITHIN
    ) -> Received:
        """The oldest that matches and that no earlier call has answered. Raises AssertionError where none comes within so many seconds."""

        def look() -> Received | None:
            for each in self.requests():
                if each.id not in self._told and matching(each):
                    self._told.add(each.id)
                    return each
            return None

        def missing() -> str:
            there = [f"{each.method} {each.path}: {each.body[:200]}" for each in self.requests()]
            return f"No such request within {within} s. There are: {there}"

        return awaited(look, within, missing)

    def _read(self, request_id: str) -> Received:
        if request_id not in self._known:
            found = answered(self._api.get(f"{self._requests}/{request_id}"))
            headers = {each["Name"]: each["Value"] for each in found["Headers"]}
            self._known[request_id] = Received(
                found["ID"], found["Method"], found["Path"], found["Query"], headers, found["Body"]
            )
        return self._known[request_id]
