"""A file that a passphrase opens, written and read in pieces.

    ENTREPOT SNAPSHOT 1         what it is, a line
    4 bytes, JSON               how many bytes, and what is told without the passphrase
    4 bytes, ciphertext         a frame, and so on; the last one says that it is the last

What is in it is compressed and then sealed, frame by frame, with AES-256-GCM under a key that argon2id makes of the passphrase and a salt.
The nonce counts the frames, and each is bound to the head and to whether it is the last: frames that are left out, put in, moved or changed
do not open, nor does a file that ends early pass for a whole one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import zlib
from collections.abc import Iterator
from typing import IO, Any

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from entrepot.features.people.credentials.secrets import SecretBox
from entrepot.kernel.errors import (
    ChangedSnapshotFileError,
    CutSnapshotFileError,
    LargeSnapshotFileError,
    NewerSnapshotFileError,
    NoSnapshotFileError,
    WrongPassphraseError,
)

KIND = b"ENTREPOT SNAPSHOT "
FORMAT = 1
MAGIC = KIND + b"%d\n" % FORMAT
LONGEST_HEAD = 4096
FRAME = 64 * 1024
"""Bytes of a frame, before it is sealed."""
TAG = 16
PIECE = 256 * 1024
"""Bytes that are unpacked at once."""
MOST_UNPACKED = 8 * 2**30
"""Bytes that a file may hold: a small one can be made to unpack without end."""
PASSES, MEMORY_KIB, LANES = 3, 64 * 1024, 1
"""Of argon2id: a sixth of a second, once for a file."""

Head = dict[str, Any]


class _Key:
    """What a passphrase and a salt make."""

    def __init__(self, passphrase: str, salt: bytes) -> None:
        secret = hash_secret_raw(passphrase.encode(), salt, PASSES, MEMORY_KIB, LANES, 32, Type.ID)
        self.cipher = AESGCM(_derived(secret, b"frames"))
        self.check = base64.b64encode(_derived(secret, b"check")[:8]).decode()
        self.box = SecretBox(_derived(secret, b"secrets"))


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"entrepot snapshot 1: " + purpose).derive(secret)


class FileWriter:
    """Writes one. head: what is told without the passphrase. box: seals the secrets of its rows."""

    def __init__(self, file: IO[bytes], passphrase: str, head: Head) -> None:
        salt = os.urandom(16)
        self._key = _Key(passphrase, salt)
        told = {**head, "salt": base64.b64encode(salt).decode(), "check": self._key.check}
        text = json.dumps(told).encode()
        self._file = file
        self._bound = hashlib.sha256(MAGIC + text).digest()
        self._packer = zlib.compressobj(6)
        self._waiting = bytearray()
        self._count = 0
        self.box = self._key.box
        file.write(MAGIC + len(text).to_bytes(4, "big") + text)

    def write(self, data: bytes) -> None:
        self._waiting += self._packer.compress(data)
        while len(self._waiting) > FRAME:
            self._frame(self._waiting[:FRAME], is_last=False)
            del self._waiting[:FRAME]

    def end(self) -> None:
        """Without it the file is none."""
        self._waiting += self._packer.flush()
        while len(self._waiting) > FRAME:
            self._frame(self._waiting[:FRAME], is_last=False)
            del self._waiting[:FRAME]
        self._frame(self._waiting, is_last=True)

    def _frame(self, data: bytes | bytearray, *, is_last: bool) -> None:
        sealed = self._key.cipher.encrypt(
            _nonce(self._count), bytes(data), _bound_to(self._bound, is_last=is_last)
        )
        self._count += 1
        self._file.write(len(sealed).to_bytes(4, "big") + sealed)


class FileReader:
    """Reads one; the head at once. Raises NoSnapshotFileError, NewerSnapshotFileError, CutSnapshotFileError."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        magic = file.read(len(MAGIC))
        if not magic.startswith(KIND):
            raise NoSnapshotFileError
        if magic != MAGIC:
            raise NewerSnapshotFileError(f"format {magic[len(KIND) :].strip().decode('ascii', 'replace')}")
        size = int.from_bytes(self._exactly(4), "big")
        if size > LONGEST_HEAD:
            raise NoSnapshotFileError
        text = self._exactly(size)
        try:
            self.head: Head = json.loads(text)
            self._salt = base64.b64decode(self.head["salt"], validate=True)
            self._check = str(self.head["check"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise NoSnapshotFileError from None
        if len(self._salt) != 16:
            raise NoSnapshotFileError
        self._bound = hashlib.sha256(MAGIC + text).digest()
        self._key: _Key | None = None

    def open(self, passphrase: str) -> None:
        """Raises WrongPassphraseError."""
        key = _Key(passphrase, self._salt)
        if not hmac.compare_digest(key.check.encode(), self._check.encode("utf-8", "replace")):
            raise WrongPassphraseError
        self._key = key

    @property
    def box(self) -> SecretBox:
        assert self._key is not None
        return self._key.box

    def pieces(self) -> Iterator[bytes]:
        """What is in it, once it is open. Raises ChangedSnapshotFileError, CutSnapshotFileError, LargeSnapshotFileError."""
        unpacker, unpacked = zlib.decompressobj(), 0
        try:
            for data in self._frames():
                while data:
                    piece = unpacker.decompress(data, PIECE)
                    unpacked += len(piece)
                    if unpacked > MOST_UNPACKED:
                        raise LargeSnapshotFileError(MOST_UNPACKED)
                    yield piece
                    data = unpacker.unconsumed_tail
            if not unpacker.eof or unpacker.unused_data:
                raise ChangedSnapshotFileError
        except zlib.error:
            raise ChangedSnapshotFileError from None

    def _frames(self) -> Iterator[bytes]:
        assert self._key is not None
        count, is_last = 0, False
        while not is_last:
            size = int.from_bytes(self._exactly(4), "big")
            if not TAG <= size <= FRAME + TAG:
                raise ChangedSnapshotFileError
            sealed = self._exactly(size)
            data, is_last = self._opened(sealed, count)
            yield data
            count += 1
        if self._file.read(1):
            raise ChangedSnapshotFileError

    def _opened(self, sealed: bytes, count: int) -> tuple[bytes, bool]:
        assert self._key is not None
        for is_last in (False, True):
            try:
                bound = _bound_to(self._bound, is_last=is_last)
                return self._key.cipher.decrypt(_nonce(count), sealed, bound), is_last
            except InvalidTag:
                continue
        raise ChangedSnapshotFileError

    def _exactly(self, size: int) -> bytes:
        data = self._file.read(size)
        if len(data) < size:
            raise CutSnapshotFileError
        return data


def _nonce(count: int) -> bytes:
    return count.to_bytes(12, "big")


def _bound_to(head: bytes, *, is_last: bool) -> bytes:
    return head + (b"\1" if is_last else b"\0")
