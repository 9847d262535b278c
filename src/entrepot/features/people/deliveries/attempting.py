"""One attempt of one delivery: the address as it is now, the target, and what the log keeps of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from time import perf_counter
from typing import Any

import asyncpg
import structlog

from entrepot.domain.deliveries.retries import Next, Result, after, waiting_time
from entrepot.domain.deliveries.status import Status
from entrepot.domain.messages.addresses import address
from entrepot.engine.call import Call
from entrepot.engine.wire.json import load
from entrepot.features.people.deliveries.addresses import NobodyThereError, settings_of
from entrepot.features.people.deliveries.claiming import BODY, ENDPOINT, Outcome
from entrepot.features.people.deliveries.events import URL
from entrepot.features.people.deliveries.places import place_of_body
from entrepot.features.people.deliveries.targets.table import TARGETS
from entrepot.features.people.deliveries.targets.target import DELIVERY_LIMIT, Sending, Target
from entrepot.features.people.faults.abroad import delivered
from entrepot.features.people.outgoing.answers import Answer, cut_tokens
from entrepot.features.people.services import services
from entrepot.kernel.errors import BusyError
from entrepot.storage.reach import LOST

LONGEST_ANSWER = 2_000
"""Characters of an answer that the log keeps."""
LATITUDE = 5.0
"""Seconds beyond the limit before a target that does not keep to it is cut off."""

Settings = dict[tuple[str, str, str, str | None], "asyncio.Task[Mapping[str, Any]]"]

log = structlog.get_logger("entrepot.deliveries")


@dataclass(slots=True)
class Targets:
    """The targets of one dispatcher, each opened when it is needed first."""

    _open: dict[str, Target] = field(default_factory=dict)

    def named(self, name: str) -> Target:
        """Raises NobodyThereError for a target that this version does not know."""
        found = self._open.get(name)
        if found is None:
            make = TARGETS.get(name)
            if make is None:
                raise NobodyThereError(f"There is no way to deliver to {name}.")
            found = self._open[name] = make()
        return found

    async def close(self) -> None:
        """Close those that are open."""
        for target in self._open.values():
            try:
                await target.close()
            except Exception as error:  # noqa: BLE001 (the others are to be closed, too)
                log.warning("target not closed", error=repr(error))


@dataclass(slots=True)
class Attempts:
    """The attempts of what one claim has taken; the settings of each address are read once for all of them."""

    call: Call
    targets: Targets
    _settings: Settings = field(default_factory=dict)

    async def attempt(self, row: asyncpg.Record) -> Outcome:
        """One attempt of a delivery, as it was claimed. Raises what the database raises."""
        at, begun, attempt = self.call.server_clock(), perf_counter(), row["attempts"] + 1
        try:
            target = self.targets.named(row["target"])
            settings = await self._settings_of(row)
            body = await self._body(row)
        except NobodyThereError as error:
            if await self.call.db.fetchval(ENDPOINT, self.call.marketplace_id, row["key"]) != row["endpoint"]:
                # Renamed since it was claimed: it is taken anew as what it is now.
                return untried(row, at)
            return _in_vain(row, at, str(error), Status.CANCELLED)
        except (*LOST, BusyError):
            raise
        except Exception as error:  # noqa: BLE001 (whatever it is, tried again it would be the same)
            return _in_vain(row, at, f"{type(error).__name__}: {error}", Status.FAILED)
        sending = Sending(
            call=self.call,
            marketplace_id=self.call.marketplace_id,
            marketplace=self.call.principal.marketplace,
            delivery_id=row["ID"],
            integration=row["integration"],
            integration_id=row["integration_id"],
            config=_of_type(row, settings),
            type=row["type"],
            aggregate=row["aggregate"],
            body=body,
            attempt=attempt,
        )
        answer = await _answer(target, sending)
        now = self.call.server_clock()
        result = Result(
            status=answer.status,
            succeeded=answer.succeeded,
            lasting=answer.lasting,
            retry_after=waiting_time(answer.headers.get("retry-after"), now),
        )
        return _outcome(row, answer, result, after(result, _in_a_row(row) + 1), at, now, begun)

    async def _settings_of(self, row: asyncpg.Record) -> Mapping[str, Any]:
        key = (row["integration"], row["integration_id"], row["target"], row["config_id"])
        reading = self._settings.get(key)
        if reading is None:
            reading = self._settings[key] = asyncio.create_task(settings_of(self.call, *key))
        return await asyncio.shield(reading)

    async def _body(self, row: asyncpg.Record) -> bytes:
        marketplace_id, sealed = self.call.marketplace_id, row["body"]
        if sealed is None:
            sealed = await self.call.db.fetchval(BODY, marketplace_id, row["key"])
        if sealed is None:
            raise NobodyThereError("The body is gone.")
        return services(self.call).box.open(sealed, place_of_body(marketplace_id, row["ID"]))


def _of_type(row: asyncpg.Record, settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """With the address of this type, where a sender's own URL asks for it (MS-2)."""
    if row["integration"] != "MessageSender" or row["target"] != URL:
        return settings
    return {**settings, "Endpoint": address(str(settings["Endpoint"]), row["type"])}


def _in_a_row(row: asyncpg.Record) -> int:
    """Attempts since the delivery was made, or made anew by somebody: its log tells where that was."""
    entries: list[dict[str, Any]] = load(row["log"])
    count = 0
    for entry in reversed(entries):
        if entry.get("Replayed"):
            break
        count += 1
    return count


async def _answer(target: Target, sending: Sending) -> Answer:
    try:
        async with asyncio.timeout(DELIVERY_LIMIT + LATITUDE):
            return await delivered(
                sending.call,
                sending.integration,
                str(sending.config.get("Endpoint") or ""),
                partial(target.deliver, sending),
            )
    except TimeoutError:
        return Answer(None, failure=f"No answer within {DELIVERY_LIMIT:g} seconds.")
    except Exception as error:  # noqa: BLE001 (whatever a target's library raises, it is no success)
        log.warning(
            "target failed", integration=sending.integration, delivery=sending.delivery_id, error=repr(error)
        )
        return Answer(None, failure=f"{type(error).__name__}: {error}")


def _outcome(
    row: asyncpg.Record,
    answer: Answer,
    result: Result,
    following: Next,
    at: datetime,
    now: datetime,
    begun: float,
) -> Outcome:
    failure = None if result.succeeded else _told(answer)
    entry = {
        "At": at,
        "Milliseconds": round((perf_counter() - begun) * 1000),
        "Status": answer.status,
        "Failure": None if answer.failure is None else _told(answer),
        "Answer": None if answer.failure is not None else _told(answer),
    }
    return Outcome(
        key=row["key"],
        endpoint=row["endpoint"],
        status=following.status,
        attempts=row["attempts"] + 1,
        due_at=None if following.wait is None else now + following.wait,
        failure=failure,
        log=[*load(row["log"]), entry],
        result=result,
    )


def _told(answer: Answer) -> str:
    """As much of an answer as is kept, without tokens."""
    if answer.failure is None and len(answer.content.raw) > 4 * LONGEST_ANSWER:
        raw = answer.content.raw[: 4 * LONGEST_ANSWER]
        return cut_tokens(raw.decode("utf-8", "replace").replace("\0", ""))[:LONGEST_ANSWER]
    return cut_tokens(_storable(answer.text))[:LONGEST_ANSWER]


def _storable(text: str) -> str:
    """Without what PostgreSQL does not take: what a target's library says may quote bytes of others."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def untried(row: asyncpg.Record, now: datetime) -> Outcome:
    """A delivery that is given back as it was."""
    return Outcome(
        key=row["key"],
        endpoint=row["endpoint"],
        status=Status(row["status"]),
        attempts=row["attempts"],
        due_at=now,
        failure=None,
        log=load(row["log"]),
        result=None,
    )


def _in_vain(row: asyncpg.Record, at: datetime, why: str, status: Status) -> Outcome:
    why = cut_tokens(_storable(why))[:LONGEST_ANSWER]
    entry = {"At": at, "Milliseconds": 0, "Status": None, "Failure": why, "Answer": None}
    return Outcome(
        key=row["key"],
        endpoint=row["endpoint"],
        status=status,
        attempts=row["attempts"],
        due_at=None,
        failure=why,
        log=[*load(row["log"]), entry],
        result=None,
    )
