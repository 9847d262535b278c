"""The use cases of identity, beside the uniform operations."""

from __future__ import annotations

from entrepot.declare.operation import Operation
from entrepot.features.people.identity import credential_messages, me, users, verification_codes

OPERATIONS: tuple[Operation, ...] = (
    *users.OPERATIONS,
    *me.OPERATIONS,
    *verification_codes.OPERATIONS,
    *credential_messages.OPERATIONS,
)
