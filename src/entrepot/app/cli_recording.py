"""`entrepot record`"""

import asyncio
import enum
from pathlib import Path
from typing import Annotated

import typer

from entrepot.app.options import BaseUrl, DatabaseUrl, DataDir, plain_errors


class RecordFormat(enum.StrEnum):
    """What a recording becomes."""

    POSTMAN = "postman"
    HAR = "har"
    JS = "js"
    PY = "py"


def record(
    file: Annotated[Path, typer.Argument(help="Where to write it.", dir_okay=False)],
    marketplace: Annotated[str, typer.Option("--marketplace", "--id", "-i", help="The marketplace's ID.")],
    format_: Annotated[
        RecordFormat,
        typer.Option(
            "--format", help="A Postman collection, a HAR, a test for node --test, or one for pytest."
        ),
    ] = RecordFormat.POSTMAN,
    for_: Annotated[
        float | None,
        typer.Option("--for", help="Seconds. [default: until Ctrl-C]", min=1, max=86_400),
    ] = None,
    name: Annotated[str | None, typer.Option("--name", "-n", help="[default: the file's name]")] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    base_url: BaseUrl = None,
) -> None:
    """Write what applications send to a marketplace as a collection, an archive or a test, without passwords, secrets and tokens.

    The server has to run, with its test bench on.
    """
    from entrepot.app.database import reachable_database
    from entrepot.app.recording import RecordingError, record_to
    from entrepot.app.settings import read_settings

    with plain_errors(RecordingError):
        _require_writable(file)
        settings = read_settings(data_dir=data_dir, database_url=database_url, base_url=base_url)
        with reachable_database(settings) as url:
            work = record_to(settings, url, marketplace, format_.value, for_, name or file.stem)
            text, count = asyncio.run(work)
        if not count:
            raise RecordingError(
                f"nobody has sent a request, and nothing is written to {file}. The server has to run on this database, with its"
                " test bench on."
            )
        file.write_text(text, "utf-8")
    print(f"{count:,} requests in {file}, to {settings.base_url} (--base-url names another server).")


def _require_writable(file: Path) -> None:
    """Told before an hour is recorded, not after it. Raises OSError."""
    is_new = not file.exists()
    with file.open("a"):
        pass
    if is_new:
        file.unlink()
