"""What records name: an object that was deleted meanwhile, or that the token may not read, would have the whole file refused."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from entrepot.declare.registry import Registry
from entrepot.features.seeding.batches import Look
from entrepot.features.seeding.kinds import Kind, kinds_of
from entrepot.features.seeding.looks import looks_of
from entrepot.features.seeding.own import settings
from entrepot.features.seeding.own.listeners import ASSIGNMENT, LISTENERS
from entrepot.features.seeding.placeholders import MARKETPLACE, REDACTED
from entrepot.features.seeding.remote.findings import Findings
from entrepot.features.seeding.remote.known import USERNAMES, Home, Known

Values = dict[str, Any]
CLIENTS = "ApiClientIDs"
INTEGRATION = settings.PROMOTION.entity.table
BY_HOOKS = {
    "Products": {"ShipFromAddressID": "addresses"},
    "InventoryRecords": {"AddressID": "addresses"},
    "VariantInventoryRecords": {"AddressID": "addresses"},
    "ApprovalRules": {"ApprovingGroupID": "user_groups"},
    "SellerApprovalRules": {"ApprovingGroupID": "user_groups"},
    "ImpersonationConfigs": {
        "ImpersonationGroupID": "user_groups",
        "ImpersonationUserID": "users",
        "GroupID": "user_groups",
        "UserID": "users",
    },
    "ApiClients": {"DefaultContextUserName": USERNAMES},
}
"""Properties that name something as rules find it, which no declaration tells: where, and which table."""
NEEDED = frozenset({
    ("InventoryIntegrations", "DeliveryConfigID"),
    ("ImpersonationConfigs", "ImpersonationBuyerID"),
    ("ImpersonationConfigs", "BuyerID"),
})  # fmt: skip
"""What no declaration requires, but a rule; or what narrows a record, which without it would be about everybody."""
SPARED = frozenset({"ShipFromAddressID", "DefaultContextUserName"})
"""Those of them that may be empty. Without its users, an impersonation config would be about more users."""


class Naming:
    """Mends records, kind after kind in the order of writing."""

    def __init__(self, registry: Registry, known: Known, findings: Findings) -> None:
        self._known = known
        self._findings = findings
        self._looks = {kind.name: looks_of(kind, registry) for kind in kinds_of(registry)}
        self._senders = next(kind for kind in kinds_of(registry) if kind.name == "MessageSenderAssignments")
        self._dropped: dict[tuple[str, Home], set[str]] = defaultdict(set)

    def mended(self, kind: Kind, record: Values) -> Values | None:
        """The record without what names nothing, or None for one that is nothing without it."""
        mended = record
        for look in self._looks[kind.name]:
            value = mended.get(look.shown)
            if not isinstance(value, str) or not value or value in {MARKETPLACE, REDACTED}:
                continue
            if self._stands(look.table, value, _home(look, mended)):
                continue
            if look.owner:
                mended = self._put(kind, mended, look.shown, MARKETPLACE)
            elif self._is_optional(kind, look) and (kind.name, look.shown) not in NEEDED:
                mended = self._put(kind, mended, look.shown, None)
            else:
                self._drop(kind, record)
                return None
        for name, table in BY_HOOKS.get(kind.name, {}).items():
            value = mended.get(name)
            if isinstance(value, str) and value and not self._known.has_anywhere(table, value):
                if name not in SPARED:
                    self._drop(kind, record)
                    return None
                mended = self._put(kind, mended, name, None)
        if kind.name == "Promotions" and mended.get("UseIntegration") and not self._known.ids(INTEGRATION):
            self._drop(kind, record)
            return None
        listened = mended.get(ASSIGNMENT) if kind.name == LISTENERS.name else None
        if listened is not None and not self._known.has_assignment(self._senders, listened):
            self._drop(kind, record)
            return None
        clients = mended.get(CLIENTS)
        if isinstance(clients, list):
            standing = [each for each in clients if self._stands("api_clients", str(each), ())]
            if len(standing) < len(clients):
                mended = self._put(kind, mended, CLIENTS, standing)
        return mended

    def _put(self, kind: Kind, record: Values, name: str, value: Any) -> Values:
        self._findings.cleared[f"{kind.name}.{name}"] += 1
        return {**record, name: value}

    def _drop(self, kind: Kind, record: Values) -> None:
        self._findings.dropped[kind.name] += 1
        self.leave_out(kind, record)

    def leave_out(self, kind: Kind, record: Values) -> None:
        """Of an object: what names it names nothing from here on."""
        if kind.section == "Objects" and kind.resource is not None:
            home = tuple((within.column, str(record.get(within.column)).lower()) for within in kind.within)
            self._dropped[kind.table, home].add(str(record.get(kind.id_name)).lower())

    def _stands(self, table: str, value: str, home: Home) -> bool:
        return self._known.has(table, value, home) and value.lower() not in self._dropped[table, home]

    def _is_optional(self, kind: Kind, look: Look) -> bool:
        """Whether a record can do without. What an assignment is of, and to whom, it cannot: to a whole company in place of a group
        would be something else.
        """
        columns = {column.name: column for column in kind.columns}
        if kind.section == "Assignments":
            settings = () if kind.assignment is None else kind.assignment.settings
            named = {column.name for column in settings}
            return look.shown in named and not columns[look.shown].required
        column = columns.get(look.shown)
        return (
            column is not None and not column.required and look.shown not in {w.column for w in kind.within}
        )


def _home(look: Look, record: Values) -> Home:
    return tuple((column, str(record[column]).lower()) for column in look.home if record.get(column))
