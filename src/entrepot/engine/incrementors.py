"""IDs that count: `{incrementorID}` in an ID becomes the incrementor's next number (ID-3)."""

from __future__ import annotations

import re

import asyncpg

from entrepot.engine.call import Call
from entrepot.engine.wire.refusals import illegal_id, too_long
from entrepot.kernel.errors import NotFoundError, PropertyError, ValidationError
from entrepot.kernel.ids import MAX_ID_LENGTH, is_id

BRACES = re.compile(r"\{([A-Za-z0-9_-]{1,100})\}")

NEXT_NUMBER = """
UPDATE incrementors SET "LastNumber" = "LastNumber" + 1
WHERE marketplace_id = $1 AND "ID" = $2
RETURNING "LastNumber", "LeftPaddingCount"
"""


async def fill_incrementors(call: Call, object_id: str) -> str:
    """`object_id` with every brace replaced. The row lock lasts until the unit commits: no number is given twice.

    Raises ValidationError for what is no ID then, be it from a body or from the path of a PUT (ID-1).
    """
    if is_id(object_id):
        return object_id
    parts: list[str] = []
    position = 0
    for match in BRACES.finditer(object_id):
        parts += [object_id[position : match.start()], await _next_number(call, match[1])]
        position = match.end()
    filled = "".join(parts) + object_id[position:]
    if len(filled) > MAX_ID_LENGTH:
        raise ValidationError(too_long("ID", MAX_ID_LENGTH))
    if not is_id(filled):
        raise ValidationError(illegal_id("ID", filled))
    return filled


async def _next_number(call: Call, incrementor: str) -> str:
    try:
        row = await call.db.fetchrow(NEXT_NUMBER, call.marketplace_id, incrementor)
    except asyncpg.NumericValueOutOfRangeError as error:
        message = f"Incrementor {incrementor} has reached its last number."
        raise ValidationError(PropertyError(message, {"Property": "ID"})) from error
    if row is None:
        raise NotFoundError("Incrementor", incrementor)
    number, padding = row
    # A wider one makes no ID anyway, and must not fill the memory.
    return str(number).zfill(min(padding, MAX_ID_LENGTH + 1))
