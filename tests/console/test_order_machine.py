"""What the console draws of the life of an order is what the server's own table says."""

from __future__ import annotations

import json

from tests.strict import ROOT

from entrepot.domain.orders.status import TRANSITIONS


def test_the_console_knows_every_move_of_orders() -> None:
    """To write it anew: dump the list below into that file, a row a line."""
    drawn = json.loads((ROOT / "console/src/pages/orders/machine.json").read_text())
    assert drawn == [
        {"event": move.event, "before": move.before, "after": move.after, "actor": move.actor}
        for move in TRANSITIONS
    ]
