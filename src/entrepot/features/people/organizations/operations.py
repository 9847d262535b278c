"""The use cases of organizations, beside the uniform operations."""

from __future__ import annotations

from entrepot.declare.operation import Operation
from entrepot.features.people.organizations.memberships import membership_operations
from entrepot.features.people.organizations.relationships import (
    delete_supplier_buyer,
    list_buyer_sellers,
    list_my_sellers,
    list_supplier_buyers,
    save_supplier_buyer,
)
from entrepot.features.people.organizations.resources import (
    ADMIN_USER_GROUPS,
    SUPPLIER_USER_GROUPS,
    USER_GROUPS,
)

OPERATIONS: tuple[Operation, ...] = (
    list_buyer_sellers,
    list_my_sellers,
    list_supplier_buyers,
    save_supplier_buyer,
    delete_supplier_buyer,
    *membership_operations(USER_GROUPS),
    *membership_operations(SUPPLIER_USER_GROUPS),
    *membership_operations(ADMIN_USER_GROUPS),
)
