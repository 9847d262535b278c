"""`entrepot sync ...`"""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.app.options import DatabaseUrl, DataDir, plain_errors

if TYPE_CHECKING:
    import asyncpg

KINDS = (
    "products, orders, buyers, buyerusers, usergroups, suppliers, supplierusers, adminusers, catalogs, categories or "
    "inventoryrecords"
)


def sync(
    kind: Annotated[str, typer.Argument(help=f"What to send: {KINDS}.")],
    marketplace: Annotated[str, typer.Option(help="The marketplace's ID.")],
    catalog: Annotated[str | None, typer.Option(help="Only products of this catalog.")] = None,
    category: Annotated[
        str | None, typer.Option(help="Only products of this category of the catalog.")
    ] = None,
    start_date: Annotated[str | None, typer.Option(help="Only orders submitted from this moment on.")] = None,
    end_date: Annotated[str | None, typer.Option(help="Only orders submitted until then.")] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Send all products, orders or entities of a kind anew, to where they are synchronized.

    A server or worker delivers them. The run goes on there when this command is stopped; given again, it shows that run.
    """
    from entrepot.app.database import run_on_database
    from entrepot.app.settings import Settings, read_settings
    from entrepot.app.synchronizing import Wanted, follow_run, start_run

    wanted = Wanted(kind, catalog=catalog, category=category, start_date=start_date, end_date=end_date)

    async def work(_: Settings, pool: "asyncpg.Pool") -> None:
        run = await start_run(pool, marketplace, wanted)
        async for progress in follow_run(pool, run):
            print(progress)
            await asyncio.sleep(1)

    with plain_errors():
        run_on_database(read_settings(data_dir=data_dir, database_url=database_url), work)
