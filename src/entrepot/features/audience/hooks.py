"""Assignments that decide what shoppers see."""

from __future__ import annotations

from typing import Any

from entrepot.declare.assignment import AssignmentHooks
from entrepot.engine.call import Call
from entrepot.engine.catalog_epoch import raise_catalog_epoch

Values = dict[str, Any]


class RememberedAssignmentHooks(AssignmentHooks):
    """Processes remember shoppers with what such rows give them: each change makes them forget it."""

    async def after_write(self, call: Call, old: Values | None, new: Values) -> None:
        await raise_catalog_epoch(call)

    async def after_delete(self, call: Call, old: Values) -> None:
        await raise_catalog_epoch(call)
