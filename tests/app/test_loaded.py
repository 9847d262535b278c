"""What a server process loads before anybody asks for it: memory of each process, and time of each start."""

from __future__ import annotations

import subprocess
import sys

LATER = (
    "aiohttp",
    "aiokafka",
    "aiosmtplib",
    "alembic",
    "azure",
    "jinja2",
    "mcp",
    "starlette",
    "yaml",
    "yarl",
)
"""Libraries of what only some servers do: loaded when it is first done."""
SHOW = "import sys, entrepot.app.asgi as a, entrepot.app.registry as r; r.registry(); print(*sys.modules)"


def test_an_application_loads_only_what_all_servers_need() -> None:
    loaded = subprocess.run([sys.executable, "-c", SHOW], capture_output=True, text=True, check=True).stdout
    assert {"asyncpg", "entrepot.app.asgi"} <= set(loaded.split())
    assert {each.partition(".")[0] for each in loaded.split()}.isdisjoint(LATER)
