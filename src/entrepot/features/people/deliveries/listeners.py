"""What listens in a marketplace: webhooks, senders, synchronizations, tracking, inventory, errors; as of one moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from entrepot.declare.operation import Operation

NO_HOOKS: tuple[Hook, ...] = ()
NAMED = {"Webhook": "hooks", "MessageSender": "senders", "TrackingEvent": "tracking"}
"""Integrations that have IDs, as deliveries call them, and where they stand in what was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A delivery configuration. targets: the names of those that are set, Mailchimp under that name alone."""

    id: str
    enabled: bool
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A webhook (WH-1 to WH-5). clients: IDs of API clients, folded. row: the secrets as they are sealed, for
    integrations/signing.py `read_credentials`.
    """

    id: str
    name: str
    url: str | None
    before: bool
    config_id: str | None
    elevated: tuple[str, ...]
    config_data: Any
    clients: frozenset[str]
    row: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """A message sender (MS-1). Whom it serves stands in its assignments, which are read where a message is expanded."""

    id: str
    url: str | None
    config_id: str | None
    elevated: tuple[str, ...]
    allow_all_buyers: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """A synchronization: `ProductSync`, `OrderSync`, or the name of an entity's, `BuyerUsers` (SYNC-2, SYNC-5)."""

    setting: str
    config_id: str
    changed: bool = True
    deleted: bool = False
    paused: bool = False
    exclude_price_schedules: bool = False
    config_data: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracking:
    """A tracking event (TRK-1)."""

    id: str
    config_id: str
    config_data: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """The inventory integration (INV-1, INV-2)."""

    config_id: str
    limited: bool


class Listeners:
    """Quick answers to whether anybody wants to hear of something. Whose configuration is disabled does not (DC-4)."""

    def __init__(self, epoch: int, found: Mapping[str, Any]) -> None:
        """epoch: the security epoch as of which it was read. found: as READ in listening.py makes it."""
        self.epoch = epoch
        self._configs = {each["ID"].lower(): _config(each) for each in found["configs"] or ()}
        self._ids = {
            (integration, each["ID"].lower())
            for integration, kind in NAMED.items()
            for each in found[kind] or ()
        }
        self._hooks = self._hooks_of(found["hooks"] or ())
        self._senders = self._senders_of(found["senders"] or ())
        self._syncs = {each["setting"]: _sync(each) for each in self._live(found["syncs"])}
        self._tracking = {
            (each["ClientID"].lower(), each["EventType"]): Tracking(
                id=each["ID"], config_id=each["DeliveryConfigID"], config_data=each["ConfigData"]
            )
            for each in self._live(found["tracking"])
        }
        self.inventory = next(
            (
                Inventory(config_id=each["DeliveryConfigID"], limited=bool(each["LimitNotifications"]))
                for each in self._live(found["inventory"])
            ),
            None,
        )
        self.error_config: str | None = next(
            (each["DeliveryConfigID"] for each in self._live(found["errors"])), None
        )
        """ID of the delivery configuration to which failures are reported (ERR-1)."""

    def config(self, config_id: str) -> Config | None:
        """A delivery configuration, disabled or not; None where it is gone."""
        return self._configs.get(config_id.lower())

    def knows(self, integration: str, integration_id: str, config_id: str | None) -> bool:
        """Whether what a delivery names is there, under this very ID."""
        if config_id is not None and self.config(config_id) is None:
            return False
        return integration not in NAMED or (integration, integration_id.lower()) in self._ids

    def hooks(self, client_id: str, operation: Operation) -> tuple[Hook, ...]:
        """The webhooks of an API client and an operation, those before and those after it, in the order of their IDs."""
        return self.heard(client_id, route_of(operation)) if self._hooks else NO_HOOKS

    def heard(self, client_id: str, route: tuple[str, str]) -> tuple[Hook, ...]:
        """The same of an operation by its route, folded as `route_of` does."""
        found = self._hooks.get(route, NO_HOOKS)
        return tuple(each for each in found if client_id.lower() in each.clients) if found else NO_HOOKS

    def hook(self, webhook_id: str) -> Hook | None:
        """A webhook by its ID."""
        folded = webhook_id.lower()
        return next(
            (each for hooks in self._hooks.values() for each in hooks if each.id.lower() == folded), None
        )

    def senders(self, message_type: str) -> tuple[Sender, ...]:
        """Those that take messages of a type, in the order of their IDs."""
        return self._senders.get(message_type, ())

    def syncs(self, setting: str) -> Sync | None:
        """The synchronization of `ProductSync`, `OrderSync`, or an entity, `BuyerUsers`."""
        return self._syncs.get(setting)

    def tracks(self, client_id: str, event_type: str) -> Tracking | None:
        """The tracking event of an API client and a type."""
        return self._tracking.get((client_id.lower(), event_type)) if self._tracking else None

    def _live(self, rows: Iterable[Mapping[str, Any]] | None) -> Iterable[Mapping[str, Any]]:
        for row in rows or ():
            config = self._configs.get((row["DeliveryConfigID"] or "").lower())
            if config is not None and config.enabled:
                yield row

    def _hooks_of(self, rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], tuple[Hook, ...]]:
        found: dict[tuple[str, str], list[Hook]] = defaultdict(list)
        for row in rows:
            if row["DeliveryConfigID"] and not list(self._live([row])):
                continue
            hook = _hook(row)
            routes = {
                (str(each.get("Verb") or "").upper(), str(each.get("Route") or "").strip("/").lower())
                for each in row["WebhookRoutes"] or ()
            }
            for route in routes:
                found[route].append(hook)
        return {route: tuple(hooks) for route, hooks in found.items()}

    def _senders_of(self, rows: Iterable[Mapping[str, Any]]) -> dict[str, tuple[Sender, ...]]:
        found: dict[str, list[Sender]] = defaultdict(list)
        for row in rows:
            if row["DeliveryConfigID"] and not list(self._live([row])):
                continue
            for message_type in dict.fromkeys(row["MessageTypes"] or ()):
                found[message_type].append(_sender(row))
        return {message_type: tuple(senders) for message_type, senders in found.items()}


def route_of(operation: Operation) -> tuple[str, str]:
    """How webhooks name an operation: its verb and its path below the host, folded (WH-1)."""
    return operation.verb, f"v1{operation.path}".lower()


def _config(row: Mapping[str, Any]) -> Config:
    return Config(id=row["ID"], enabled=bool(row["Enabled"]), targets=tuple(row["targets"] or ()))


def _hook(row: Mapping[str, Any]) -> Hook:
    return Hook(
        id=row["ID"],
        name=row["Name"],
        url=row["Url"],
        before=bool(row["BeforeProcessRequest"]),
        config_id=row["DeliveryConfigID"],
        elevated=tuple(row["ElevatedRoles"] or ()),
        config_data=row["ConfigData"],
        clients=frozenset(each.lower() for each in row["ApiClientIDs"] or ()),
        row=row["secrets"],
    )


def _sender(row: Mapping[str, Any]) -> Sender:
    return Sender(
        id=row["ID"],
        url=row["URL"],
        config_id=row["DeliveryConfigID"],
        elevated=tuple(row["ElevatedRoles"] or ()),
        allow_all_buyers=bool(row["AllowAllBuyers"]),
    )


def _sync(row: Mapping[str, Any]) -> Sync:
    return Sync(
        setting=row["setting"],
        config_id=row["DeliveryConfigID"],
        changed=bool(row["changed"]),
        deleted=bool(row["deleted"]),
        paused=bool(row["paused"]),
        exclude_price_schedules=bool(row["exclude_price_schedules"]),
        config_data=row["ConfigData"],
    )
