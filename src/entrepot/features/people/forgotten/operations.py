"""The use cases of whoever has forgotten something."""

from __future__ import annotations

from entrepot.declare.operation import Operation
from entrepot.features.people.forgotten import credential_messages, verification_codes

OPERATIONS: tuple[Operation, ...] = (*verification_codes.OPERATIONS, *credential_messages.OPERATIONS)
