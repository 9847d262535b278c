"""The use cases of grants, API clients and keys, beside the uniform operations."""

from __future__ import annotations

from entrepot.declare.operation import Operation
from entrepot.features.people.oauth import assignments, certs, impersonation, secrets, token_endpoint

OPERATIONS: tuple[Operation, ...] = (
    token_endpoint.create_token,
    certs.list_keys,
    certs.get_key,
    certs.get_user_info,
    certs.post_user_info,
    secrets.create_secret,
    assignments.delete_buyer_assignment,
    assignments.delete_supplier_assignment,
    impersonation.get_access_token,
)
