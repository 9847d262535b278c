"""Units of work: how a handler meets the database, and when it is run again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import cast

import structlog
from asyncpg.exceptions import InterfaceError, PostgresError

from entrepot.declare.operation import Reply, Unit
from entrepot.engine.call import (
    Call,
    Database,
    LostRaceError,
    OutsideFirstError,
    StaleStandingError,
    begin_anew,
)
from entrepot.engine.event_log import log_event
from entrepot.engine.notes import Notes
from entrepot.engine.standing import confirm_standing
from entrepot.engine.units import steady, writing
from entrepot.http.abandoned import interruption, keep
from entrepot.http.database_errors import is_conflict
from entrepot.http.exchange import Exchange
from entrepot.http.hearing import Hearing, is_heard
from entrepot.http.repeating import Repeat
from entrepot.kernel.errors import ApiError, ApiOfflineError, ConflictingWriteError
from entrepot.storage.pipelining import UnattributedError
from entrepot.storage.reach import DatabaseLostError

CONFLICT_RETRIES = 3
STANDING_RETRIES = 5
"""The last of them is of a standing that does not change meanwhile."""
LOST_RETRIES = 1
OUTSIDE_STEPS = 10
"""Calls abroad that a unit may ask for, one after another."""

Renew = Callable[[Call, Database], Awaitable[None]]

log = structlog.get_logger("entrepot.http")


async def run(exchange: Exchange, authorize: Callable[[Exchange], Awaitable[None]]) -> Reply:
    """Run the handler until its unit stands: again after a conflict, and after a change of the caller's standing; a read once
    more where the connection to the database was lost.

    However fast the marketplace's standings change, the request is answered: in its last turn a READ unit sees one moment of the
    database, and nobody changes them during a WRITE unit. An OWN unit cannot be held, since it may call out between its transactions:
    its caller is renewed where it would be compared, and `writing` holds each transaction by itself.

    Raises the handler's errors, ConflictingWriteError when the retries are used up, and 401 where the changed
    standing means that. OWN units are not repeated after a conflict: they may have committed something, or called
    out.
    """
    conflicts = changes = steps = lost = 0
    notes, asked = Notes(), set[str]()

    async def renew(call: Call, database: Database) -> None:
        await exchange.renew_caller(database)
        await authorize(exchange)
        call.go_on_as(exchange.caller)

    enqueues = exchange.operation.unit is Unit.WRITE
    while True:
        try:
            last = None if changes < STANDING_RETRIES else renew
            return await _once(exchange, notes, asked, last, enqueues=enqueues)
        except UnattributedError as unattributed:
            log.info("statements one by one", operation=exchange.operation.id, error=repr(unattributed.error))
            enqueues = False
            continue
        except StaleStandingError:
            changes += 1
            if changes > STANDING_RETRIES:
                # A marketplace without an epoch, or an OWN unit that compares it outside of its transactions.
                log.warning("standing keeps changing", operation=exchange.operation.id)
                raise ApiOfflineError from None
            await exchange.renew_caller()
            await authorize(exchange)
        except OutsideFirstError as needed:
            steps += 1
            if steps > OUTSIDE_STEPS:
                raise
            await needed.step(notes)
            continue
        except DatabaseLostError:
            # A connection may have been lost while nobody used it, which the first statement finds.
            lost += 1
            if lost > LOST_RETRIES or exchange.operation.unit is not Unit.READ:
                raise
            continue
        except PostgresError as error:
            if not is_conflict(error) or exchange.operation.unit is Unit.OWN:
                raise
            conflicts += 1
            if conflicts > CONFLICT_RETRIES:
                raise ConflictingWriteError from error
        except LostRaceError as race:
            conflicts += 1
            if conflicts > CONFLICT_RETRIES:
                raise race.refusal from race
        if conflicts:
            await asyncio.sleep(random.uniform(0, 0.005 * 2**conflicts))  # noqa: S311 (spreads retries, no secret)


async def _once(
    exchange: Exchange, notes: Notes, asked: set[str], renew: Renew | None, *, enqueues: bool
) -> Reply:
    call = exchange.new_call(notes)
    call.renew = renew
    operation = exchange.operation
    # Anew in each run: the caller's standing is as of an epoch, and so is who hears.
    hears = exchange.site.opened.hears if is_heard(operation) else None
    repeat = exchange.repeat
    if repeat is not None:
        known = await repeat.known(call)
        if known is not None:
            return known
        # The unit confirms anew.
        call.confirmed = False
    hearing = None if hears is None else await hears(call)
    if hearing is not None:
        await hearing.ask(call, asked)
    if operation.prepare is not None and operation.prepares(call):
        if operation.is_confirmed:
            # Nobody whose token has been revoked makes this process hash, or call abroad.
            await confirm_standing(call)
        await operation.prepare(call)
        # It took long: the unit confirms anew.
        call.confirmed = False
    if operation.unit is Unit.WRITE:
        reply = await _in_one_unit(exchange, call, hearing, asked, enqueues=enqueues)
    elif repeat is None:
        if renew is not None and operation.unit is Unit.READ:
            async with steady(call):
                await renew(call, call.db)
                hearing = await _hearing_within(exchange, call, hearing, asked)
                reply = await _confirmed(call)
        else:
            reply = await _confirmed(call)
        if hearing is not None:
            reply = await _told(hearing, call, reply)
    else:
        reply = await _once_in_own_units(call, hearing, repeat)
    if call.afterwards:
        await _follow_up(call)
    return reply


async def _hearing_within(
    exchange: Exchange, call: Call, hearing: Hearing | None, asked: set[str]
) -> Hearing | None:
    """Who hears of the call, in a unit that has begun. In a last turn others may than before it; where one of them has to be asked,
    OutsideFirstError has the call begin anew.
    """
    hears = exchange.site.opened.hears
    if call.renew is None or hears is None or not is_heard(call.operation):
        return hearing
    hearing = await hears(call)
    if hearing is not None and hearing.asks(asked):
        raise OutsideFirstError(begin_anew)
    return hearing


async def _in_one_unit(
    exchange: Exchange, call: Call, hearing: Hearing | None, asked: set[str], *, enqueues: bool
) -> Reply:
    repeat = exchange.repeat
    async with writing(call, enqueues=enqueues):
        hearing = await _hearing_within(exchange, call, hearing, asked)
        known = None if repeat is None else await repeat.begin(call)
        if known is not None:
            return known
        reply = await _confirmed(call)
        if hearing is not None:
            reply = await hearing.tell(call, reply)
        await log_event(call, reply)
        if repeat is not None:
            await repeat.end(call, reply)
        if call.operation.ends_with_client:
            # Nobody knows whether a commit that is interrupted stands: then what follows it has to be done.
            keep(exchange.request)
    return reply


async def _once_in_own_units(call: Call, hearing: Hearing | None, repeat: Repeat) -> Reply:
    known = await repeat.take(call)
    if known is not None:
        return known
    try:
        async with repeat.kept(call):
            reply = await _confirmed(call)
    except BaseException:
        await asyncio.shield(repeat.leave(call))
        raise
    if hearing is not None:
        reply = await _told(hearing, call, reply)
    await repeat.end(call, reply)
    return reply


async def _told(hearing: Hearing, call: Call, reply: Reply) -> Reply:
    """What had units of its own stands, whatever becomes of telling it."""
    try:
        return await hearing.tell(call, reply)
    except (PostgresError, InterfaceError, DatabaseLostError) as error:
        log.warning("not told", operation=call.operation.id, error=repr(error))
        return reply


async def _follow_up(call: Call) -> None:
    """What comes after the commit cannot undo it, nor fail the request; not even the server's end, which leaves it to another."""
    for follow_up in call.afterwards:
        try:
            await follow_up()
        except asyncio.CancelledError as cancelled:
            interruption(cancelled)
            log.warning("follow-up left", operation=call.operation.id)
            return
        except Exception as error:  # noqa: BLE001 (the write stands, whatever this is)
            log.warning("follow-up failed", operation=call.operation.id, error=repr(error))


async def _confirmed(call: Call) -> Reply:
    operation = call.operation
    if operation.is_confirmed and not operation.confirms:
        await confirm_standing(call)
    try:
        reply = await operation.handler(call)
    except ApiError as refusal:
        # What a caller may see, or be told, follows from what is remembered of it. A unit that was refused can be one whose
        # transaction takes no statement any more.
        if refusal.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            await _confirm_late(call, cast(Database, call.pool))
        raise
    if not call.confirmed:
        await _confirm_late(call, call.db)
    return reply


async def _confirm_late(call: Call, database: Database) -> None:
    """That an operation confirms its caller is its promise, for which its own statement is the best place; kept here where it
    ends before that statement.
    """
    if call.operation.is_confirmed and not call.confirmed:
        await confirm_standing(call, database)
