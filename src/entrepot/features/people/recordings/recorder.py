"""Taking requests of marketplaces with a recording, and keeping them beside all requests.

A request pays for a tuple, and one of a marketplace that nobody records for a look at its caller. Secrets are taken out before anything
is written; until then they stand in the memory of the process that has served them, for a second.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

import structlog
from asyncpg.exceptions import InterfaceError, PostgresError

from entrepot.declare.operation import OWN_ROOT
from entrepot.declare.registry import Registry
from entrepot.declare.wire import Wire
from entrepot.domain.recordings.masking import label_of, mask, mask_form, mask_path, mask_query
from entrepot.domain.recordings.scenario import Entry, entry_values
from entrepot.engine.answered import Sent
from entrepot.engine.principal import Principal
from entrepot.engine.wire.json import dump, parse
from entrepot.features.people.recordings import store
from entrepot.kernel.clock import Clock, format_datetime, utc_now
from entrepot.kernel.errors import ApiError, InvalidBodyError
from entrepot.storage.ready_pool import ReadyPool

FLUSH_INTERVAL = 1.0
"""Seconds between two writes."""
MOST_WAITING = 2_000
"""Requests of this process that may wait to be written."""
MOST_WAITING_SIZE = 16 * 2**20
"""Bytes of their bodies."""
MOST_SIZE = 256 * 1024
"""Bytes of a body; of a longer one it is only kept that there was one."""
AT_ONCE = 50
"""Requests that are made ready before others have their turn, or are written by one statement."""
FORM = "application/x-www-form-urlencoded"

log = structlog.get_logger("entrepot.recordings")


@dataclass(frozen=True, slots=True)
class _Taken:
    recording: str
    operation: str
    method: str
    path: str
    query: str
    kind: str
    sent: bytes
    authorization: str
    secret_segments: tuple[int, ...]
    status: int
    answer: bytes
    seconds: float
    at: datetime
    is_cut: bool

    @property
    def size(self) -> int:
        return len(self.sent) + len(self.answer)


class Recorder:
    """What this process has answered for recordings and not written yet. declared: names of properties that hold secrets, folded."""

    def __init__(self, declared: frozenset[str] = frozenset(), clock: Clock = utc_now) -> None:
        self._declared = declared
        self._clock = clock
        self._waiting: dict[tuple[int, str], list[_Taken]] = {}
        self._count = self._size = 0
        self._process = secrets.token_hex(6)
        self._numbers = count(1)
        self._turn = asyncio.Lock()

    def take(
        self, caller: Principal, request: Sent, status: int, answer: bytes, seconds: float, at: datetime
    ) -> None:
        """A request was answered. No input or output. The server's own operations are no part of an application."""
        recording = caller.recording
        if recording is None or request.raw_path.startswith(OWN_ROOT) or self._count >= MOST_WAITING:
            return
        sent = request.sent
        is_cut = len(sent) > MOST_SIZE or len(answer) > MOST_SIZE
        taken = _Taken(
            recording,
            request.operation,
            request.method,
            request.raw_path,
            request.raw_query,
            request.content_type or "",
            sent if len(sent) <= MOST_SIZE else b"",
            request.authorization or "",
            request.secret_segments,
            status,
            answer if len(answer) <= MOST_SIZE else b"",
            seconds,
            at,
            is_cut,
        )
        if self._size + taken.size > MOST_WAITING_SIZE:
            return
        self._count += 1
        self._size += taken.size
        self._waiting.setdefault((caller.marketplace_id, recording), []).append(taken)

    async def flush(self, pool: ReadyPool) -> None:
        """Write what waits; what comes after a recording has ended, or cannot be written, is lost."""
        async with self._turn:
            waiting, self._waiting, self._count, self._size = self._waiting, {}, 0, 0
            for (marketplace_id, recording), all_taken in waiting.items():
                await self._keep(pool, marketplace_id, recording, all_taken)

    async def _keep(self, pool: ReadyPool, marketplace_id: int, recording: str, taken: list[_Taken]) -> None:
        for start in range(0, len(taken), AT_ONCE):
            rows = []
            for each in taken[start : start + AT_ONCE]:
                # Bodies may be large: nobody waits for more than one of them.
                await asyncio.sleep(0)
                rows.append((f"{self._process}-{next(self._numbers):010x}", each.at, self._text(each)))
            try:
                await store.keep(pool, marketplace_id, recording, rows, self._clock())
            except (PostgresError, InterfaceError, OSError, ApiError) as failure:
                log.warning("requests not recorded", error=repr(failure))
                return

    def _text(self, taken: _Taken) -> str:
        body, form, has_body = self._body(taken)
        answer, has_answer = self._json(taken.answer)
        token = taken.authorization.partition(" ")[2]
        given = _given(taken.answer) if form is not None else ""
        entry = Entry(
            at=format_datetime(taken.at),
            operation=taken.operation,
            method=taken.method,
            path=mask_path(taken.path, taken.secret_segments),
            query=mask_query(taken.query, self._declared),
            status=taken.status,
            milliseconds=round(taken.seconds * 1000, 3),
            body=body,
            form=form,
            has_body=has_body,
            answer=answer,
            has_answer=has_answer,
            token=label_of(token, taken.recording) if token else "",
            gives=label_of(given, taken.recording) if given else "",
            cut=taken.is_cut,
        )
        # Numbers stay as they were sent.
        return dump(entry_values(entry))

    def _body(self, taken: _Taken) -> tuple[Any, dict[str, str] | None, bool]:
        if not taken.sent:
            return None, None, False
        if taken.kind.lower().startswith(FORM):
            return None, mask_form(taken.sent.decode("utf-8", "replace"), self._declared), True
        value, is_json = self._json(taken.sent)
        return value, None, is_json

    def _json(self, raw: bytes) -> tuple[Any, bool]:
        if not raw:
            return None, False
        try:
            return mask(parse(raw), self._declared), True
        except InvalidBodyError:
            return None, False


def _given(answer: bytes) -> str:
    """The token that a login was answered with."""
    try:
        value = parse(answer) if answer else None
    except InvalidBodyError:
        return ""
    token = value.get("access_token") if isinstance(value, dict) else None
    return token if isinstance(token, str) else ""


def declared_secrets(registry: Registry) -> frozenset[str]:
    """The names of all properties that a declaration says are secret, folded."""
    models: list[type[Wire]] = [entity.model for entity in registry.entities.values()]
    for each in registry.operations.values():
        models += [] if each.body is None else [each.body.model]
        models += [] if each.returns is None else [each.returns.model]
    return frozenset(_secrets(models, set()))


def _secrets(models: Iterable[type[Wire]], seen: set[type[Wire]]) -> Iterator[str]:
    for model in models:
        if model in seen:
            continue
        seen.add(model)
        for name, column in model.__columns__.items():
            inner = (column.type.item or column.type).model
            if column.write_only or column.confidential or column.type.kind == "password":
                yield name.lower()
            if inner is not None:
                yield from _secrets([inner], seen)
