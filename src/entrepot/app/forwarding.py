"""`entrepot marketplace forward-as`: the user on whose behalf a marketplace forwards orders to suppliers (FWD-4)."""

from __future__ import annotations

import asyncpg

MARKETPLACE = "SELECT marketplace_id FROM marketplace_directory WHERE kind = 'marketplace' AND name = $1"
SELLERS_USER = """
SELECT u.key FROM users u
WHERE u.marketplace_id = $1 AND u."Username" = $2 AND u."BuyerID" IS NULL AND u."SupplierID" IS NULL
"""
NAME_USER = "UPDATE marketplaces SET auto_forwarding_user_key = $2 WHERE marketplace_id = $1"


class UnknownNameError(RuntimeError):
    """A marketplace or a user that there is not."""


async def set_auto_forwarding_user(pool: asyncpg.Pool, marketplace: str, username: str) -> None:
    """Let a user of the seller forward orders. `marketplace` is the wire's ID. Raises UnknownNameError."""
    marketplace_id = await pool.fetchval(MARKETPLACE, marketplace)
    if marketplace_id is None:
        raise UnknownNameError(f"There is no marketplace {marketplace}.")
    user_key = await pool.fetchval(SELLERS_USER, marketplace_id, username)
    if user_key is None:
        raise UnknownNameError(f"{username} is no user of the marketplace's owner.")
    await pool.execute(NAME_USER, marketplace_id, user_key)
