"""What of a marketplace listens, as one statement reads it and a process remembers it under the security epoch.

It is the one place that is asked before something is told. Warm it costs nothing, cold one statement. All tables that it is
made of feed the epoch: webhooks, message senders, delivery configurations, synchronizations, tracking events, inventory
integration and error configuration.
"""

from __future__ import annotations

import base64
from typing import Any

from entrepot.declare.feeds import Feed
from entrepot.engine.call import Call
from entrepot.engine.recording import Recording
from entrepot.engine.remembered import Remembered
from entrepot.engine.wire.json import load
from entrepot.features.people.deliveries.listeners import Listeners
from entrepot.features.people.integrations.signing import HASH_KEY
from entrepot.features.people.integrations.targets import DeliveryTargets
from entrepot.features.people.services import services

MOST = 32 * 2**20
"""Characters of what is remembered, of all marketplaces."""
MOST_OF_A_KIND = 2_000
"""Webhooks, senders, configurations, tracking events of one marketplace that are heard; those with the lowest IDs, of webhooks first those
that may block a request."""
FORMER_NAMES = frozenset({"Mandrill"})
"""Of targets that stand under their newer ones as well (DC-2)."""

_TARGETS = ", ".join(
    f"CASE WHEN t.\"DeliveryTargets\" ->> '{name}' IS NOT NULL THEN '{name}' END"
    for name in DeliveryTargets.__columns__
    if name not in FORMER_NAMES
)


def _rows(table: str, columns: str, order: str = '"ID"', first: str = "") -> str:
    """first: what puts those before the others that are not to be left out."""
    return f"""(
SELECT json_agg(r ORDER BY r.{order}) FROM (
    SELECT {columns} FROM {table} t WHERE t.marketplace_id = $1 ORDER BY {first}t.{order} LIMIT {MOST_OF_A_KIND}) r)"""


def _sync(table: str, **columns: str) -> str:
    given = {
        "setting": "t.setting::text",
        "changed": "true",
        "deleted": "true",
        "paused": "false",
        "exclude_price_schedules": "false",
        "ConfigData": "NULL::json",
    } | columns
    values = ", ".join(f'{value} AS "{name}"' for name, value in given.items())
    return f'SELECT {values}, t."DeliveryConfigID" FROM {table} t WHERE t.marketplace_id = $1'


_SYNCS = " UNION ALL ".join(
    (
        _sync(
            "product_sync_configs",
            changed='t."SyncProductChanged"',
            deleted='t."SyncProductDeleted"',
            paused='t."Paused"',
            exclude_price_schedules='t."ExcludePriceSchedules"',
            ConfigData='t."ConfigData"',
        ),
        _sync("order_sync_configs", deleted="false", ConfigData='t."ConfigData"'),
        _sync(
            "entity_sync_configs",
            changed='t."SyncEntityChanged"',
            deleted='t."SyncEntityDeleted"',
            paused='t."Paused"',
        ),
    )
)
_HOOKS = _rows(
    "webhooks",
    f"""t."ID", t."Name", t."Url", t."BeforeProcessRequest", t."DeliveryConfigID", t."ElevatedRoles", t."ConfigData",
        t."ApiClientIDs", t."WebhookRoutes", t."CustomAuthHeaderName", t."CustomAuthHeaderValue",
        encode(t.{HASH_KEY}, 'base64') AS {HASH_KEY}""",
    first='t."BeforeProcessRequest" DESC, ',
)
_SENDERS = _rows(
    "message_senders",
    't."ID", t."URL", t."DeliveryConfigID", t."ElevatedRoles", t."AllowAllBuyers", t."MessageTypes"',
)
_CONFIGS = _rows("delivery_configs", f't."ID", t."Enabled", array_remove(ARRAY[{_TARGETS}], NULL) AS targets')
_TRACKING = _rows(
    "tracking_events", 't."ID", t."ClientID", t."EventType", t."DeliveryConfigID", t."ConfigData"'
)
_INVENTORY = _rows(
    "inventory_integrations", 't.setting, t."DeliveryConfigID", t."LimitNotifications"', "setting"
)
_ERRORS = _rows("error_configs", 't.setting, t."DeliveryConfigID"', "setting")

READ = f"""
SELECT s.epoch, json_build_object('hooks', {_HOOKS}, 'senders', {_SENDERS}, 'configs', {_CONFIGS},
    'tracking', {_TRACKING}, 'inventory', {_INVENTORY}, 'errors', {_ERRORS},
    'syncs', (SELECT json_agg(r) FROM ({_SYNCS}) r))::text AS found
FROM security_epochs s WHERE s.marketplace_id = $1
"""
TABLES = (
    "webhooks",
    "message_senders",
    "delivery_configs",
    "product_sync_configs",
    "order_sync_configs",
    "entity_sync_configs",
    "tracking_events",
    "inventory_integrations",
    "error_configs",
)
"""What READ reads. Going along with what is deleted counts as written."""
NOTHING: dict[str, Any] = dict.fromkeys(
    ("hooks", "senders", "configs", "tracking", "inventory", "errors", "syncs")
)
SECRETS = ("CustomAuthHeaderName", "CustomAuthHeaderValue", HASH_KEY)


class ListeningMemory:
    """The listeners of marketplaces. One per process."""

    def __init__(self) -> None:
        self._known: Remembered[Listeners] = Remembered(Feed.SECURITY, MOST)

    async def of(self, call: Call) -> Listeners:
        """Those of the call's marketplace; of a unit that has written what they are made of, what it would find itself."""
        # Of a caller that was checked earlier its unit will say so, and run again.
        found = self._known.since(call, "", call.principal.epoch)
        if found is None:
            row = await call.db.fetchrow(READ, call.marketplace_id)
            if row is None:
                return Listeners(0, NOTHING)
            found = Listeners(row["epoch"], _parsed(row["found"]))
            self._known.keep(call, "", found.epoch, found, 1_000 + len(row["found"]))
        return found

    def raised(self, call: Call, recording: Recording) -> None:
        """A unit of this process has raised the epoch; where it wrote none of the tables, the same listen as before. So changes of
        profiles, users and clients cost the writes after them nothing.
        """
        feeding = services(call).feeding
        if recording.security_epoch is not None and recording.fed.isdisjoint(
            feeds for table in TABLES for feeds in feeding.feeds[table]
        ):
            self._known.stands(call, "", recording.security_epoch)


async def listeners(call: Call) -> Listeners:
    """What listens in the call's marketplace, as of the epoch at which its caller was checked or later; no statement where that is
    known.
    """
    return await services(call).memory(ListeningMemory).of(call)


def _parsed(text: str) -> dict[str, Any]:
    found: dict[str, Any] = load(text)
    for hook in found["hooks"] or ():
        secrets = {name: hook.pop(name) for name in SECRETS}
        if secrets[HASH_KEY] is not None:
            secrets[HASH_KEY] = base64.b64decode(secrets[HASH_KEY])
        hook["secrets"] = secrets
    return found
