"""Messages as their builders give them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import Raw

from entrepot.engine.syncing import Name
from entrepot.features.trade.synchronization.kinds import SyncKind

Values = dict[str, Any]

CHANGED, GONE, ALL = "updated", "deleted", "full.updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to be. name: of the thing, as rows name it, by which it is held while the synchronization is paused. aggregate: what
    the order is kept of.
    """

    kind: SyncKind
    name: Name
    aggregate: str
    payload: Mapping[str, Any] | Raw
    verb: str = CHANGED


def payload(*parts: Mapping[str, Any]) -> Values:
    """With the user context that all of them have: the server's own messages are nobody's (SYNC-2)."""
    whole: Values = {"UserContext": {"ID": None, "AnonymousID": None}}
    for part in parts:
        whole.update(part)
    return whole
