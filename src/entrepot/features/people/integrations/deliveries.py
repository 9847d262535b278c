"""Delivery configurations (DC-1, DC-2, DC-4)."""

from __future__ import annotations

import copy
from typing import Any

from entrepot.declare.entity import Entity
from entrepot.declare.feeds import Feed, Feeds
from entrepot.declare.resource import Resource
from entrepot.declare.roles import SELLERS_ONLY, Roles
from entrepot.declare.types import Bool, Id, Text
from entrepot.declare.wire import Reference, Wire, column
from entrepot.domain.deliveries import connection_strings
from entrepot.engine.call import Call
from entrepot.features.people.integrations.extras import EXTRA, lacking
from entrepot.features.people.integrations.hooks import IntegrationHooks, check_header, drop_orphaned_header
from entrepot.features.people.integrations.in_use import Uses
from entrepot.features.people.integrations.targets import DeliveryTargets
from entrepot.kernel.errors import DeliveryConfigInUseError, PropertyError, ValidationError

Values = dict[str, Any]

DELIVERY_REFERENCE = Reference("delivery_configs", on_delete="refuse")
USES = Uses(
    "delivery_configs",
    tuple(
        (table, "DeliveryConfigID")
        for table in (
            "webhooks",
            "message_senders",
            "tracking_events",
            "error_configs",
            "product_sync_configs",
            "order_sync_configs",
            "entity_sync_configs",
            "inventory_integrations",
        )
    ),
    DeliveryConfigInUseError,
)
MAILCHIMP, MANDRILL = "Mailchimp", "Mandrill"
BY_CONNECTION_STRING = ("EventHub", "AzureBlob", "AzureTable", "CosmosDb")
WITH_HEADERS = (("Http",), ("SearchIngestion", "Content", "Http"))


class DeliveryConfig(Wire):
    """Where messages of one or more integrations go."""

    ID: Id = column()
    Name: Text = column(required=True, max=128)
    Enabled: Bool = column()
    DeliveryTargets: DeliveryTargets = column(required=True)


class DeliveryConfigHooks(IntegrationHooks):
    """Headers within targets; Mailchimp under both of its names."""

    def normalise(self, values: Values, old: Values | None) -> None:
        # A PATCH of other properties leaves the stored object itself here.
        values["DeliveryTargets"] = copy.deepcopy(values["DeliveryTargets"])
        for path in WITH_HEADERS:
            target = _within(values, path)
            if target is not None:
                drop_orphaned_header(target, _within(old or {}, path))

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        await super().check_write(call, old, new)
        # Only now, so that it has been sealed once.
        new["DeliveryTargets"][MANDRILL] = new["DeliveryTargets"][MAILCHIMP]

    async def check(self, call: Call, old: Values | None, new: Values) -> None:
        for path in WITH_HEADERS:
            check_header(_within(new, path) or {}, ".".join(("DeliveryTargets", *path, "")))
        targets = new["DeliveryTargets"]
        before = {} if old is None else old["DeliveryTargets"]
        _check_installed(before, targets)
        _check_connection_strings(before, targets)
        targets[MAILCHIMP] = _either_name(before, targets, patched=call.operation.verb == "PATCH")
        targets[MANDRILL] = None

    async def check_delete(self, call: Call, old: Values) -> None:
        await USES.refuse_deletion(call, old["ID"])


def _check_installed(before: Values, targets: Values) -> None:
    """No target may be set that this installation cannot deliver to. Raises ValidationError."""
    missing = {
        name: package
        for name, value in targets.items()
        if value is not None and value != before.get(name) and (package := lacking(name))
    }
    if missing:
        raise ValidationError(
            *(
                PropertyError(
                    f"DeliveryTargets.{name} needs the package {package}, which this server lacks: install {EXTRA}.",
                    {"Property": f"DeliveryTargets.{name}"},
                )
                for name, package in missing.items()
            )
        )


def _check_connection_strings(before: Values, targets: Values) -> None:
    """What is sent anew has to say where to and with which key. Raises ValidationError."""
    refused: list[PropertyError] = []
    for name in BY_CONNECTION_STRING:
        text = (targets.get(name) or {}).get("ConnectionString")
        # One that was sealed before is none that the caller sends.
        if text and text != (before.get(name) or {}).get("ConnectionString"):
            try:
                connection_strings.check(name, text)
            except connection_strings.ConnectionStringError as error:
                place = f"DeliveryTargets.{name}.ConnectionString"
                refused.append(PropertyError(f"{place}: {error}", {"Property": place}))
    if refused:
        raise ValidationError(*refused)


def _within(values: Values, path: tuple[str, ...]) -> Values | None:
    found: Any = values.get("DeliveryTargets")
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else None


def _either_name(old: Values, targets: Values, *, patched: bool) -> Any:
    """What both names are to hold (DC-2): the newer one's, unless only the older one was sent."""
    if patched:
        changed = [name for name in (MAILCHIMP, MANDRILL) if targets.get(name) != old.get(name)]
    else:
        changed = [name for name in (MAILCHIMP, MANDRILL) if targets.get(name) is not None]
        # Of two that were sent, one may only repeat what GET showed: its secret is the stored one.
        changed.sort(key=lambda name: targets[name] == old.get(name))
    return targets.get(changed[0] if changed else MAILCHIMP)


DELIVERY_CONFIG = Entity(
    model=DeliveryConfig,
    table="delivery_configs",
    object_type="DeliveryConfig",
    # Who listens is remembered (deliveries/listening.py).
    feeds=(Feeds(feed=Feed.SECURITY),),
    keeps={"DeliveryTargets": "IDs are those of the services delivered to"},
)
DELIVERY_CONFIGURATIONS = Resource(
    name="DeliveryConfigurations",
    entity=DELIVERY_CONFIG,
    path="/integrations/deliveryconfig",
    item="deliveryConfigID",
    roles=Roles.of(read=("DeliveryConfigAdmin",), write=("DeliveryConfigAdmin",)),
    access=SELLERS_ONLY,
    search=("ID", "Name"),
    sort=("ID", "Name"),
    hooks=DeliveryConfigHooks(DELIVERY_CONFIG),
)
