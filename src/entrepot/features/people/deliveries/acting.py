"""Calls of the server's own in a marketplace, for what is done on nobody's behalf."""

from __future__ import annotations

from entrepot.declare.operation import chore
from entrepot.declare.roles import FULL_ACCESS
from entrepot.engine.call import Backend, Call
from entrepot.engine.marketplace_time import COLUMNS, JOIN, time_of
from entrepot.engine.principal import Principal
from entrepot.features.people.credentials.authenticator import HAS_FAULTS
from entrepot.kernel.user_types import UserType

DISPATCHING = chore("Deliveries.Dispatch")
MARKETPLACE = f"""
SELECT m."ID", s.epoch, {HAS_FAULTS} AS has_faults, {COLUMNS} FROM marketplaces m JOIN security_epochs s ON s.marketplace_id = $1 {JOIN}
WHERE m.marketplace_id = $1
"""


async def acting_call(backend: Backend, marketplace_id: int) -> Call:
    """A call that reads what holds now, as of the marketplace's security epoch. One statement."""
    row = await backend.pool.fetchrow(MARKETPLACE, marketplace_id)
    name, epoch = ("", 0) if row is None else (row["ID"], row["epoch"])
    acting = Principal(
        marketplace_id=marketplace_id,
        marketplace=name,
        user_key=0,
        user_id="",
        username="",
        user_type=UserType.SELLER,
        company_id=name,
        client_id="",
        roles=frozenset({FULL_ACCESS}),
        epoch=epoch,
        time=None if row is None else time_of(row),
        has_faults=row is not None and row["has_faults"],
    )
    return Call.of_server(DISPATCHING, backend, acting)
