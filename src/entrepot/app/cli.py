"""The command line. Each command imports what it needs when it runs, so that all start quickly."""

import asyncio
import gc
import sys
from pathlib import Path
from typing import Annotated

import typer

from entrepot import __version__
from entrepot.app.cli_backups import backups
from entrepot.app.cli_clone import clone
from entrepot.app.cli_keys import keys
from entrepot.app.cli_marketplaces import marketplaces
from entrepot.app.cli_plans import plans
from entrepot.app.cli_portal import portal
from entrepot.app.cli_recording import record
from entrepot.app.cli_snapshots import snapshots
from entrepot.app.cli_sync import sync
from entrepot.app.options import BaseUrl, DatabaseUrl, DataDir, plain_errors

app = typer.Typer(
    help="Entrepot, a self-hosted commerce server that speaks the OrderCloud REST API.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(marketplaces, name="marketplace")
app.add_typer(keys, name="keys")
app.add_typer(portal, name="portal")
app.add_typer(snapshots, name="snapshot")
app.add_typer(backups)
app.add_typer(plans)
app.command()(sync)
app.command()(record)
app.command()(clone)

SeedFile = Annotated[
    Path, typer.Argument(help="In the format of OrderCloud's seeding tool.", exists=True, dir_okay=False)
]
DEFAULT_SEED = Path("ordercloud-seed.yml")


@app.callback()
def begin() -> None:
    # What commands import stays: the collector would look through it again and again, a tenth of their start.
    gc.set_threshold(20_000, 20, 20)


@app.command()
def serve(
    port: Annotated[int | None, typer.Option(help="The port to listen on. [default: 8080]")] = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on. [default: 127.0.0.1]")] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    workers: Annotated[int | None, typer.Option(help="Server processes. [default: 1]")] = None,
    demo: Annotated[
        bool | None,
        typer.Option(
            "--demo/--no-demo", help="Make the demo marketplace. [default: with the embedded database]"
        ),
    ] = None,
    base_url: BaseUrl = None,
) -> None:
    """Run the server, with its own database unless one is named."""
    from entrepot.app.serve import serve as run
    from entrepot.app.settings import read_settings

    with plain_errors():
        settings = read_settings(
            port=port, host=host, data_dir=data_dir, database_url=database_url, workers=workers, demo=demo,
            base_url=base_url,
        )  # fmt: skip
        code = run(settings)
    raise typer.Exit(code)


@app.command()
def worker(data_dir: DataDir = None, database_url: DatabaseUrl = None, base_url: BaseUrl = None) -> None:
    """Deliver what integrations are told, beside the servers of the database, until it is told to end."""
    from entrepot.app.settings import read_settings
    from entrepot.app.worker import work

    with plain_errors():
        settings = read_settings(data_dir=data_dir, database_url=database_url, base_url=base_url)
        work(settings, lambda: print("Delivering. Ctrl-C ends it.", flush=True))


@app.command()
def migrate(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Bring the database's schema to the newest revision."""
    from entrepot.app.database import migrate as upgrade
    from entrepot.app.database import reachable_database
    from entrepot.app.settings import read_settings

    with plain_errors():
        settings = read_settings(data_dir=data_dir, database_url=database_url)
        with reachable_database(settings) as url:
            done = asyncio.run(upgrade(settings, url))
    print("\n".join(f"Ran {revision}" for revision in done) or "Nothing to do: the schema is the newest one.")


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Look at database, schema, keys, clock, settings, disk and tables; exits with 1 where something is wrong."""
    from entrepot.app import doctor as examination
    from entrepot.app.database import reachable_database
    from entrepot.app.settings import read_settings

    with plain_errors():
        settings = read_settings(data_dir=data_dir, database_url=database_url)
        with reachable_database(settings) as url:
            findings = asyncio.run(examination.examine(settings, url))
    if as_json:
        print(examination.as_json(findings))
    else:
        for each in findings:
            print(f"{each.level.value:<8} {each.subject}: {each.told}")
    raise typer.Exit(0 if examination.is_well(findings) else 1)


@app.command()
def routes(
    containing: Annotated[
        str, typer.Argument(help="Only those with this in their verb, path, ID or roles.")
    ] = "",
) -> None:
    """List every operation with its verb and path."""
    from entrepot.app.inspect import print_routes
    from entrepot.app.registry import registry

    print_routes(registry(), containing)


@app.command()
def explain(operation: Annotated[str, typer.Argument(help="An operation's ID, as in Buyers.Patch.")]) -> None:
    """Show where an operation is declared and what it does."""
    from entrepot.app.inspect import explain as show
    from entrepot.app.registry import registry

    show(registry(), operation)


@app.command()
def openapi(
    base_url: Annotated[
        str, typer.Option(help="What the document calls the server.")
    ] = "http://localhost:8080",
) -> None:
    """Print the OpenAPI document."""
    from entrepot.app.inspect import openapi as show
    from entrepot.app.registry import registry

    show(registry(), base_url)


@app.command()
def seed(
    file: SeedFile = DEFAULT_SEED,
    marketplace: Annotated[
        str | None, typer.Option("--marketplace", "--id", "-i", help="Its ID. [default: one is made]")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", "-n", help="[default: the file's name]")] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    base_url: BaseUrl = None,
) -> None:
    """Make a new marketplace of a seed file: all of it, or nothing."""
    from entrepot.app.database import reachable_database
    from entrepot.app.seeding import SeedRefusedError, seed_file
    from entrepot.app.settings import read_settings

    with plain_errors(SeedRefusedError):
        settings = read_settings(data_dir=data_dir, database_url=database_url, base_url=base_url)
        with reachable_database(settings, makes=True) as url:
            made = asyncio.run(seed_file(settings, url, file, marketplace, name))
    for kind, count in made.records.items():
        print(f"{count:>9,}  {kind}")
    print(f"Marketplace  {made.marketplace}")
    for in_file, client_id in made.client_ids.items():
        print(f"API client   {client_id} ({in_file} in the file)")
    for line in made.unknown.lines():
        print(line, file=sys.stderr)


@app.command()
def validate(file: SeedFile = DEFAULT_SEED) -> None:
    """Check a seed file: whatever `seed` would refuse is refused, and nothing is kept."""
    from entrepot.app.seeding import SeedRefusedError, validate_file

    with plain_errors(SeedRefusedError):
        count, made = validate_file(file)
    for line in made.unknown.lines():
        print(line, file=sys.stderr)
    print(f"{count:,} records, nothing wrong with them.")


@app.command()
def download(
    marketplace: Annotated[str, typer.Argument(help="The marketplace's ID.")],
    file: Annotated[Path, typer.Argument(help="Where to write it.")] = DEFAULT_SEED,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Write a marketplace to a seed file; its secrets are not in it."""
    from entrepot.app.database import reachable_database
    from entrepot.app.seeding import NoMarketplaceError, download_file
    from entrepot.app.settings import read_settings

    with plain_errors(NoMarketplaceError):
        settings = read_settings(data_dir=data_dir, database_url=database_url)
        with reachable_database(settings) as url:
            count = asyncio.run(download_file(settings, url, marketplace, file))
    print(f"{count:,} records in {file}")


@app.command()
def version() -> None:
    """Print the version."""
    print(__version__)
