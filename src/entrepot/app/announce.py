"""What `serve` tells a person: where things are, who can log in, and the first request."""

import json
import os
import shlex
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from entrepot.app.settings import Settings

# The scope of the guide "Making your first request": what a user has no claim to is left out of the token.
GUIDE_SCOPE = (
    "CatalogAdmin BuyerReader MeAdmin InventoryAdmin PasswordReset OrderAdmin PriceScheduleAdmin ProductAdmin"
    " ProductAssignmentAdmin ShipmentAdmin"
)


def announce(settings: Settings, *, is_new: bool) -> None:
    """Prints it all to standard output; the demo's passwords at a terminal, or where they were made just now (`is_new`): logs
    are kept, and read by others.
    """
    console = Console(highlight=False, emoji=False)
    places = Table.grid(padding=(0, 2))
    places.add_row("Server", settings.base_url)
    places.add_row("Console", f"{settings.base_url}/")
    places.add_row("Reference", f"{settings.base_url}/docs")
    if settings.mcp:
        places.add_row("Assistants", f"{settings.base_url}/mcp")
    places.add_row("Data", str(settings.data_dir.absolute()))
    if not settings.smtp_url:
        places.add_row("Messages", f"{settings.base_url}/#/deliveries/mailbox")
    console.print("\n[bold]Entrepot is ready[/bold]\n")
    _print(console, places)
    demo = _demo(settings.data_dir) if settings.demo else None
    if demo is not None:
        if is_new or sys.stdout.isatty():
            _announce_demo(console, settings, demo)
        else:
            console.print(
                f"\nDemo marketplace {demo['marketplaceID']}, client ID {demo['clientID']}; users and passwords are in"
                f" {settings.data_dir / 'demo.json'}.",
                soft_wrap=True,
            )
    if os.geteuid() == 0:
        console.print(
            "\nThis runs as root, which it need not: give it an account of its own where others reach it.",
            soft_wrap=True,
        )
    console.print("\nCtrl-C stops everything.\n")
    sys.stdout.flush()


def token_request(base_url: str, client_id: str, username: str, password: str, scope: str = "") -> str:
    """A command line that gets a token with the password grant; without a scope, one with all roles of the user."""
    fields = {
        "client_id": client_id,
        "grant_type": "password",
        "username": username,
        "password": password,
        "scope": scope,
    }
    arguments = " ".join(
        f"--data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in fields.items() if value
    )
    return f"curl {base_url}/oauth/token {arguments}"


def _announce_demo(console: Console, settings: Settings, demo: dict[str, Any]) -> None:
    console.print(f"\n[bold]Demo marketplace[/bold] {demo['marketplaceID']}, client ID {demo['clientID']}\n")
    users = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("User type", "Username", "Password"):
        users.add_column(heading, no_wrap=True)
    for user in demo["users"].values():
        users.add_row(user["userType"], user["username"], user["password"])
    _print(console, users)
    first = next(iter(demo["users"].values()))
    account = demo["portal"]
    console.print(
        f"\nIts owner signs in to the console as {account['username']} with {account['password']}.",
        soft_wrap=True,
    )
    console.print("\nThe first request:\n")
    # Printed plain and in one line, to be copied.
    print(
        token_request(settings.base_url, demo["clientID"], first["username"], first["password"], GUIDE_SCOPE)
    )
    print(f'curl {settings.base_url}/v1/me -H "Authorization: Bearer ACCESS_TOKEN"')


def _print(console: Console, table: Table) -> None:
    # Never folded to the terminal's width: paths and passwords are there to be copied.
    console.print(table, soft_wrap=True, width=max(console.width, 200))


def _demo(data_dir: Path) -> dict[str, Any] | None:
    try:
        read: dict[str, Any] = json.loads((data_dir / "demo.json").read_text())
    except FileNotFoundError:
        return None
    return read
