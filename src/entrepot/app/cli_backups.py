"""`entrepot backup` and `entrepot restore`"""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from entrepot.app.options import DatabaseUrl, DataDir, plain_errors

backups = typer.Typer()


@backups.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it.", dir_okay=False)],
    without_keys: Annotated[
        bool,
        typer.Option("--without-keys", help="Leave secret.key and demo.json out, to be kept elsewhere."),
    ] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Write the database and its keys to a file, as they are at this moment; the server may go on working."""
    from entrepot.app.backup import back_up
    from entrepot.app.database import reachable_database
    from entrepot.app.settings import read_settings

    with plain_errors():
        settings = read_settings(data_dir=data_dir, database_url=database_url)
        with reachable_database(settings) as url:
            about = asyncio.run(back_up(settings, url, file, keys=not without_keys))
    print(f"{file}: {file.stat().st_size:,} bytes, schema {about.revision}.")
    if about.keys:
        print(
            f"{' and '.join(about.keys)} are in it: whoever has the file can open everything that it holds."
        )
    else:
        print(
            "The secret key is not in it. Keep it elsewhere: without it the secrets in the database are lost."
        )


@backups.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `entrepot backup` wrote.", exists=True, dir_okay=False)],
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help="Where there is a database already: put it aside in the data directory; drop its tables in a"
            " PostgreSQL of your own.",
        ),
    ] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Put a backup into a new data directory, or into an empty database of your own; servers must not run on it."""
    from entrepot.app.restoring import restore as put_back
    from entrepot.app.settings import read_settings

    with plain_errors():
        settings = read_settings(data_dir=data_dir, database_url=database_url)
        about = asyncio.run(put_back(settings, file, replacing=replace))
    place = settings.data_dir if settings.embedded else "the database"
    print(f"What was backed up on {about.made_at} is in {place}.")
