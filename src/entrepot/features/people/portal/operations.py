"""The portal's operations in this wing."""

from __future__ import annotations

from entrepot.declare.operation import Operation
from entrepot.features.people.portal import (
    confirming,
    forgotten,
    giving_up,
    grants,
    marketplaces,
    me,
    pickers,
    regions,
    sign_up,
    staging,
    tokens,
)

OPERATIONS: tuple[Operation, ...] = (
    *grants.OPERATIONS,
    *sign_up.OPERATIONS,
    *forgotten.OPERATIONS,
    *me.OPERATIONS,
    *confirming.OPERATIONS,
    *marketplaces.OPERATIONS,
    *giving_up.OPERATIONS,
    *regions.OPERATIONS,
    *pickers.OPERATIONS,
    *tokens.OPERATIONS,
    *staging.OPERATIONS,
)
