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
    "httpx",
    "jinja2",
    "mcp",
    "pytest",
    "starlette",
    "yaml",
    "yarl",
)
"""Libraries of what only some servers do: loaded when it is first done. And of what only tests do: never."""
SHOW = "import sys, entrepot.app.asgi as a, entrepot.app.registry as r; r.registry(); print(*sys.modules)"


def test_an_application_loads_only_what_all_servers_need() -> None:
    loaded = subprocess.run([sys.executable, "-c", SHOW], capture_output=True, text=True, check=True).stdout
    assert {"asyncpg", "entrepot.app.asgi"} <= set(loaded.split())
    assert {each.partition(".")[0] for each in loaded.split()}.isdisjoint(LATER)


def test_the_plugin_of_pytest_loads_nothing_else() -> None:
    """Whoever has the server installed has it in every run of pytest."""
    show = "import sys, pytest; before = set(sys.modules); import entrepot.testing.plugin; print(*(set(sys.modules) - before))"
    loaded = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True).stdout
    assert set(loaded.split()) == {"entrepot", "entrepot.testing", "entrepot.testing.plugin"}
