"""`entrepot diff`, `entrepot plan` and `entrepot apply`"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.app.options import BaseUrl, DatabaseUrl, DataDir, plain_errors

if TYPE_CHECKING:
    from entrepot.app.planning import Wanted

plans = typer.Typer()

Json = Annotated[bool, typer.Option("--json", help="For programs.")]
File = Annotated[Path, typer.Argument(help="A seed file: the wished state.", exists=True, dir_okay=False)]
Marketplace = Annotated[str, typer.Option("--marketplace", "--id", "-i", help="The marketplace's ID.")]
Prune = Annotated[
    bool, typer.Option("--prune", help="Delete what the file does not have, of the kinds that it names.")
]
Details = Annotated[
    bool, typer.Option("--details", help="List each record that is not in the file, and not only how many.")
]
CHANGES = 2
"""As terraform's -detailed-exitcode."""
DIFFERENT, FAILED = 1, 2
"""As diff(1)."""


@plans.command()
def diff(
    first: Annotated[
        str, typer.Argument(help="A seed file, the ID of a marketplace, or the URL of another server.")
    ],
    second: Annotated[str, typer.Argument(help="The same.")],
    as_json: Json = False,
    client_id: Annotated[
        list[str] | None,
        typer.Option(help="An API client of the other server, whose default context user is the seller's."),
    ] = None,
    client_secret: Annotated[
        list[str] | None,
        typer.Option(envvar="DIFF_CLIENT_SECRET", help="Its secret. Both twice where both are servers."),
    ] = None,
    allow_http: Annotated[
        bool, typer.Option("--allow-http", help="Send the secret without TLS to another machine.")
    ] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Show what differs between two marketplaces; exits with 0 where they are equal, 1 where not, 2 where that cannot be told."""
    from entrepot.app.comparing import Doors, Output, SideError, compare_now
    from entrepot.app.settings import read_settings

    if len(client_id or ()) != len(client_secret or ()):
        raise typer.BadParameter("each --client-id has a --client-secret.")
    doors = Doors(tuple(zip(client_id or (), client_secret or (), strict=True)), allow_http)
    with plain_errors(SideError, code=FAILED):
        settings = read_settings(data_dir=data_dir, database_url=database_url)
        is_equal = compare_now(settings, (first, second), Output.standard(as_json=as_json), doors)
    raise typer.Exit(0 if is_equal else DIFFERENT)


@plans.command()
def plan(
    file: File,
    marketplace: Marketplace,
    prune: Prune = False,
    details: Details = False,
    as_json: Json = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Show what `apply` would do; exits with 0 where that is nothing, 2 where there is something to do, 1 where that cannot be told."""
    from entrepot.app.planning import Wanted

    wanted = Wanted(file, marketplace, prune, details)
    flags = {"data_dir": data_dir, "database_url": database_url}
    raise typer.Exit(CHANGES if _plan(wanted, flags, as_json=as_json, applies=False) else 0)


@plans.command()
def apply(
    file: File,
    marketplace: Marketplace,
    prune: Prune = False,
    details: Details = False,
    as_json: Json = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    base_url: BaseUrl = None,
) -> None:
    """Make a marketplace what a seed file says, all of it or nothing; given again, it does nothing."""
    from entrepot.app.planning import Wanted

    wanted = Wanted(file, marketplace, prune, details)
    flags = {"data_dir": data_dir, "database_url": database_url, "base_url": base_url}
    _plan(wanted, flags, as_json=as_json, applies=True)


def _plan(wanted: "Wanted", flags: dict[str, Any], *, as_json: bool, applies: bool) -> bool:
    from entrepot.app.comparing import Output
    from entrepot.app.planning import REFUSALS, plan_file
    from entrepot.app.settings import read_settings

    with plain_errors(*REFUSALS):
        settings = read_settings(**flags)
        return plan_file(settings, wanted, Output.standard(as_json=as_json), applies=applies)
