"""`entrepot snapshot ...`"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.app.options import DatabaseUrl, DataDir, plain_errors

if TYPE_CHECKING:
    import asyncpg

    from entrepot.app.settings import Settings

snapshots = typer.Typer(help="Marketplaces as files, orders and all.", no_args_is_help=True)

Passphrase = Annotated[
    str,
    typer.Option(
        envvar="ENTREPOT_PASSPHRASE",
        prompt="Passphrase of the file",
        hide_input=True,
        help="Opens the file: 12 to 200 printable characters of ASCII. Asked for where it is not in ENTREPOT_PASSPHRASE.",
    ),
]


@snapshots.command("export")
def export_snapshot(
    marketplace: Annotated[str, typer.Argument(help="The marketplace's ID.")],
    file: Annotated[Path, typer.Argument(help="Where to write it.", dir_okay=False)],
    passphrase: Passphrase,
    snapshot: Annotated[
        str | None, typer.Option(help="The ID of a snapshot of it. [default: the marketplace as it is now]")
    ] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Write a marketplace, or a snapshot of it, to a file that the passphrase opens."""
    from entrepot.app.database import run_on_database
    from entrepot.app.settings import read_settings
    from entrepot.app.snapshot_files import export_file
    from entrepot.features.people.snapshot_files.operations import require_passphrase
    from entrepot.kernel.errors import ApiError

    async def work(settings: "Settings", pool: "asyncpg.Pool") -> int:
        return await export_file(pool, settings, marketplace, snapshot, file, passphrase)

    with plain_errors(ApiError):
        require_passphrase(passphrase)
        rows = run_on_database(read_settings(data_dir=data_dir, database_url=database_url), work)
    print(f"{file}: {rows:,} rows, {file.stat().st_size:,} bytes.")
    print("Whoever has the file and its passphrase has all that the marketplace holds, its secrets too.")


@snapshots.command("import")
def import_snapshot(
    file: Annotated[Path, typer.Argument(help="What was exported.", exists=True, dir_okay=False)],
    passphrase: Passphrase,
    marketplace: Annotated[
        str | None, typer.Option("--marketplace", "--id", "-i", help="Its ID. [default: one is made]")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", "-n", help="[default: its name in the file]")] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make a new marketplace of a file: all of it, or nothing."""
    from entrepot.app.database import run_on_database
    from entrepot.app.settings import read_settings
    from entrepot.app.snapshot_files import Imported, import_file
    from entrepot.features.people.snapshot_files.operations import require_passphrase
    from entrepot.kernel.errors import ApiError

    async def work(settings: "Settings", pool: "asyncpg.Pool") -> Imported:
        return await import_file(pool, settings, file, passphrase, marketplace, name)

    with plain_errors(ApiError):
        require_passphrase(passphrase)
        settings = read_settings(data_dir=data_dir, database_url=database_url)
        made = run_on_database(settings, work, makes=True)
    print(f"Marketplace  {made.marketplace} ({made.name}), {made.rows:,} rows")
    for client, called in made.clients:
        print(f"API client   {client} ({called})")
    print("Users log in with the passwords that they had.")
    print(
        "API clients have the IDs that they had."
        if made.keeps_clients
        else "API clients have IDs of their own: another marketplace here has those of the file."
    )
