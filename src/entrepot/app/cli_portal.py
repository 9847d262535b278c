"""`entrepot portal ...`"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from entrepot.app.options import DatabaseUrl, DataDir, plain_errors

if TYPE_CHECKING:
    import asyncpg

    from entrepot.app.settings import Settings

Result = TypeVar("Result")

portal = typer.Typer(help="Accounts of people, who own marketplaces.", no_args_is_help=True)
users = typer.Typer(help="Accounts.", no_args_is_help=True)
portal.add_typer(users, name="user")


@users.command("create")
def create_user(
    username: Annotated[str, typer.Argument(help="Letters, digits, points, hyphens and underscores.")],
    email: Annotated[str, typer.Argument(help="To which codes are mailed.")],
    operator: Annotated[
        bool, typer.Option("--operator", help="It may make marketplaces of every environment.")
    ] = False,
    owns: Annotated[str | None, typer.Option(help="The ID of a marketplace that becomes its own.")] = None,
    password_file: Annotated[
        Path | None, typer.Option(help="Its first line is the password. [default: one is made]", exists=True)
    ] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make an account, and print how to sign in."""
    from entrepot.app.portal import create_account

    async def work(settings: "Settings", pool: "asyncpg.Pool") -> None:
        password = password_file.read_text("utf-8").partition("\n")[0] if password_file else None
        print(
            await create_account(
                pool, settings, username, email, password=password, operates=operator, owns=owns
            )
        )

    _run(work, data_dir, database_url, makes=True)


@portal.command("give")
def give(
    marketplace: Annotated[str, typer.Argument(help="The marketplace's ID.")],
    username: Annotated[str, typer.Argument(help="The account that becomes its owner.")],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Name the account that owns a marketplace."""
    from entrepot.app.portal import give_to

    async def work(settings: "Settings", pool: "asyncpg.Pool") -> None:
        await give_to(pool, settings, marketplace, username)

    _run(work, data_dir, database_url)
    print(f"{marketplace} is owned by {username}.")


@portal.command("messages")
def show_messages(
    email: Annotated[str | None, typer.Argument(help="Only those to this address.")] = None,
    most: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 10,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Show the newest mail to accounts that nothing has sent, with its codes."""
    from entrepot.app.portal import unsent

    async def work(settings: "Settings", pool: "asyncpg.Pool") -> None:
        kept = await unsent(pool, settings, email, most)
        if not kept:
            to = f" to {email}" if email else ""
            place = "the database" if settings.database_url else settings.data_dir
            typer.echo(
                f"{place} holds no mail{to}. Is the server's data elsewhere? Name it by --data-dir.", err=True
            )
        for each in kept:
            print(f"{each.created_at:%Y-%m-%d %H:%M}  {each.recipient}  {each.subject}\n\n{each.text}")

    _run(work, data_dir, database_url)


def _run(
    work: "Callable[[Settings, asyncpg.Pool], Awaitable[Result]]",
    data_dir: Path | None,
    database_url: str | None,
    *,
    makes: bool = False,
) -> Result:
    from entrepot.app.database import run_on_database
    from entrepot.app.portal import PortalRefusedError
    from entrepot.app.settings import read_settings

    with plain_errors(PortalRefusedError):
        settings = read_settings(data_dir=data_dir, database_url=database_url)
        return run_on_database(settings, work, makes=makes)
