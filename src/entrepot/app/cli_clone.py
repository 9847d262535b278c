"""`entrepot clone`"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from entrepot.app.options import BaseUrl, DatabaseUrl, DataDir, plain_errors


def clone(
    source: Annotated[
        str, typer.Option("--from", help="The other server: https://sandboxapi.ordercloud.io, for one.")
    ],
    client_id: Annotated[
        str, typer.Option(help="An API client there, whose default context user is the seller's.")
    ],
    client_secret: Annotated[
        str,
        typer.Option(
            envvar="CLONE_CLIENT_SECRET",
            prompt=True,
            hide_input=True,
            help="Asked for where it is not given.",
        ),
    ],
    marketplace: Annotated[
        str | None, typer.Option("--marketplace", "--id", "-i", help="The clone's ID. [default: one is made]")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", "-n", help="[default: Clone of ...]")] = None,
    orders: Annotated[
        bool,
        typer.Option(
            "--orders", help="With orders, payments, shipments, returns and subscriptions, as they are."
        ),
    ] = False,
    anonymize: Annotated[
        bool,
        typer.Option("--anonymize", help="Replace what tells who people are, before anything is kept of it."),
    ] = False,
    keep_xp: Annotated[
        bool, typer.Option("--keep-xp", help="With --anonymize: leave texts in the xp of people as they are.")
    ] = False,
    state: Annotated[
        Path | None,
        typer.Option(
            help="Where what was read is kept, to go on after a break. [default: HOST.clone]", file_okay=False
        ),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep that directory, with the seed file marketplace.yml.")
    ] = False,
    rate: Annotated[float, typer.Option(help="Requests a second, at the most.", min=0.1, max=1000)] = 20.0,
    attempts: Annotated[
        int,
        typer.Option(help="Times that a request is sent until the source counts as lost.", min=1, max=100),
    ] = 8,
    allow_http: Annotated[
        bool, typer.Option("--allow-http", help="Send the secret without TLS to another machine.")
    ] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    base_url: BaseUrl = None,
) -> None:
    """Make a new marketplace of one of another server, read over its public API.

    Given again after a break, it goes on where it was.
    """
    from entrepot.app import cloning
    from entrepot.app.database import reachable_database
    from entrepot.app.settings import read_settings
    from entrepot.features.seeding.remote.errors import SourceLostError
    from entrepot.features.seeding.remote.source import Patience
    from entrepot.features.seeding.remote.transport import base_url as checked
    from entrepot.kernel.ids import new_id

    with plain_errors(cloning.SeedRefusedError, cloning.RemoteError):
        url = checked(source, plain=allow_http)
        wanted = cloning.Wanted(
            access=cloning.Access(url, client_id, client_secret),
            state=state or Path(f"{urlsplit(url).hostname}.clone"),
            marketplace=marketplace or new_id(),
            name=name,
            keep=keep,
            orders=orders,
            anonymize=anonymize,
            keep_xp=keep_xp,
            patience=Patience(rate=rate, attempts=attempts),
        )
        settings = read_settings(data_dir=data_dir, database_url=database_url, base_url=base_url)
        with reachable_database(settings, makes=True) as database, _told_where(wanted.state, SourceLostError):
            made = asyncio.run(cloning.clone(settings, database, wanted))
    for kind, count in made.seeded.records.items():
        print(f"{count:>9,}  {kind}")
    for line in cloning.told(made):
        print(line)


@contextmanager
def _told_where(state: Path, lost: type[Exception]) -> Iterator[None]:
    """After Ctrl-C, and where the source is lost, say where the next run goes on, before the error is told."""
    try:
        yield
    except (KeyboardInterrupt, lost):
        if state.is_dir():
            typer.echo(f"What was read is kept in {state}: the same command goes on where it was.", err=True)
        raise
