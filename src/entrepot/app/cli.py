"""The command line. Each command imports what it needs when it runs, so that all start quickly."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from entrepot import __version__

app = typer.Typer(
    help="Entrepot, a self-hosted commerce server that speaks the OrderCloud REST API.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
marketplaces = typer.Typer(help="Marketplaces of a server.", no_args_is_help=True)
keys = typer.Typer(help="The keys that sign access tokens.", no_args_is_help=True)
app.add_typer(marketplaces, name="marketplace")
app.add_typer(keys, name="keys")

DataDir = Annotated[
    Path | None, typer.Option(help="Where the embedded database and its key are. [default: .entrepot]")
]
DatabaseUrl = Annotated[
    str | None, typer.Option(help="A PostgreSQL of your own (postgresql://...) in place of the embedded one.")
]
BaseUrl = Annotated[
    str | None, typer.Option(help="What clients call the server. [default: http://localhost:PORT]")
]

SeedFile = Annotated[
    Path, typer.Argument(help="In the format of OrderCloud's seeding tool.", exists=True, dir_okay=False)
]
DEFAULT_SEED = Path("ordercloud-seed.yml")


def _not_blank(text: str) -> str:
    if not text.strip():
        raise typer.BadParameter("it cannot be blank.")
    return text


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

    with _plain_errors():
        settings = read_settings(
            port=port, host=host, data_dir=data_dir, database_url=database_url, workers=workers, demo=demo,
            base_url=base_url,
        )  # fmt: skip
        code = run(settings)
    raise typer.Exit(code)


@app.command()
def migrate(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Bring the database's schema to the newest revision."""
    from entrepot.app.database import reachable_database
    from entrepot.app.settings import read_settings
    from entrepot.storage.migrate import migrate as upgrade

    with _plain_errors():
        settings = read_settings(data_dir=data_dir, database_url=database_url)
        with reachable_database(settings) as url:
            done = asyncio.run(upgrade(url))
    print("\n".join(f"Ran {revision}" for revision in done) or "Nothing to do: the schema is the newest one.")


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

    with _plain_errors(SeedRefusedError, OSError):
        settings = read_settings(data_dir=data_dir, database_url=database_url, base_url=base_url)
        settings = settings.with_secret_key()
        with reachable_database(settings) as url:
            made = asyncio.run(seed_file(settings, url, file, marketplace, name))
    for kind, count in made.records.items():
        print(f"{count:>9,}  {kind}")
    print(f"Marketplace  {made.marketplace}")
    for in_file, client_id in made.client_ids.items():
        print(f"API client   {client_id} ({in_file} in the file)")


@app.command()
def validate(file: SeedFile = DEFAULT_SEED) -> None:
    """Check a seed file, without a database."""
    from entrepot.app.seeding import SeedRefusedError, validate_file

    with _plain_errors(SeedRefusedError, OSError):
        count = asyncio.run(validate_file(file))
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

    with _plain_errors(NoMarketplaceError, OSError):
        settings = read_settings(data_dir=data_dir, database_url=database_url).with_secret_key()
        with reachable_database(settings) as url:
            count = asyncio.run(download_file(settings, url, marketplace, file))
    print(f"{count:,} records in {file}")


@app.command()
def version() -> None:
    """Print the version."""
    print(__version__)


@marketplaces.command("create")
def create_marketplace(
    name: Annotated[str, typer.Argument(help="What it is called.", callback=_not_blank)],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    base_url: BaseUrl = None,
) -> None:
    """Make a marketplace with its first administrator and API client, and print how to log in."""
    from entrepot.app.database import ensure_schema, reachable_database
    from entrepot.app.marketplaces import create_marketplace as create
    from entrepot.app.settings import Settings, read_settings
    from entrepot.storage.pool import open_pool

    async def work(settings: Settings, url: str) -> None:
        await ensure_schema(url, upgrade=settings.embedded)
        async with await open_pool(url, min_size=1, max_size=2) as pool:
            print(await create(pool, name, settings))

    with _plain_errors():
        settings = read_settings(data_dir=data_dir, database_url=database_url, base_url=base_url)
        settings = settings.with_secret_key()
        with reachable_database(settings) as url:
            asyncio.run(work(settings, url))


@marketplaces.command("forward-as")
def forward_as(
    marketplace: Annotated[str, typer.Argument(help="The marketplace's ID.")],
    username: Annotated[str, typer.Argument(help="A user of the marketplace's owner.")],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Name the user on whose behalf orders are forwarded to suppliers; products with AutoForward need one."""
    from entrepot.app.database import ensure_schema, reachable_database
    from entrepot.app.forwarding import set_auto_forwarding_user
    from entrepot.app.settings import Settings, read_settings
    from entrepot.storage.pool import open_pool

    async def work(settings: Settings, url: str) -> None:
        await ensure_schema(url, upgrade=settings.embedded)
        async with await open_pool(url, min_size=1, max_size=2) as pool:
            await set_auto_forwarding_user(pool, marketplace, username)

    with _plain_errors():
        settings = read_settings(data_dir=data_dir, database_url=database_url)
        with reachable_database(settings) as url:
            asyncio.run(work(settings, url))
    print(f"Orders of {marketplace} are forwarded on behalf of {username}.")


@keys.command("rotate")
def rotate_keys(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Sign new tokens with a new key; tokens issued before stay valid."""
    from entrepot.app.database import ensure_schema, reachable_database
    from entrepot.app.settings import Settings, read_settings

    async def work(settings: Settings, url: str) -> str:
        from datetime import UTC, datetime

        import asyncpg

        from entrepot.features.credentials.keys import rotate
        from entrepot.features.credentials.secrets import SecretBox

        await ensure_schema(url, upgrade=settings.embedded)
        connection = await asyncpg.connect(url)
        try:
            ring = await rotate(connection, SecretBox(settings.secret_key.encode()), datetime.now(UTC))
        finally:
            await connection.close()
        return ring.current.kid

    with _plain_errors():
        settings = read_settings(data_dir=data_dir, database_url=database_url).with_secret_key()
        with reachable_database(settings) as url:
            kid = asyncio.run(work(settings, url))
    print(f"New tokens are signed with key {kid}.")


@contextmanager
def _plain_errors(*more: type[Exception]) -> Iterator[None]:
    """Errors that a person can mend are told without a stack trace; `more` are those of one command."""
    from entrepot.app.database import OutdatedSchemaError
    from entrepot.app.forwarding import UnknownNameError
    from entrepot.app.listen import AddressError
    from entrepot.app.settings import SettingsError
    from entrepot.storage.programs import PostgresUnavailableError

    known: tuple[type[Exception], ...] = (
        AddressError,
        OutdatedSchemaError,
        PostgresUnavailableError,
        SettingsError,
        UnknownNameError,
        *more,
    )
    try:
        yield
    except known as error:
        typer.echo(f"entrepot: {error}", err=True)
        raise typer.Exit(1) from None
