"""Why a promotion may not be on an order (ADD-1, checks 4 to 10)."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from entrepot.domain.promotions.amounts import eligible_lines, is_eligible
from entrepot.domain.promotions.basket import Basket
from entrepot.domain.promotions.sequence import in_sequence
from entrepot.domain.promotions.terms import Promotion, Reduction, Usage
from entrepot.kernel.errors import (
    ApiError,
    CannotCombineError,
    PromotionAlreadyAddedError,
    PromotionExpiredError,
    PromotionNotActiveError,
    PromotionNotEligibleError,
    PromotionNotYetValidError,
    PromotionOwnerError,
    PromotionUsedUpError,
)

Refusal = type[ApiError]


class Check(enum.Enum):
    """What is asked of a promotion, in this order (ADD-1, checks 4 to 10)."""

    IN_FORCE = "InForce"
    NEW = "NotAddedYet"
    OWNER = "Owner"
    COMBINES = "Combination"
    LIMITS = "Limits"
    ELIGIBLE = "Eligible"


Checked = tuple[Check, Refusal | None]


def checks_to_add(
    promotion: Promotion,
    basket: Basket,
    present: Sequence[Promotion],
    rows: Sequence[Reduction],
    usage: Usage,
) -> Iterator[Checked]:
    """What adding asks, one after the other: each is computed when it is asked for."""
    yield Check.IN_FORCE, _not_in_force(promotion, basket)
    yield Check.NEW, PromotionAlreadyAddedError if any(p.id == promotion.id for p in present) else None
    yield Check.OWNER, _wrong_owner(promotion, basket)
    yield Check.COMBINES, None if combines(promotion, present) else CannotCombineError
    yield Check.LIMITS, _used_up(promotion, usage)
    yield Check.ELIGIBLE, _not_eligible(promotion, basket, rows)


def checks_to_stay(
    promotion: Promotion, basket: Basket, before: Sequence[Reduction], usage: Usage
) -> Iterator[Checked]:
    """What staying asks, as `checks_to_add`."""
    yield Check.IN_FORCE, _not_in_force(promotion, basket)
    yield Check.OWNER, _wrong_owner(promotion, basket)
    yield Check.LIMITS, _used_up(promotion, usage)
    yield Check.ELIGIBLE, _not_eligible(promotion, basket, before)


def refusal_to_add(
    promotion: Promotion,
    basket: Basket,
    present: Sequence[Promotion],
    rows: Sequence[Reduction],
    usage: Usage,
) -> ApiError | None:
    """The first failing check from 4 on, without the integration's; `present` have the `rows` on the order."""
    return _first(promotion, checks_to_add(promotion, basket, present, rows, usage))


def refusal_to_stay(
    promotion: Promotion, basket: Basket, before: Sequence[Reduction], usage: Usage
) -> ApiError | None:
    """Checks 4, 5, 7, 9 and 10: what refreshing asks of each promotion (AUTO-3)."""
    return _first(promotion, checks_to_stay(promotion, basket, before, usage))


def refusal_to_submit(
    promotion: Promotion, basket: Basket, rows: Sequence[Reduction], usage: Usage
) -> ApiError | None:
    """RCL-3: as `refusal_to_stay`, but each line that has a row must be eligible. `rows` are all of the order's.

    The discounts that expressions see are those of the other promotions.
    """
    others = [row for row in rows if row.promotion_id != promotion.id]
    refusal = refusal_to_stay(promotion, basket, others, usage)
    if refusal is not None or not promotion.line_item_level:
        return refusal
    lines = {row.line_item_id for row in rows if row.promotion_id == promotion.id}
    eligible = eligible_lines(promotion, basket, others)
    return None if lines <= eligible else _refusal(promotion, PromotionNotEligibleError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeeming:
    """The promotions on an order that is to be submitted, with all that depends on. used: those whose generated code
    another order has used meanwhile. gone: the IDs of those that are there no more.
    """

    basket: Basket
    present: tuple[Promotion, ...]
    rows: tuple[Reduction, ...] = ()
    usages: Mapping[str, Usage] = field(default_factory=dict)
    used: frozenset[str] = frozenset()
    gone: tuple[str, ...] = ()


def refusals_to_redeem(these: Redeeming) -> list[ApiError]:
    """RCL-3: what stands against the promotions on an order, in the sequence of their application."""
    found: list[ApiError] = []
    for each in in_sequence(these.present):
        refusal = refusal_to_submit(each, these.basket, these.rows, these.usages.get(each.id, Usage()))
        if refusal is None and each.id in these.used:
            refusal = PromotionUsedUpError({"ID": each.id, "Code": each.code})
        if refusal is not None:
            found.append(refusal)
    return [*found, *(PromotionNotActiveError({"ID": each, "Code": None}) for each in these.gone)]


def combines(promotion: Promotion, others: Iterable[Promotion]) -> bool:
    """ADD-2: what cannot be combined is alone on its order."""
    others = [other for other in others if other.id != promotion.id]
    return not others or (promotion.can_combine and all(other.can_combine for other in others))


def _first(promotion: Promotion, checks: Iterator[Checked]) -> ApiError | None:
    return _refusal(promotion, next((refusal for _, refusal in checks if refusal is not None), None))


def _refusal(promotion: Promotion, refusal: Refusal | None) -> ApiError | None:
    return None if refusal is None else refusal({"ID": promotion.id, "Code": promotion.code})


def _not_in_force(promotion: Promotion, basket: Basket) -> Refusal | None:
    if not promotion.active:
        return PromotionNotActiveError
    if promotion.start_date is not None and basket.now < promotion.start_date:
        return PromotionNotYetValidError
    if promotion.expiration_date is not None and promotion.expiration_date < basket.now:
        return PromotionExpiredError
    return None


def _wrong_owner(promotion: Promotion, basket: Basket) -> Refusal | None:
    """The seller's promotions go with every order, a supplier's with the orders to that supplier."""
    owner, to = promotion.owner_id.lower(), str(basket.order.get("ToCompanyID") or "").lower()
    return None if owner in (basket.seller_id.lower(), to) else PromotionOwnerError


def _used_up(promotion: Promotion, usage: Usage) -> Refusal | None:
    for limit, count in (
        (promotion.redemption_limit, usage.orders),
        (promotion.redemption_limit_per_user, usage.of_user),
    ):
        if limit is not None and count >= limit:
            return PromotionUsedUpError
    return None


def _not_eligible(promotion: Promotion, basket: Basket, before: Sequence[Reduction]) -> Refusal | None:
    return None if is_eligible(promotion, basket, before) else PromotionNotEligibleError
