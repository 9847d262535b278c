"""YAML nodes as JSON values: the core schema, in which dates, `yes` and `on` are text."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

import yaml

from entrepot.engine.wire.json import MAX_DEPTH, MAX_EXPONENT

_MERGE = "<<"
_WORDS: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
# Numbers with leading zeros are postal codes and the like: as text they lose nothing, and numbers are read from text.
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,300})")
_SURROGATE = re.compile("[\ud800-\udfff]")
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,300})?(?:\.[0-9]{0,300})?(?:[eE][-+]?[0-9]{1,4})?")


def is_null(node: yaml.Node) -> bool:
    """Whether a node is a plain null, or nothing at all."""
    return isinstance(node, yaml.ScalarNode) and not node.style and _WORDS.get(node.value, node) is None


class NodeError(Exception):
    """What JSON, or the database, cannot hold. `line` counts from 0 within the text composed."""

    def __init__(self, line: int, message: str) -> None:
        self.line = line
        self.message = message
        super().__init__(message)


def value_of(node: yaml.Node, depth: int = 0) -> Any:
    """The value of a node: integers as int, other numbers as Decimal. Raises NodeError."""
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    if depth > MAX_DEPTH:
        raise NodeError(node.start_mark.line, f"more than {MAX_DEPTH} levels")
    if isinstance(node, yaml.SequenceNode):
        return [value_of(item, depth + 1) for item in node.value]
    assert isinstance(node, yaml.MappingNode)
    return _mapping(node, depth)


def _mapping(node: yaml.MappingNode, depth: int) -> dict[str, Any]:
    values: dict[str, Any] = {}
    merged: dict[str, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise NodeError(key_node.start_mark.line, "a key must be text")
        key = _checked(key_node)
        if key == _MERGE and not key_node.style:
            sources = value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]
            for source in reversed(sources):
                found = value_of(source, depth + 1)
                if not isinstance(found, dict):
                    raise NodeError(source.start_mark.line, "only mappings can be merged")
                merged.update(found)
        elif key in values:
            raise NodeError(key_node.start_mark.line, f"the key {key} stands here twice")
        else:
            values[key] = value_of(value_node, depth + 1)
    return {**merged, **values} if merged else values


def _scalar(node: yaml.ScalarNode) -> Any:
    text: str = _checked(node)
    if node.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text) and any(digit.isdigit() for digit in text):
        return _number(node, text)
    return text


def _number(node: yaml.ScalarNode, text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise NodeError(node.start_mark.line, f"{text} is no number") from None
    if number.adjusted() > MAX_EXPONENT or int(number.as_tuple().exponent) < -MAX_EXPONENT:
        raise NodeError(node.start_mark.line, f"{text} is out of range")
    return number


def _checked(node: yaml.ScalarNode) -> str:
    text: str = node.value
    if "\x00" in text:
        raise NodeError(node.start_mark.line, "text cannot hold U+0000")
    if not text.isascii() and _SURROGATE.search(text):
        raise NodeError(node.start_mark.line, "text cannot hold half of a character")
    return text
