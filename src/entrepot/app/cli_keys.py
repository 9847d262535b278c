"""`entrepot keys ...`"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from entrepot.app.options import DatabaseUrl, DataDir, plain_errors

if TYPE_CHECKING:
    import asyncpg

    from entrepot.features.people.credentials.secrets import SecretBox

Result = TypeVar("Result")

keys = typer.Typer(help="The keys that sign access tokens.", no_args_is_help=True)

Kid = Annotated[str, typer.Argument(help="The key's name, as in the header of a token.")]


@keys.command("list")
def list_keys(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Show the keys, newest first, and since when they are retired."""
    from entrepot.features.people.credentials.keys import describe

    async def work(pool: "asyncpg.Pool", _box: "SecretBox") -> list[tuple[str, str, str]]:
        return [
            (key.kid, f"made {key.created_at:%Y-%m-%d %H:%M}", _standing(key.retired_at))
            for key in await describe(pool)
        ]

    for row in _with_keys(work, data_dir, database_url):
        print("  ".join(row))


@keys.command("rotate")
def rotate_keys(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Sign new tokens with a new key; tokens issued before stay valid."""
    from entrepot.features.people.credentials.keys import rotate
    from entrepot.kernel.clock import utc_now

    async def work(pool: "asyncpg.Pool", box: "SecretBox") -> str:
        return (await rotate(pool, box, utc_now())).current.kid

    print(f"New tokens are signed with key {_with_keys(work, data_dir, database_url)}.")


@keys.command("withdraw")
def withdraw_key(kid: Kid, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Refuse every token that a key has signed: for a key that others have got hold of."""
    from entrepot.app.forwarding import UnknownNameError
    from entrepot.features.people.credentials.keys import withdraw
    from entrepot.kernel.clock import utc_now

    async def work(pool: "asyncpg.Pool", box: "SecretBox") -> str:
        try:
            return (await withdraw(pool, box, kid, utc_now())).current.kid
        except LookupError:
            raise UnknownNameError(
                f"There is no key {kid}: `entrepot keys list` shows those there are."
            ) from None

    current = _with_keys(work, data_dir, database_url)
    print(
        f"Key {kid} is withdrawn: its tokens are refused within half a minute. New ones are signed with {current}."
    )


@keys.command("reseal")
def reseal(
    new_secret: Annotated[
        bool,
        typer.Option(
            "--new-secret", help="Make a new secret.key first; the server of the data directory must not run."
        ),
    ] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Seal everything with the current secret key, so that the previous ones are needed no more."""
    from entrepot.app.resealing import reseal_all
    from entrepot.app.settings import read_settings

    with plain_errors():
        settings = read_settings(data_dir=data_dir, database_url=database_url)
        count = reseal_all(settings, new_secret=new_secret)
    print(f"{count:,} secrets are sealed with the current secret key: previous ones are needed no more.")


def _standing(retired_at: object) -> str:
    return "signs" if retired_at is None else f"retired {retired_at:%Y-%m-%d %H:%M}"


def _with_keys(
    work: Callable[["asyncpg.Pool", "SecretBox"], Awaitable[Result]],
    data_dir: Path | None,
    database_url: str | None,
) -> Result:
    from entrepot.app.database import run_on_database
    from entrepot.app.secret_key import secret_box
    from entrepot.app.settings import Settings, read_settings

    async def with_box(settings: Settings, pool: "asyncpg.Pool") -> Result:
        return await work(pool, secret_box(settings))

    with plain_errors():
        return run_on_database(read_settings(data_dir=data_dir, database_url=database_url), with_box)
