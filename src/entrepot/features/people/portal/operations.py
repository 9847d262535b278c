"""The portal's operations in this wing."""

from __future__ import annotations

from entrepot.declare.operation import Operation
from entrepot.features.people.portal import (
    confirming,
    forgotten,
    grants,
    me,
    pickers,
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
    *pickers.OPERATIONS,
    *tokens.OPERATIONS,
    *staging.OPERATIONS,
)
