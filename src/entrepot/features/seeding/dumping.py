"""Records as YAML text: block style, one property a line, text quoted only where it could be read as something else."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from entrepot.kernel.money import plain_text

_PLAIN = re.compile(r"[A-Za-z_/<][A-Za-z0-9 _./@+=()<>%$;!?'&-]*")
_RESERVED = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


def item_text(record: dict[str, Any], margin: int) -> str:
    """A record as an item of a list: `- ` stands `margin` columns from the left."""
    body = _mapping_text(record, margin + 2)
    return f"{' ' * margin}- {body[margin + 2 :]}"


def _mapping_text(record: dict[str, Any], margin: int) -> str:
    return "".join(
        f"{' ' * margin}{_text(key)}:{_value_text(value, margin)}" for key, value in record.items()
    )


def _value_text(value: Any, margin: int) -> str:
    """What follows a key, to the end of its lines."""
    if isinstance(value, dict) and value:
        return f"\n{_mapping_text(value, margin + 2)}"
    if isinstance(value, list) and value:
        return "\n" + "".join(_item(item, margin + 2) for item in value)
    return f" {_scalar(value)}\n"


def _item(value: Any, margin: int) -> str:
    if isinstance(value, dict) and value:
        return item_text(value, margin)
    if isinstance(value, list) and value:
        # A list within a list: on lines of their own.
        return f"{' ' * margin}-\n" + "".join(_item(item, margin + 2) for item in value)
    return f"{' ' * margin}- {_scalar(value)}\n"


def _scalar(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal():
            return plain_text(value)
        case dict():
            return "{}"
        case list():
            return "[]"
        case _:
            return _text(str(value))


def _text(text: str) -> str:
    plain = _PLAIN.fullmatch(text) and not text.endswith(" ") and text.lower() not in _RESERVED
    return text if plain else _quoted(text)


def _quoted(text: str) -> str:
    """As JSON, which YAML reads too; but for what no line can show, which YAML escapes without surrogates."""
    quoted = json.dumps(text, ensure_ascii=False)
    return quoted if quoted.isprintable() else "".join(map(_escaped, quoted))


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
