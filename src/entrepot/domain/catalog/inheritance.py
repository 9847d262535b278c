"""What a child product shows: its own values, and its parent's where it has none (PRD-6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def inherited(own: Mapping[str, Any], parent: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The effective values of the properties `names`, of xp and of Active.

    own: what the child itself has set, null where it has nothing. Neither argument is changed; nested values of the
    result are shared with them.
    """
    effective = {name: parent[name] if own[name] is None else own[name] for name in names}
    effective["Active"] = own["Active"] and parent["Active"]
    effective["xp"] = merged_xp(own["xp"], parent["xp"])
    return effective


def merged_xp(own: Mapping[str, Any] | None, parent: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Top-level keys of both, the child's winning whole: the parent's keys first, in their order.

    A key that the child has set to null is the child's own (inferred).
    """
    if own is None and parent is None:
        return None
    return {**(parent or {}), **(own or {})}


def set_apart(shown: Mapping[str, Any], parent: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The least that a child can have set itself if it shows this: `inherited` the other way round, of the properties `names`
    and of xp. What is the same as the parent's may be the child's own, too, which nobody can see.
    """
    own: dict[str, Any] = {name: None if shown[name] == parent[name] else shown[name] for name in names}
    above = parent["xp"] or {}
    xp = {
        name: value
        for name, value in (shown["xp"] or {}).items()
        if name not in above or above[name] != value
    }
    own["xp"] = xp or None
    return own
