"""Who may see a product, kept on its row as tokens: to be refreshed by whatever changes what they are made of.

What needs no refresh: renames, activation and deletion of catalogs, flags of assignments, memberships, deletion of buyers and
groups. They raise the catalog epoch only.
"""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.engine.call import Call
from entrepot.features.catalog.audience import statements


async def refresh_products(call: Call, product_ids: Sequence[str]) -> None:
    """After a change of the products' links to catalogs or categories, of their assignments or their parent.

    Children follow their parents. Three statements; only rows whose tokens change are written.
    """
    ids = list(product_ids)
    if ids:
        # Whoever waits for one of these locks computes from what the other has committed, not from before.
        await call.db.execute(statements.LOCK_CATALOGS, call.marketplace_id, ids)
        await call.db.execute(statements.LOCK_PRODUCTS, call.marketplace_id, ids)
        await call.db.fetch(statements.OF_PRODUCTS, call.marketplace_id, ids)


async def refresh_category(
    call: Call, catalog_id: str, category_ids: Sequence[str], *, leaving: bool = False
) -> None:
    """After a change of the categories' parents or activity; with `leaving` before they are deleted, with their trees.

    Covers every product directly in any of them or below. Three statements.
    """
    arguments = (call.marketplace_id, catalog_id, list(category_ids))
    await call.db.execute(statements.LOCK_CATALOG, call.marketplace_id, catalog_id)
    await call.db.execute(statements.LOCK_HELD, *arguments)
    await call.db.fetch(statements.OF_LEAVING if leaving else statements.OF_CATEGORIES, *arguments)
