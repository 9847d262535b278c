"""IDs that count: `{incrementorID}` in an ID becomes the incrementor's next number (ID-3)."""

from __future__ import annotations

import re

from entrepot.engine.call import Call
from entrepot.engine.wire.refusals import illegal_id, too_long
from entrepot.kernel.errors import NotFoundError, ValidationError
from entrepot.kernel.ids import MAX_ID_LENGTH, is_id

BRACES = re.compile(r"\{([A-Za-z0-9_-]{1,100})\}")

NEXT_NUMBER = """
UPDATE incrementors SET "LastNumber" = "LastNumber" + 1
WHERE marketplace_id = $1 AND "ID" = $2 AND "LastNumber" < 2147483647
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
        row = await call.db.fetchrow(NEXT_NUMBER, call.marketplace_id, match[1])
        if row is None:
            raise NotFoundError("Incrementor", match[1])
        parts += [object_id[position : match.start()], str(row[0]).zfill(row[1])]
        position = match.end()
    filled = "".join(parts) + object_id[position:]
    if len(filled) > MAX_ID_LENGTH:
        raise ValidationError(too_long("ID", MAX_ID_LENGTH))
    if not is_id(filled):
        raise ValidationError(illegal_id("ID", filled))
    return filled
