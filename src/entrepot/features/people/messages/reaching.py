"""Which senders reach whom, and who gets copies (MS-6 to MS-8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from entrepot.domain.messages.types import MessageType
from entrepot.engine.call import Call
from entrepot.engine.wire.json import load
from entrepot.features.people.deliveries.listeners import Sender
from entrepot.features.people.messages.recipients import Recipient
from entrepot.kernel.sql import Sql

MOST_COPIES = 100
"""Addresses in a CC list: one that is a company of thousands must not become a load, least of all times thousands of recipients."""

CONFIGS = (
    'SELECT s."ID", s.xp FROM message_senders s WHERE s.marketplace_id = $1 AND s."ID" = ANY($2::citext[])'
)
OF_COMPANY = """
SELECT u.key AS user_key, a.key AS assignment, a."MessageSenderID"
FROM users u
JOIN message_sender_assignments a ON a.marketplace_id = :marketplace_id AND {company} AND a."MessageSenderID" = ANY(:senders::citext[])
WHERE u.marketplace_id = :marketplace_id AND u.key = ANY(:users::bigint[])
  AND (a.group_key IS NULL OR EXISTS (SELECT 1 FROM user_group_members m
                                      WHERE m.marketplace_id = :marketplace_id AND m.user_key = u.key AND m.group_key = a.group_key))"""
COMPANIES = (
    'a."BuyerID" = u."BuyerID"',
    'a."SupplierID" = u."SupplierID"',
    'a."BuyerID" IS NULL AND a."SupplierID" IS NULL AND u."BuyerID" IS NULL AND u."SupplierID" IS NULL',
)
REACHED = Sql("\nUNION ALL".join(OF_COMPANY.format(company=company) for company in COMPANIES)).bound(
    "marketplace_id", "users", "senders"
)
"""The assignments of senders by which users are reached. A group's names its company, too."""

LISTENING = """
SELECT u.key, u."Email" FROM users u
LEFT JOIN buyers b ON b.marketplace_id = :marketplace_id AND b."ID" = u."BuyerID"
LEFT JOIN suppliers s ON s.marketplace_id = :marketplace_id AND s."ID" = u."SupplierID"
WHERE u.marketplace_id = :marketplace_id AND u."Active" AND coalesce(b."Active", s."Active", true) AND {whom}"""
WHOM = (
    "u.key = l.user_key",
    (
        "l.user_key IS NULL AND u.key IN (SELECT m.user_key FROM user_group_members m"
        " WHERE m.marketplace_id = :marketplace_id AND m.group_key = l.group_key)"
    ),
    'l.user_key IS NULL AND l.group_key IS NULL AND u."BuyerID" = l."BuyerID"',
    'l.user_key IS NULL AND l.group_key IS NULL AND u."SupplierID" = l."SupplierID"',
    (
        'l.user_key IS NULL AND l.group_key IS NULL AND l."BuyerID" IS NULL AND l."SupplierID" IS NULL'
        ' AND u."BuyerID" IS NULL AND u."SupplierID" IS NULL'
    ),
)
"""A user, a group, a company; a listener that names nothing is the seller's whole company."""
COPIES = Sql(f"""
SELECT a.key AS assignment, found."Email"
FROM message_sender_assignments a
JOIN message_cc_listeners l ON l.marketplace_id = :marketplace_id AND l."MessageType" = :type AND l.sender_id = a."MessageSenderID"
 AND l.sender_buyer_id IS NOT DISTINCT FROM a."BuyerID"
 AND l.sender_supplier_id IS NOT DISTINCT FROM a."SupplierID"
 AND l.sender_group_key IS NOT DISTINCT FROM a.group_key
CROSS JOIN LATERAL ({" UNION ALL ".join(LISTENING.format(whom=whom) for whom in WHOM)} LIMIT {MOST_COPIES}) found
WHERE a.marketplace_id = :marketplace_id AND a.key = ANY(:assignments::bigint[])
ORDER BY a.key, found.key
""").bound("marketplace_id", "assignments", "type")


@dataclass(frozen=True, slots=True)
class Way:
    """How a sender reaches a recipient: once, whatever the number of assignments. copies: addresses of the CC list.
    config: the sender's xp.
    """

    sender: Sender
    copies: tuple[str, ...]
    config: Any


async def ways(
    call: Call, message_type: MessageType, senders: Collection[Sender], people: Collection[Recipient]
) -> Mapping[int, list[Way]]:
    """The ways to users, by their keys; who is reached by none is not there. At most three statements, none without senders."""
    if not senders:
        return {}
    ids = {sender.id.lower(): sender for sender in senders}
    keys = [recipient.key for recipient in people]
    assigned = await call.db.fetch(REACHED, call.marketplace_id, keys, list(ids))
    by: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for row in assigned:
        by[row["user_key"]][row["MessageSenderID"].lower()].add(row["assignment"])
    for name in (name for name, sender in ids.items() if sender.allow_all_buyers):
        for recipient in people:
            if recipient.buyer_id is not None:
                by[recipient.key].setdefault(name, set())
    copies = await _copies(call, message_type, {row["assignment"] for row in assigned})
    configs = await _configs(call, {name for reached in by.values() for name in reached})
    return {
        key: [
            Way(ids[name], _joined(copies, reached[name]), configs.get(name))
            for name in ids
            if name in reached
        ]
        for key, reached in by.items()
    }


async def _configs(call: Call, names: Collection[str]) -> Mapping[str, Any]:
    if not names:
        return {}
    rows = await call.db.fetch(CONFIGS, call.marketplace_id, list(names))
    return {row["ID"].lower(): None if row["xp"] is None else load(row["xp"]) for row in rows}


async def _copies(
    call: Call, message_type: MessageType, assignments: Collection[int]
) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    if assignments:
        for row in await call.db.fetch(COPIES, call.marketplace_id, list(assignments), message_type):
            found[row["assignment"]].append(row["Email"])
    return found


def _joined(copies: Mapping[int, list[str]], assignments: Collection[int]) -> tuple[str, ...]:
    """The addresses of several assignments, each once in whatever case."""
    addresses: dict[str, str] = {}
    for assignment in sorted(assignments):
        for address in copies.get(assignment, ()):
            addresses.setdefault(address.lower(), address)
    return tuple(addresses.values())[:MOST_COPIES]
