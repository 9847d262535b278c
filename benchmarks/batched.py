"""1,000 PATCHes of products one by one over a kept connection, and as one batch, in turns: `python -m benchmarks.batched`."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.client import send
from benchmarks.http_connection import HttpConnection
from benchmarks.load import Request
from benchmarks.servers import Server, demo
from benchmarks.waiting import stranger

NAME = "batch"
PATCHES = 1_000
TARGET = 5.0
"""How many times as fast as one by one."""
BATCH = "/entrepot/v1/batch"
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds by the clock, of the server process, and of its database."""

    clock: float
    processor: float
    database: float


@dataclass(frozen=True, slots=True)
class Turns:
    """By round."""

    single: Sequence[Spent]
    batched: Sequence[Spent]

    def times(self, of: str) -> float:
        """How many times as much they take one by one."""
        pairs = zip(self.single, self.batched, strict=True)
        return float(median(getattr(one, of) / getattr(all_, of) for one, all_ in pairs))

    def sentence(self) -> str:
        """For people."""
        verdict = "reached" if self.times("clock") >= TARGET else "MISSED"
        told = ", ".join(
            f"{median(getattr(each, of) for each in self.batched):.2f} and"
            f" {median(getattr(each, of) for each in self.single):.2f} s {name} ({self.times(of):.1f} times)"
            for of, name in (
                ("clock", "by the clock"),
                ("processor", "of the server process"),
                ("database", "of the database"),
            )
        )
        return f"{PATCHES:,} PATCHes of products in a batch and one by one: {told}; target: {TARGET:g} times as fast, {verdict}"


@dataclass(frozen=True, slots=True)
class Watch:
    """What is spent from `start` on."""

    server: Server
    home: Path
    begun: tuple[float, float, float]

    @classmethod
    def start(cls, server: Server, home: Path) -> Watch:
        return cls(server, home, cls._now(server, home))

    @staticmethod
    def _now(server: Server, home: Path) -> tuple[float, float, float]:
        return time.perf_counter(), server.cpu_seconds(), server.database_cpu_seconds(home)

    def spent(self) -> Spent:
        return Spent(
            *(now - then for now, then in zip(self._now(self.server, self.home), self.begun, strict=True))
        )


def turns(home: Path, rounds: int) -> Turns:
    """On a server of its own in `home`."""
    with demo(home) as server:
        token = f"Bearer {stranger(server.base_url, home)}"
        products = [_request("PUT", number, {"Name": "P", "Active": True}) for number in range(PATCHES)]
        send(server.base_url, _post(token, products))
        single, batched = [], []
        for number in range(rounds + 1):
            words = (f"one by one {number}", f"together {number}")
            one = asyncio.run(_one_by_one(server, home, token, words[0]))
            all_ = _batch(server, home, token, words[1])
            # The first round pays for what a process does once.
            if number:
                single.append(one)
                batched.append(all_)
        return Turns(single, batched)


async def _one_by_one(server: Server, home: Path, token: str, text: str) -> Spent:
    requests = [
        Request("PATCH", each["Path"], token, "application/json", json.dumps(each["Body"]))
        for each in _patches(text)
    ]
    async with HttpConnection(server.base_url) as connection:
        watch = Watch.start(server, home)
        for each in requests:
            await connection.send(each)
        return watch.spent()


def _batch(server: Server, home: Path, token: str, text: str) -> Spent:
    request = _post(token, _patches(text))
    watch = Watch.start(server, home)
    answers = send(server.base_url, request)["Answers"]
    spent = watch.spent()
    assert {each["Status"] for each in answers} == {200}
    assert {each["Body"]["Description"] for each in answers} == {text}
    return spent


def _patches(text: str) -> list[Values]:
    return [_request("PATCH", number, {"Description": text}) for number in range(PATCHES)]


def _request(verb: str, number: int, body: Values) -> Values:
    return {"Verb": verb, "Path": f"/v1/products/p{number}", "Body": body}


def _post(token: str, requests: list[Values]) -> Request:
    return Request("POST", BATCH, token, "application/json", json.dumps({"Requests": requests}))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="entrepot-batched-") as place:
        Path(place).chmod(0o711)
        print(turns(Path(place), 5).sentence())
