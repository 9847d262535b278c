"""Webhooks that are to be asked before a request (WH-3), as long as nobody asks them: whoever relies on one should know."""

from __future__ import annotations

import structlog

from entrepot.engine.call import Call, Database

# The one look without a marketplace, once per start.
COUNT = """
SELECT count(*) AS webhooks, count(DISTINCT marketplace_id) AS marketplaces FROM webhooks WHERE "BeforeProcessRequest"
"""
CONSEQUENCE = "webhooks are not called yet: what a webhook with BeforeProcessRequest is to block is done"

log = structlog.get_logger("entrepot.webhooks")


def warn_of_save(call: Call, webhook_id: str) -> None:
    """A webhook is saved that is to be asked before requests."""
    log.warning(CONSEQUENCE, marketplace=call.principal.marketplace, webhook=webhook_id)


async def warn_at_start(db: Database) -> None:
    """How many there are; nothing for none. One statement."""
    found = await db.fetchrow(COUNT)
    if found is not None and found["webhooks"]:
        log.warning(CONSEQUENCE, webhooks=found["webhooks"], marketplaces=found["marketplaces"])
