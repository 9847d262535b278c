"""What a violated constraint means to the caller.

Distributed databases report no constraint name, and names end in a shard number: the name is taken from the message
(citus.md 18).
"""

from __future__ import annotations

import re

import asyncpg

from entrepot.declare.entity import Entity
from entrepot.kernel.errors import ApiError, IdExistsError

CONSTRAINT = re.compile(r'constraint "(.+?)(?:_\d+)?"')


def refusal(error: asyncpg.UniqueViolationError, entity: Entity, object_id: str) -> ApiError:
    """The ApiError of a duplicate key: the index's own where it declares one, else 409 IdExists."""
    match = CONSTRAINT.search(str(error))
    name = match[1] if match else ""
    for index in entity.indexes:
        if index.name == name and index.error is not None:
            return index.error()
    return IdExistsError(entity.object_type, object_id)
