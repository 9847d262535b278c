"""Slow hashes in threads (AUTH-11 E6, AUTH-43, AUTH-60)."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Hashable, Iterator
from datetime import UTC, datetime
from typing import Literal

import argon2
import pytest
from argon2.exceptions import InvalidHashError

from entrepot.domain.identity.clients import ClientSecrets, SecretRecord
from entrepot.features.people.credentials import allocator, passwords
from entrepot.features.people.credentials.passwords import (
    Argon2Parameters,
    ClientSecretVerifier,
    PasswordHasher,
)
from entrepot.features.people.credentials.secrets import fingerprint, new_client_secret

CHEAP = Argon2Parameters(memory_kib=8, passes=1)
NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)


@pytest.fixture
def hasher() -> Iterator[PasswordHasher]:
    hasher = PasswordHasher(CHEAP, threads=2)
    yield hasher
    hasher.close()


@pytest.mark.parametrize("password", ["Abcdefghi1", "", "p$ # % ^ & +é", "\ud800", "x" * 100_000, "nul\0nul"])
async def test_a_password_verifies_and_no_other(hasher: PasswordHasher, password: str) -> None:
    stored = await hasher.hash(password)
    assert stored.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert await hasher.verify(stored, password)
    assert not await hasher.verify(stored, password + "x")
    assert await hasher.hash(password) != stored


class Counting(argon2.PasswordHasher):
    """Notes the parameters of every hash that is verified."""

    def __init__(self) -> None:
        super().__init__(time_cost=CHEAP.passes, memory_cost=CHEAP.memory_kib, parallelism=CHEAP.lanes)
        self.verified: list[argon2.Parameters] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        self.verified.append(argon2.extract_parameters(str(hash)))
        return super().verify(hash, password)


async def test_e6_an_unknown_user_is_refused_with_the_effort_of_a_known_one(hasher: PasswordHasher) -> None:
    counting = hasher._argon2 = Counting()
    known = await hasher.hash("right")
    assert not await hasher.verify(known, "wrong")
    assert not await hasher.verify(None, "wrong")
    of_known, of_unknown = counting.verified
    assert of_known == of_unknown


async def test_hashes_of_other_parameters_verify_and_need_a_new_hash(hasher: PasswordHasher) -> None:
    dearer = PasswordHasher(Argon2Parameters(memory_kib=16, passes=2), threads=1)
    stored = await hasher.hash("password")
    assert await dearer.verify(stored, "password")
    assert dearer.needs_rehash(stored)
    assert not hasher.needs_rehash(stored)
    dearer.close()


async def test_auth_60_history(hasher: PasswordHasher) -> None:
    history = [await hasher.hash(password) for password in ("one", "two")]
    assert await hasher.matches_any(history, "two")
    assert not await hasher.matches_any(history, "three")
    assert not await hasher.matches_any([], "three")


async def test_a_damaged_hash_is_an_error_and_no_wrong_password(hasher: PasswordHasher) -> None:
    with pytest.raises(InvalidHashError):
        await hasher.verify("no hash", "password")


async def test_many_logins_at_once_wait_in_line(hasher: PasswordHasher) -> None:
    stored = await hasher.hash("password")
    results = await asyncio.gather(*(hasher.verify(stored, f"pass{'word' * (i % 2)}") for i in range(50)))
    assert results == [i % 2 == 1 for i in range(50)]


class CountingHasher(PasswordHasher):
    def __init__(self) -> None:
        super().__init__(CHEAP, threads=1)
        self.verifications = 0

    async def verify(self, stored: str | None, password: str, *, share: Hashable = None) -> bool:
        self.verifications += 1
        return await super().verify(stored, password, share=share)


async def test_auth_43_a_client_pays_the_slow_hash_once() -> None:
    hasher = CountingHasher()
    verifier = ClientSecretVerifier(hasher, remembered=2)
    secrets = [new_client_secret() for _ in range(3)]
    stored = [await hasher.hash(secret) for secret in secrets]

    assert await verifier.verify(stored[0], secrets[0])
    assert await verifier.verify(stored[0], secrets[0])
    assert hasher.verifications == 1, "remembered"
    assert not await verifier.verify(stored[0], secrets[1])
    assert not await verifier.verify(stored[0], secrets[1])
    assert hasher.verifications == 3, "failures are not remembered"
    assert not await verifier.verify(stored[1], secrets[0])
    assert hasher.verifications == 4, "a secret is remembered with its hash, not for another"

    assert await verifier.verify(stored[1], secrets[1])
    assert await verifier.verify(stored[0], secrets[0])
    assert await verifier.verify(stored[2], secrets[2])
    assert hasher.verifications == 6
    assert await verifier.verify(stored[0], secrets[0])
    assert hasher.verifications == 6, "the longest unused was forgotten, not this one"
    assert await verifier.verify(stored[1], secrets[1])
    assert hasher.verifications == 7
    hasher.close()


async def test_auth_43_finds_the_record_of_a_secret_with_one_slow_hash() -> None:
    hasher = CountingHasher()
    secrets = [new_client_secret() for _ in range(10)]
    records = tuple([SecretRecord(await hasher.hash(secret), fingerprint(secret)) for secret in secrets])
    stored = ClientSecrets(None, records)
    verifier = ClientSecretVerifier(hasher)
    assert await verifier.find(stored.candidates(fingerprint(secrets[7]), NOW), secrets[7]) is records[7]
    assert await verifier.find(stored.candidates(fingerprint("wrong"), NOW), "wrong") is None
    assert hasher.verifications == 1
    hasher.close()


GIVES_BACK = """
import asyncio, sys
from entrepot.features.people.credentials import allocator, passwords

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 // 2**20

async def main():
    hasher = passwords.PasswordHasher(passwords.Argon2Parameters(memory_kib=20 * 1024, passes=1), threads=1)
    for _ in range(3):
        await hasher.hash("secret")
    busy, left = resident(), 100
    while resident() > busy - 15 and left:
        await asyncio.sleep(0.1)
        left -= 1
    hasher.close()
    print(left > 0)

passwords.QUIET_SECONDS = 0.1
allocator.share_one_arena()
asyncio.run(main())
"""


def test_memory_goes_back_when_no_password_is_hashed() -> None:
    """What hashes took would else stay with the process: 19 MiB for each thread."""
    done = subprocess.run([sys.executable, "-c", GIVES_BACK], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True", done.stderr


async def test_memory_stays_while_a_hash_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine one takes longer than the quiet moment: what others left is for the next in line."""
    given_back = threading.Event()
    monkeypatch.setattr(passwords, "QUIET_SECONDS", 0.0)
    monkeypatch.setattr(allocator, "give_back", given_back.set)
    hasher = PasswordHasher(CHEAP, threads=2)
    begun, done = threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        done.wait(30)

    try:
        waiting = asyncio.create_task(hasher._run(None, slow))
        await asyncio.to_thread(begun.wait, 30)
        await hasher.hash("secret")
        # Whatever the loop has been told to call by now, and what that has given the threads to do.
        for _ in range(10):
            await asyncio.sleep(0)
        await hasher.hash("secret")
        assert not given_back.is_set()
        done.set()
        await waiting
        assert await asyncio.to_thread(given_back.wait, 30)
    finally:
        done.set()
        hasher.close()


async def test_hashes_of_many_leave_a_thread_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one share one of them is under way at a time; of another share, and beside them, others are."""
    hasher = PasswordHasher(CHEAP, threads=4)
    shares: list[int] = []
    gates = [threading.Event() for _ in range(2)]

    class Slow:
        def hash(self, password: bytes) -> str:
            share = password[0] - ord("0")
            shares.append(share)
            gates[share].wait(30)
            return f"{password!r}"

    monkeypatch.setattr(hasher, "_argon2", Slow())
    try:
        many = [
            asyncio.create_task(hasher.hash_of_many(f"{share} many", share=share))
            for share in (0, 0, 0, 1, 1, 1)
        ]
        while len(shares) < 2:
            await asyncio.sleep(0.001)
        alone = asyncio.create_task(hasher.hash("0 alone", share=0))
        while len(shares) < 3:
            await asyncio.sleep(0.001)
        assert sorted(shares) == [0, 0, 1]
        gates[0].set()
        await asyncio.gather(alone, *many[:3])
        assert not any(each.done() for each in many[3:])
        gates[1].set()
        assert len(set(await asyncio.gather(*many))) == 2
    finally:
        for gate in gates:
            gate.set()
        hasher.close()
