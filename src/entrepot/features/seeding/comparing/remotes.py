"""A marketplace of another server as a side of a comparison, read over its API."""

from __future__ import annotations

from collections.abc import Iterator

from entrepot.declare.registry import Registry
from entrepot.features.seeding.comparing.forms import Forms
from entrepot.features.seeding.comparing.sides import Kept, UnreadableRecordError, readable
from entrepot.features.seeding.kinds import Kind
from entrepot.features.seeding.remote.findings import Findings
from entrepot.features.seeding.remote.listings import UNLISTED
from entrepot.features.seeding.remote.reader import RemoteReader

STOCKED = {"InventoryRecords": "Products", "VariantInventoryRecords": "Variants"}
"""Kinds of records whose sum another kind shows as its own stock (IRC-3)."""


async def read_remote(registry: Registry, reader: RemoteReader) -> Kept:
    """All of it. Raises RemoteError, and UnreadableRecordError also where a part of it was not to be read: that part would be told as
    missing there.
    """
    keeping = Kept(Forms(registry, reader.marketplace), lacks=UNLISTED)
    stocked: dict[str, set[tuple[str, str]]] = {name: set() for name in STOCKED.values()}
    async for kind, record in reader.records():
        keeping.add(kind, readable(keeping.forms, kind, record))
        if kind.name in STOCKED:
            variant = record.get("VariantID") or ""
            stocked[STOCKED[kind.name]].add((record["ProductID"].lower(), variant.lower()))
    missed = "\n".join(_missed(reader.findings))
    if missed:
        raise UnreadableRecordError(f"not all of {reader.source.url} can be read:\n{missed}")
    for kind in reader.kinds:
        if kind.name in stocked:
            _forget_sums(keeping, kind, stocked[kind.name])
    return keeping


def _missed(findings: Findings) -> Iterator[str]:
    for operation, told in sorted(findings.refused.items()):
        yield f"{operation}: {told}"
    for name, (read, total) in sorted(findings.short.items()):
        yield f"{name}: {read:,} of {total:,}"


def _forget_sums(keeping: Kept, kind: Kind, stocked: set[tuple[str, str]]) -> None:
    """What is shown of stock is a sum of records, which are compared themselves."""
    products = {product for product, _ in stocked}
    for key, held in list(keeping.left(kind)):
        if key[0] not in products:
            continue
        record = held.record
        variant = str(record["ID"]).lower() if kind.name == "Variants" else ""
        if (key[0], variant) in stocked and isinstance(record.get("Inventory"), dict):
            record["Inventory"]["QuantityAvailable"] = None
            keeping.take(kind, key)
            keeping.add(kind, readable(keeping.forms, kind, record))
