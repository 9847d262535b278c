"""IDs that count: `{incrementorID}` in an ID becomes the incrementor's next number (ID-3)."""

from __future__ import annotations

import re
from functools import partial

import asyncpg

from entrepot.engine.call import Call, Database, OutsideFirstError
from entrepot.engine.notes import Note, Notes
from entrepot.engine.wire.refusals import illegal_id, too_long
from entrepot.kernel.errors import NotFoundError, PropertyError, ValidationError
from entrepot.kernel.ids import MAX_ID_LENGTH, is_id

BRACES = re.compile(r"\{([A-Za-z0-9_-]{1,100})\}")

NUMBER: Note[str] = Note("the number that an ID has got")
NEXT_NUMBER = """
UPDATE incrementors SET "LastNumber" = "LastNumber" + 1
WHERE marketplace_id = $1 AND "ID" = $2
RETURNING "LastNumber", "LeftPaddingCount"
"""


async def fill_incrementors(call: Call, object_id: str) -> str:
    """`object_id` with its brace, of which it may hold one, replaced.

    A number is counted by a statement of its own, before the unit: one that fails keeps it, so that an incrementor which is
    behind gets past the IDs that are taken (INC-3), and no other unit waits for this one. Raises OutsideFirstError for that;
    ValidationError for what is no ID then, be it from a body or from the path of a PUT (ID-1).
    """
    if is_id(object_id):
        return object_id
    brace = BRACES.search(object_id)
    least = object_id if brace is None else object_id.replace(brace[0], "0", 1)
    if len(least) > MAX_ID_LENGTH:
        raise ValidationError(too_long("ID", MAX_ID_LENGTH))
    if brace is None or not is_id(least):
        raise ValidationError(illegal_id("ID", object_id))
    filled = object_id.replace(brace[0], await _next_number(call, object_id, brace[1]), 1)
    if not is_id(filled):
        raise ValidationError(too_long("ID", MAX_ID_LENGTH))
    return filled


async def _next_number(call: Call, object_id: str, incrementor: str) -> str:
    """The number for this ID: counted once in a request, however often its unit runs."""
    counted = call.notes.get(NUMBER, of=object_id)
    if counted is not None:
        return counted
    if call.connection is not None and call.runs_again:
        raise OutsideFirstError(partial(_note, call.pool, call.marketplace_id, incrementor, object_id))
    number = await _count(call.db, call.marketplace_id, incrementor)
    call.notes.put(NUMBER, number, of=object_id)
    return number


async def _note(
    database: Database, marketplace_id: int, incrementor: str, object_id: str, notes: Notes
) -> None:
    notes.put(NUMBER, await _count(database, marketplace_id, incrementor), of=object_id)


async def _count(database: Database, marketplace_id: int, incrementor: str) -> str:
    try:
        row = await database.fetchrow(NEXT_NUMBER, marketplace_id, incrementor)
    except asyncpg.NumericValueOutOfRangeError as error:
        message = f"Incrementor {incrementor} has reached its last number."
        raise ValidationError(PropertyError(message, {"Property": "ID"})) from error
    if row is None:
        raise NotFoundError("Incrementor", incrementor)
    number, padding = row
    # A wider one makes no ID anyway, and must not fill the memory.
    return str(number).zfill(min(padding, MAX_ID_LENGTH + 1))
