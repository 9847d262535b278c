"""Slow hashes: user passwords and client secrets, argon2id in threads of their own."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar
from weakref import WeakValueDictionary

import argon2
from argon2.exceptions import VerifyMismatchError

from entrepot.domain.identity.clients import SecretRecord
from entrepot.engine.notes import Note
from entrepot.features.people.credentials import allocator
from entrepot.features.people.credentials.fair_queue import FairQueue

T = TypeVar("T")

LONGEST_LINE = 200
"""Hashes of one share that may wait: some seconds' work, after which most callers have gone."""
OF_MANY: Note[bool] = Note("that a call is one of many of a batch")
"""Whose hashes one marketplace makes one at a time, however many batches it sends: a thread is left for who logs in."""
QUIET_SECONDS = 0.1
"""After so long without a hash their memory goes back. Until then the next one finds it ready, which saves a third of 30 ms: what
comes more rarely than ten times a second pays that, in a thread of low priority, and who logs in one after another does not.
"""


@dataclass(frozen=True, slots=True)
class Argon2Parameters:
    """Costs of one hash; the defaults are the OWASP recommendation for argon2id (19 MiB, two passes, one lane)."""

    memory_kib: int = 19_456
    passes: int = 2
    lanes: int = 1


def _step_back() -> None:
    """Give a hashing thread a lower priority than the event loop's, so that logins do not slow down other requests."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


def _nobodys(parameters: Argon2Parameters) -> str:
    """What is verified in place of a hash that does not exist, so that an unknown user takes as long as a known one: as long as a
    real one, and random. To hash something for it would take 40 ms of each start.
    """
    salt, digest = (
        base64.b64encode(os.urandom(size)).decode().rstrip("=")
        for size in (argon2.DEFAULT_RANDOM_SALT_LENGTH, argon2.DEFAULT_HASH_LENGTH)
    )
    costs = f"m={parameters.memory_kib},t={parameters.passes},p={parameters.lanes}"
    return f"$argon2id$v={argon2.low_level.ARGON2_VERSION}${costs}${salt}${digest}"


class PasswordHasher:
    """Hashes and verifies off the event loop, at most `threads` at once; the others wait, in one line for each `share`
    (a marketplace), of at most `longest_line`. A share whose line is full gets TooBusyError.

    argon2 releases the interpreter lock, so requests go on meanwhile. One instance per process; close it at the end.
    """

    def __init__(
        self,
        parameters: Argon2Parameters | None = None,
        *,
        threads: int | None = None,
        longest_line: int = LONGEST_LINE,
    ) -> None:
        parameters = parameters or Argon2Parameters()
        self._argon2 = argon2.PasswordHasher(
            time_cost=parameters.passes, memory_cost=parameters.memory_kib, parallelism=parameters.lanes
        )
        number = threads or os.cpu_count() or 1
        self._threads = ThreadPoolExecutor(number, "argon2", _step_back)
        self._queue = FairQueue(self._threads, number, longest_line)
        self._dummy = _nobodys(parameters)
        self._under_way = 0
        """Hashes that run or wait. As long as there is one their memory stays, however long each takes."""
        self._quiet: asyncio.TimerHandle | None = None
        self._lines: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()
        """Of shares that have many to be hashed."""
        self._closed = False

    async def hash(self, password: str, *, share: Hashable = None) -> str:
        """The argon2id hash in PHC form, with its salt and parameters; about 100 characters."""
        return await self._run(share, lambda: self._argon2.hash(_encode(password)))

    async def hash_of_many(self, password: str, *, share: Hashable) -> str:
        """The same, once no other of the share's many is under way."""
        async with self._lines.setdefault(share, asyncio.Lock()):
            return await self.hash(password, share=share)

    async def verify(self, stored: str | None, password: str, *, share: Hashable = None) -> bool:
        """Whether the password is the one hashed. None (unknown user, user without password) costs the same time
        and is False (AUTH-11, E6).

        Raises:
            argon2.exceptions.VerificationError, InvalidHashError: the stored text is no argon2 hash.
        """
        return await self._run(share, lambda: self._verify(stored, password))

    async def matches_any(self, stored: Iterable[str], password: str, *, share: Hashable = None) -> bool:
        """Whether one of the hashes is the password's, for the history (AUTH-60)."""
        hashes = tuple(stored)
        return await self._run(share, lambda: any(self._verify(one, password) for one in hashes))

    def needs_rehash(self, stored: str) -> bool:
        """Whether the hash was made with other parameters and should be made anew at the next right password."""
        return self._argon2.check_needs_rehash(stored)

    def close(self) -> None:
        """Wait for running hashes, drop waiting ones."""
        self._closed = True
        if self._quiet is not None:
            self._quiet.cancel()
        self._threads.shutdown(cancel_futures=True)

    def _verify(self, stored: str | None, password: str) -> bool:
        try:
            self._argon2.verify(self._dummy if stored is None else stored, _encode(password))
        except VerifyMismatchError:
            return False
        return stored is not None

    async def _run(self, share: Hashable, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        self._under_way += 1
        if self._quiet is not None:
            self._quiet.cancel()
        try:
            return await self._queue.run(share, work)
        finally:
            self._under_way -= 1
            if not (self._under_way or self._closed):
                self._quiet = loop.call_later(QUIET_SECONDS, self._threads.submit, allocator.give_back)


def _encode(password: str) -> bytes:
    """UTF-8; a lone surrogate, which JSON can carry, is kept rather than refused."""
    return password.encode("utf-8", "surrogatepass")


class ClientSecretVerifier:
    """Verifies the secrets of API clients against their argon2id hashes and remembers successes, so that a client
    pays the slow hash once per process and not with every grant. Only digests are remembered, never secrets.
    """

    def __init__(self, hasher: PasswordHasher, *, remembered: int = 10_000) -> None:
        self._hasher = hasher
        self._limit = remembered
        self._verified: OrderedDict[tuple[str, bytes], None] = OrderedDict()

    async def find(
        self, candidates: Iterable[SecretRecord], presented: str, *, share: Hashable = None
    ) -> SecretRecord | None:
        """The record that holds the presented secret. Expiry is the caller's: pass ClientSecrets.candidates."""
        for record in candidates:
            if await self.verify(record.hash, presented, share=share):
                return record
        return None

    async def verify(self, stored: str, presented: str, *, share: Hashable = None) -> bool:
        """Whether the secret is the one hashed."""
        # The hash is part of the key: a changed secret finds nothing remembered.
        entry = (stored, hashlib.sha256(_encode(presented)).digest())
        if entry in self._verified:
            self._verified.move_to_end(entry)
            return True
        if not await self._hasher.verify(stored, presented, share=share):
            return False
        self._verified[entry] = None
        while len(self._verified) > self._limit:
            self._verified.popitem(last=False)
        return True
