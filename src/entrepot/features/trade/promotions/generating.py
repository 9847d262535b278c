"""Single-use codes that the server makes (GEN-1).

How many there may be, of what length and with what prefix, no source tells: the bounds are ours.
"""

from __future__ import annotations

import re
import secrets
from typing import Any

from entrepot.engine.call import Call
from entrepot.engine.wire.refusals import too_long
from entrepot.kernel.errors import LONGEST_ECHO, PropertyError, ValidationError

Values = dict[str, Any]

MOST_CODES = 10_000
SHORTEST, LONGEST = 5, 50
"""Characters of a code without its prefix."""
LONGEST_PREFIX = 40
PREFIX = re.compile(r"[A-Za-z0-9_-]*")
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Capital letters and digits that nobody takes for one another. Even 5 of them make 3,000 codes for each of MOST_CODES."""

# 256 is a multiple of 32: every letter is as likely.
LETTERS = bytes(ord(ALPHABET[i % len(ALPHABET)]) for i in range(256))

COUNT_CODES = 'SELECT count(*) FROM promotion_codes WHERE marketplace_id = $1 AND "PromotionID" = $2'
ADD_CODES = """
INSERT INTO promotion_codes (marketplace_id, "PromotionID", "Code", "Redeemed")
SELECT $1, $2, made.code, false FROM unnest($3::citext[]) AS made(code)
WHERE NOT EXISTS (SELECT 1 FROM promotions p WHERE p.marketplace_id = $1 AND lower(p."Code") = lower(made.code::text))
ON CONFLICT DO NOTHING RETURNING 1
"""
CODE_IS_GENERATED = 'SELECT EXISTS (SELECT 1 FROM promotion_codes WHERE marketplace_id = $1 AND "Code" = $2)'


def check_generation(old: Values | None, new: Values) -> None:
    """Raise ValidationError: for bounds, for a Code beside generated ones, and for taking back codes that exist."""
    errors = []
    count, length, prefix = (new[f"GeneratedCode{name}"] for name in ("Count", "Length", "Prefix"))
    least = 0 if old is None else old["GeneratedCodeCount"] or 0
    if not least <= (count or 0) <= MOST_CODES:
        errors.append(_out_of_bounds("GeneratedCodeCount", least, MOST_CODES))
    if count and not SHORTEST <= (length or 0) <= LONGEST:
        errors.append(_out_of_bounds("GeneratedCodeLength", SHORTEST, LONGEST))
    if len(prefix or "") > LONGEST_PREFIX:
        errors.append(too_long("GeneratedCodePrefix", LONGEST_PREFIX))
    elif not PREFIX.fullmatch(prefix or ""):
        message = "GeneratedCodePrefix can hold only letters, digits, hyphens and underscores."
        data = {"Property": "GeneratedCodePrefix", "Value": prefix[:LONGEST_ECHO]}
        errors.append(PropertyError(message, data))
    if count and new["Code"]:
        errors.append(PropertyError("Code must be absent where codes are generated.", {"Property": "Code"}))
    if errors:
        raise ValidationError(*errors)


async def generate_codes(call: Call, promotion: Values) -> None:
    """Make the codes that are missing to GeneratedCodeCount."""
    wanted = promotion["GeneratedCodeCount"] or 0
    missing = wanted - await call.db.fetchval(COUNT_CODES, call.marketplace_id, promotion["ID"])
    prefix = f"{promotion['GeneratedCodePrefix']}-" if promotion["GeneratedCodePrefix"] else ""
    while missing > 0:
        codes = [prefix + _random(promotion["GeneratedCodeLength"]) for _ in range(missing)]
        made = await call.db.fetch(ADD_CODES, call.marketplace_id, promotion["ID"], codes)
        missing -= len(made)


async def is_generated(call: Call, code: str) -> bool:
    """Whether a promotion has made this code for itself."""
    return bool(await call.db.fetchval(CODE_IS_GENERATED, call.marketplace_id, code))


def _random(length: int) -> str:
    return secrets.token_bytes(length).translate(LETTERS).decode()


def _out_of_bounds(name: str, least: int, most: int) -> PropertyError:
    message = f"{name} must be from {least} to {most}."
    return PropertyError(message, {"Property": name, "Minimum": least, "Maximum": most})
