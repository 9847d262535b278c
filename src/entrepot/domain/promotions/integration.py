"""What the promotion integration answers (INT-4, INT-5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from entrepot.domain.promotions.amounts import Proposal
from entrepot.kernel.errors import (
    ApiError,
    LineItemIdMustBeNullError,
    LineItemIdRequiredError,
    PromotionEvaluationError,
    PromotionNotEligibleError,
)

LONGEST_REASON = 1000
"""Characters of a reason that an error repeats."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of each promotion that was asked about, by ID."""

    granted: Mapping[str, tuple[Proposal, ...]] = field(default_factory=dict)
    rejected: Mapping[str, ApiError] = field(default_factory=dict)


def failed(requested: Collection[str]) -> Judged:
    """No answer, or none that can be read: the same for all."""
    return Judged(rejected={each: PromotionEvaluationError({"ID": each}) for each in requested})


def judge(answer: Any, requested: Mapping[str, bool], lines: Mapping[str, str]) -> Judged:
    """What a parsed answer says of the promotions that were `requested`, by ID with whether they are at line level.

    lines: the IDs of the order's lines by lower-case ID. A promotion that nobody has asked about makes the answer
    useless as a whole; one in neither list has not been evaluated.
    """
    if not isinstance(answer, dict) or _tells_of_a_failure(answer):
        return failed(requested)
    asked = {each.lower(): each for each in requested}
    accepted: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    rejected: dict[str, ApiError] = {}
    for name in ("PromosAccepted", "PromosRejected"):
        entries = answer.get(name) or []
        if not isinstance(entries, list):
            return failed(requested)
        for entry in entries:
            found = asked.get(str(entry.get("ID")).lower()) if isinstance(entry, dict) else None
            if found is None:
                return failed(requested)
            if name == "PromosAccepted":
                accepted[found].append(entry)
            else:
                rejected[found] = _rejection(found, entry.get("Reason"))
    granted: dict[str, tuple[Proposal, ...]] = {}
    for promotion, by_line in requested.items():
        if promotion in accepted:
            try:
                granted[promotion] = _proposals(accepted[promotion], lines, by_line=by_line)
                rejected.pop(promotion, None)
            except ApiError as error:
                rejected[promotion] = type(error)({"ID": promotion})
        elif promotion not in rejected:
            rejected[promotion] = PromotionEvaluationError({"ID": promotion})
    return Judged(granted, rejected)


def _tells_of_a_failure(answer: Mapping[str, Any]) -> bool:
    """Middleware may answer well by HTTP and name a status or an error of its own, which win (PI-2, IE-9)."""
    status = answer.get("HttpStatusCode")
    if status is not None and (not isinstance(status, int) or not 200 <= status < 300):
        return True
    return bool(answer.get("UnhandledErrorBody"))


def _proposals(
    entries: list[Mapping[str, Any]], lines: Mapping[str, str], *, by_line: bool
) -> tuple[Proposal, ...]:
    proposed: dict[str | None, Decimal] = {}
    for entry in entries:
        line, amount = entry.get("LineItemID"), entry.get("Amount")
        if by_line and not line:
            raise LineItemIdRequiredError
        if line and not by_line:
            raise LineItemIdMustBeNullError
        known = lines.get(str(line).lower()) if by_line else None
        if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
            raise PromotionEvaluationError
        if known in proposed or (by_line and known is None):
            raise PromotionEvaluationError
        proposed[known] = Decimal(amount)
    return tuple(proposed.items())


def _rejection(promotion: str, reason: Any) -> ApiError:
    text = reason[:LONGEST_REASON] if isinstance(reason, str) and reason.strip() else None
    return PromotionNotEligibleError({"ID": promotion}, message=text)
