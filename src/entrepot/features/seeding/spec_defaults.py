"""Default options of specs: given to the specs when both stand, since each refers to the other (SPC-2, SPC-5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import asyncpg

from entrepot.features.seeding.identities import Identities
from entrepot.features.seeding.problems import Problems

NAME = "DefaultOptionID"
SET_DEFAULTS = """
UPDATE specs s SET "DefaultOptionID" = n.option FROM unnest($2::citext[], $3::citext[]) AS n(id, option)
WHERE s.marketplace_id = $1 AND s."ID" = n.id
"""


@dataclass(slots=True)
class _Default:
    line: int
    spec: str
    option: str


class SpecDefaults:
    """Those of a file's specs."""

    def __init__(self) -> None:
        self._defaults: list[_Default] = []

    def take(self, line: int, record: dict[str, Any]) -> dict[str, Any]:
        """The spec without its default option, which is kept for later."""
        option = record.get(NAME)
        if not option or not isinstance(record.get("ID"), str):
            return record
        self._defaults.append(_Default(line, record["ID"], str(option)))
        return {**record, NAME: None}

    def check(self, identities: Identities, problems: Problems) -> None:
        """Every default is an option of its own spec."""
        for default in self._defaults:
            found = identities.find("spec_options", f"SpecID={default.spec}", default.option)
            if found is None:
                message = f"there is no SpecOption {default.option} under SpecID {default.spec} in the file"
                problems.add(default.line, f"Specs.{default.spec}", message, NAME)
            else:
                default.option = found

    async def write(self, connection: asyncpg.Connection, marketplace_id: int) -> None:
        """One statement, after specs and options."""
        if self._defaults:
            specs = [default.spec for default in self._defaults]
            options = [default.option for default in self._defaults]
            await connection.execute(SET_DEFAULTS, marketplace_id, specs, options)
