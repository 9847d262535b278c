"""Taking an API client from a company: the two deletes whose paths lead through the company (AUTH-41)."""

from __future__ import annotations

from entrepot.declare.operation import Operation, Reply, Unit, operation
from entrepot.declare.roles import SELLERS_ONLY, Right
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call
from entrepot.features.people.oauth.resources import API_CLIENTS
from entrepot.kernel.errors import NotFoundError


def _delete_operation(company: str, table: str) -> Operation:
    parameter = f"{company.lower()}ID"
    exist = f"""
SELECT EXISTS (SELECT 1 FROM {table} WHERE marketplace_id = $1 AND "ID" = $2),
       EXISTS (SELECT 1 FROM api_clients WHERE marketplace_id = $1 AND "ID" = $3)
"""
    remove = f"""
DELETE FROM api_client_assignments WHERE marketplace_id = $1 AND "{company}ID" = $2 AND "ApiClientID" = $3
RETURNING key
"""

    @operation(
        f"ApiClients.Delete{company}Assignment",
        "DELETE",
        f"/{table}/{{{parameter}}}/ApiClients/Assignments/{{apiClientID}}",
        tag=API_CLIENTS.title,
        summary=f"Remove the assignment of an ApiClient to a {company.lower()}",
        status=204,
        roles=API_CLIENTS.roles.assign,
        user_types=allowed_types(SELLERS_ONLY, Right.WRITE),
        errors=(NotFoundError,),
        unit=Unit.WRITE,
        resource=API_CLIENTS.name,
        table="api_client_assignments",
        arguments=("apiClientID", parameter),
    )
    async def delete(call: Call) -> Reply:
        company_id, client_id = call.path[parameter], call.path["apiClientID"]
        removed = await call.db.fetchval(remove, call.marketplace_id, company_id, client_id)
        if removed is None:
            found = await call.db.fetchrow(exist, call.marketplace_id, company_id, client_id)
            for object_type, object_id, exists in zip(
                (company, "ApiClient"), (company_id, client_id), found or (), strict=True
            ):
                if not exists:
                    raise NotFoundError(object_type, object_id)
            raise NotFoundError("ApiClientAssignment", client_id)
        return Reply()

    return delete


delete_buyer_assignment = _delete_operation("Buyer", "buyers")
delete_supplier_assignment = _delete_operation("Supplier", "suppliers")
