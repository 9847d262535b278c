"""`entrepot marketplace ...`"""

from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.app.options import BaseUrl, DatabaseUrl, DataDir, plain_errors

if TYPE_CHECKING:
    import asyncpg

marketplaces = typer.Typer(help="Marketplaces of a server.", no_args_is_help=True)


def _not_blank(text: str) -> str:
    if not text.strip():
        raise typer.BadParameter("it cannot be blank.")
    return text


@marketplaces.command("create")
def create_marketplace(
    name: Annotated[str, typer.Argument(help="What it is called.", callback=_not_blank)],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    base_url: BaseUrl = None,
) -> None:
    """Make a marketplace with its first administrator and API client, and print how to log in."""
    from entrepot.app.database import run_on_database
    from entrepot.app.marketplaces import create_marketplace as create
    from entrepot.app.settings import Settings, read_settings

    async def work(settings: Settings, pool: "asyncpg.Pool") -> None:
        print(await create(pool, name, settings))

    with plain_errors():
        settings = read_settings(data_dir=data_dir, database_url=database_url, base_url=base_url)
        run_on_database(settings, work, makes=True)


@marketplaces.command("forward-as")
def forward_as(
    marketplace: Annotated[str, typer.Argument(help="The marketplace's ID.")],
    username: Annotated[str, typer.Argument(help="A user of the marketplace's owner.")],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Name the user on whose behalf orders are forwarded to suppliers; products with AutoForward need one."""
    from entrepot.app.database import run_on_database
    from entrepot.app.forwarding import set_auto_forwarding_user
    from entrepot.app.settings import Settings, read_settings

    async def work(_settings: Settings, pool: "asyncpg.Pool") -> None:
        await set_auto_forwarding_user(pool, marketplace, username)

    with plain_errors():
        run_on_database(read_settings(data_dir=data_dir, database_url=database_url), work)
    print(f"Orders of {marketplace} are forwarded on behalf of {username}.")
