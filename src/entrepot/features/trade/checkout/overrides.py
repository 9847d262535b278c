"""What a calculation changes of lines, and taking it back: each calculation replaces the earlier one (CHK-6, inferred)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from entrepot.domain.orders.prices import SHOWN
from entrepot.engine.wire.json import dump, load
from entrepot.features.trade.orders.changing import is_unsubmitted
from entrepot.features.trade.orders.pricing.prices import reprice_frozen
from entrepot.features.trade.orders.rows import LineRow, by_name
from entrepot.features.trade.orders.store import Loaded

Values = dict[str, Any]

PRICE, RECORD, PRODUCT = "UnitPrice", "InventoryRecordID", "Product"


def take_back(loaded: Loaded) -> None:
    """Lines as they were before the last calculation, as far as nobody has changed them since."""
    for line in loaded.lines:
        for name, change in (line["calculated"] or {}).items():
            given, before = change["given"], change["before"]
            if name == PRICE:
                _take_price_back(loaded, line, given, before)
            elif by_name(line)[name] == given:
                by_name(line)[name] = before
        line["calculated"] = None


def apply(loaded: Loaded, overrides: Iterable[Values]) -> None:
    """Change lines as a calculation says, whatever role the caller has. Lines that it names and the order lacks are
    passed over.
    """
    lines = {line["ID"].lower(): line for line in loaded.lines}
    for override in overrides:
        line = lines.get((override["LineItemID"] or "").lower())
        if line is None:
            continue
        if override["Remove"]:
            _remove(loaded, line)
            continue
        if override["UnitPrice"] is not None and not line["IsBundle"]:
            _put_price(loaded, line, Decimal(override["UnitPrice"]).quantize(SHOWN))
        if override["InventoryRecordID"]:
            _put(line, RECORD, override["InventoryRecordID"])
        if override["Product"] and line["ad_hoc"]:
            changes = {name: value for name, value in override["Product"].items() if name != "ID"}
            product = (line["Product"] or {}) | changes
            _put(line, PRODUCT, product)
            line["SupplierID"] = product["DefaultSupplierID"]


def of_promotions(overrides: Iterable[Values]) -> dict[tuple[str, str], Decimal]:
    """The amounts of promotions on lines that a calculation fixes, by promotion and line in lower case (OVR-1)."""
    return {
        (each["PromotionID"].lower(), override["LineItemID"].lower()): Decimal(each["Amount"])
        for override in overrides
        for each in override["PromotionOverrides"] or ()
        if each["PromotionID"] and override["LineItemID"]
    }


def _put(line: LineRow, name: str, value: Any) -> None:
    known = by_name(line)
    _note(line, name, known[name], value)
    known[name] = value


def _put_price(loaded: Loaded, line: LineRow, price: Decimal) -> None:
    _note(line, PRICE, [line["UnitPrice"], line["PriceOverridden"]], price)
    line["UnitPrice"], line["PriceOverridden"] = price, True
    _sum_up(loaded, line)


def _take_price_back(loaded: Loaded, line: LineRow, given: Any, before: list[Any]) -> None:
    if line["PriceOverridden"] and line["UnitPrice"] == Decimal(given):
        price, line["PriceOverridden"] = before
        line["UnitPrice"] = None if price is None else Decimal(price)
        _sum_up(loaded, line)


def _sum_up(loaded: Loaded, line: LineRow) -> None:
    # Lines of unsubmitted orders are priced anew in any case.
    if not is_unsubmitted(loaded.order):
        reprice_frozen(line)


def _note(line: LineRow, name: str, before: Any, given: Any) -> None:
    """Of two changes in one answer the first one knows what was there before."""
    noted = line["calculated"] or {}
    before = noted[name]["before"] if name in noted else before
    # Through text, so that it compares with what the database gives back.
    line["calculated"] = noted | {name: load(dump({"before": before, "given": given}))}


def _remove(loaded: Loaded, line: LineRow) -> None:
    """The head of a bundle takes its components along."""
    gone = {line["ID"]}
    if line["IsBundle"]:
        gone |= {each["ID"] for each in loaded.lines if each["BundleItemID"] == line["ID"]}
    loaded.lines[:] = [each for each in loaded.lines if each["ID"] not in gone]
