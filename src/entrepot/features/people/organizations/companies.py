"""What buyers and suppliers have in common: users who log in, and rules that name them."""

from __future__ import annotations

from entrepot.engine.call import Call
from entrepot.kernel.errors import DeleteDefaultContextUserError, IdExistsError, ImpersonatedPartyError

BUYER_IN_USE = """
SELECT
    EXISTS (SELECT 1 FROM impersonation_configs c
            WHERE c.marketplace_id = $1 AND (c."BuyerID" = $2 OR c."ImpersonationBuyerID" = $2)),
    EXISTS (SELECT 1 FROM api_clients a
            JOIN users u ON u.marketplace_id = $1 AND u.key = a.default_context_user_key
            WHERE a.marketplace_id = $1 AND u."BuyerID" = $2)
"""
SUPPLIER_IN_USE = """
SELECT
    false,
    EXISTS (SELECT 1 FROM api_clients a
            JOIN users u ON u.marketplace_id = $1 AND u.key = a.default_context_user_key
            WHERE a.marketplace_id = $1 AND u."SupplierID" = $2)
"""


def refuse_ids_of_sellers(call: Call, object_type: str, company_id: str) -> None:
    """409 where a buyer or a supplier would take the marketplace's ID, which is the seller's as a company (ORG-1).

    Orders, owners and assignments name companies of any kind by ID, so whoever had it would pass for the seller.
    """
    if company_id.lower() == call.principal.marketplace.lower():
        raise IdExistsError(object_type, company_id)


async def prepare_deletion(call: Call, company_id: str, in_use: str) -> None:
    """Before a deletion: refuse where a rule or an API client relies on the company's users."""
    row = await call.db.fetchrow(in_use, call.marketplace_id, company_id)
    impersonated, speaks_for_client = row or (False, False)
    if impersonated:
        raise ImpersonatedPartyError
    if speaks_for_client:
        raise DeleteDefaultContextUserError
