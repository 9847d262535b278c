"""What the commands share: their flags, and how an error that a person can mend is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

DataDir = Annotated[
    Path | None, typer.Option(help="Where the embedded database and its key are. [default: .entrepot]")
]
DatabaseUrl = Annotated[
    str | None, typer.Option(help="A PostgreSQL of your own (postgresql://...) in place of the embedded one.")
]
BaseUrl = Annotated[
    str | None, typer.Option(help="What clients call the server. [default: http://localhost:PORT]")
]


@contextmanager
def plain_errors(*more: type[Exception], code: int = 1) -> Iterator[None]:
    """Errors that a person can mend are told without a stack trace; `more` are those of one command, which then exits with `code`."""
    from entrepot.app.database import NoDatabaseError, OutdatedSchemaError
    from entrepot.app.forwarding import UnknownNameError
    from entrepot.app.listen import AddressError
    from entrepot.app.settings import SettingsError
    from entrepot.storage.connecting import MENDABLE
    from entrepot.storage.migrate import NewerSchemaError
    from entrepot.storage.programs import PostgresUnavailableError

    known: tuple[type[Exception], ...] = (
        AddressError,
        NewerSchemaError,
        NoDatabaseError,
        OutdatedSchemaError,
        PostgresUnavailableError,
        SettingsError,
        UnknownNameError,
        *more,
    )
    try:
        yield
    except known as error:
        _fail(str(error), code)
    except MENDABLE as error:
        _fail(f"The database refuses: {error}", code)
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error), code)


def _fail(told: str, code: int) -> NoReturn:
    typer.echo(f"entrepot: {told}", err=True)
    raise typer.Exit(code) from None
