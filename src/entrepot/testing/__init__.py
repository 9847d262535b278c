"""For tests of whoever builds on Entrepot: a pytest plugin, and what its fixtures give (docs/guide/testing.md).

    pip install entrepot[testing]

It speaks HTTP, and runs the command: nothing of the server is imported here, and nothing of this by the server. pytest loads the plugin
in every run of an environment that has Entrepot, so that what it needs is imported when a fixture is first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from entrepot.testing.answers import RefusedError
    from entrepot.testing.clock import Clock, Done
    from entrepot.testing.mailbox import Mailbox, Message
    from entrepot.testing.marketplace import Marketplace, User
    from entrepot.testing.receiver import Received, Receiver
    from entrepot.testing.server import NoServerError, SeedError, Server

__all__ = (
    "Clock",
    "Done",
    "Mailbox",
    "Marketplace",
    "Message",
    "NoServerError",
    "Received",
    "Receiver",
    "RefusedError",
    "SeedError",
    "Server",
    "User",
)
_PLACES = {
    "Clock": "clock",
    "Done": "clock",
    "Mailbox": "mailbox",
    "Marketplace": "marketplace",
    "Message": "mailbox",
    "NoServerError": "server",
    "Received": "receiver",
    "Receiver": "receiver",
    "RefusedError": "answers",
    "SeedError": "server",
    "Server": "server",
    "User": "marketplace",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
