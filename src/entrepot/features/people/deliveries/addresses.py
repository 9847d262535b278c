"""Where a delivery goes, read at each attempt, so that a corrected URL or secret helps what is still to be delivered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from entrepot.declare.wire import Wire
from entrepot.engine.call import Call
from entrepot.engine.wire.json import load
from entrepot.features.people.deliveries.events import URL
from entrepot.features.people.integrations.deliveries import DELIVERY_CONFIG
from entrepot.features.people.integrations.hooks import HEADER_NAME, HEADER_VALUE
from entrepot.features.people.integrations.sealing import column_of, open_secrets, place
from entrepot.features.people.integrations.senders import MESSAGE_SENDER
from entrepot.features.people.integrations.webhooks import WEBHOOK
from entrepot.features.people.services import services

Values = Mapping[str, Any]

CONFIG = """
SELECT "Enabled", "DeliveryTargets" FROM delivery_configs WHERE marketplace_id = $1 AND "ID" = $2
"""


class NobodyThereError(Exception):
    """Nobody is there any more to deliver to; the text says why."""


@dataclass(frozen=True, slots=True)
class Own:
    """The URL of an integration itself, and its secret."""

    table: str
    model: type[Wire]
    url: str
    secret: str

    @property
    def sql(self) -> str:
        with_header = HEADER_NAME in self.model.__columns__
        header = f', "{HEADER_NAME}", "{HEADER_VALUE}"' if with_header else ""
        return f"""
SELECT "{self.url}", {column_of(self.secret)}{header} FROM {self.table} WHERE marketplace_id = $1 AND "ID" = $2"""


OWN: Mapping[str, Own] = {
    "Webhook": Own(WEBHOOK.table, WEBHOOK.model, "Url", "HashKey"),
    "MessageSender": Own(MESSAGE_SENDER.table, MESSAGE_SENDER.model, "URL", "SharedKey"),
}
"""By integration."""


async def settings_of(
    call: Call, integration: str, integration_id: str, target: str, config_id: str | None
) -> Values:
    """The target's settings, secrets in clear; {} of targets of our own. One statement, none for those.

    Raises NobodyThereError.
    """
    if config_id is not None:
        return await _configured(call, config_id, target)
    if target != URL:
        return {}
    own = OWN.get(integration)
    row = None if own is None else await call.db.fetchrow(own.sql, call.marketplace_id, integration_id)
    if own is None or row is None:
        raise NobodyThereError(f"{integration} {integration_id} is gone.")
    if not row[own.url]:
        raise NobodyThereError(f"{integration} {integration_id} has no URL.")
    box, marketplace_id = services(call).box, call.marketplace_id
    opened = open_secrets(box, own.table, marketplace_id, own.model, dict(row))
    sealed = row[column_of(own.secret)]
    where = place(own.table, own.secret, marketplace_id)
    return {
        "Endpoint": row[own.url],
        "Secret": None if sealed is None else box.open_text(sealed, where),
        HEADER_NAME: opened.get(HEADER_NAME),
        HEADER_VALUE: opened.get(HEADER_VALUE),
    }


async def _configured(call: Call, config_id: str, target: str) -> Values:
    row = await call.db.fetchrow(CONFIG, call.marketplace_id, config_id)
    if row is None:
        raise NobodyThereError(f"DeliveryConfig {config_id} is gone.")
    if not row["Enabled"]:
        raise NobodyThereError(f"DeliveryConfig {config_id} is disabled.")
    stored = {"DeliveryTargets": load(row["DeliveryTargets"] or "{}")}
    table, model = DELIVERY_CONFIG.table, DELIVERY_CONFIG.model
    opened = open_secrets(services(call).box, table, call.marketplace_id, model, stored)
    settings: Values | None = opened["DeliveryTargets"].get(target)
    if settings is None:
        raise NobodyThereError(f"DeliveryConfig {config_id} has no {target} any more.")
    return settings
