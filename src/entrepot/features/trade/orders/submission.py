"""Whether a list of orders is one of submitted orders, and what the other kind does not offer (LST-2, LST-3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from entrepot.domain.listing.evaluate import like
from entrepot.domain.listing.filters import Alternative, FieldTest, FilterCondition, Operator
from entrepot.domain.listing.request import ListRequest, SearchType
from entrepot.domain.orders.status import NOT_SUBMITTED, SUBMITTED, OrderStatus
from entrepot.kernel.errors import MixedSubmissionError, SubmittedOnlyError

STATUS, IS_SUBMITTED = DECIDING = ("Status", "IsSubmitted")
"""The filters that decide of which kind a list is; applications write them in any case (FLT-3)."""
ADDRESSES = ("BillingAddress.", "ShippingAddress.")
"""What standard lists filter by, too, of all that lies within a property (LST-3)."""


def asks_for_submitted(filters: Iterable[FilterCondition]) -> bool:
    """True unless filters ask for orders that are not submitted. Only values that an order is to have decide: what it is
    not to have, and bounds, narrow either kind. Raises MixedSubmissionError for both at once.
    """
    asked = {kind for each in filters if len(each.tests) == 1 for kind in _kinds(each.tests[0])}
    if len(asked) > 1:
        raise MixedSubmissionError
    return asked != {False}


def require_standard(request: ListRequest) -> None:
    """Raises SubmittedOnlyError for what only lists of submitted orders offer.

    Filters and searches on the xp of the order itself are offered everywhere (XP-5), and so are filters by its addresses.
    """
    nested = (test.path for each in request.filters for test in each.tests)
    searched_otherwise = request.search is not None and request.search_type is not SearchType.ANY_TERM
    if (
        searched_otherwise
        or any(len(each.tests) > 1 for each in request.filters)
        or any(
            path is not None and "." in path.name and not path.name.startswith(ADDRESSES) for path in nested
        )
        or any("." in path.name or path.xp_keys[-1:] == ("*",) for path in request.search_on)
    ):
        raise SubmittedOnlyError


def _kinds(test: FieldTest) -> Iterator[bool]:
    name = None if test.path is None else test.path.full_name
    for each in test.alternatives:
        if name == IS_SUBMITTED and each.operator is Operator.EQUAL:
            yield bool(each.literal) != each.negated
        elif name == STATUS and not each.negated:
            yield from (
                status in SUBMITTED for status in _statuses(each) if status in SUBMITTED | NOT_SUBMITTED
            )


def _statuses(alternative: Alternative) -> Iterator[OrderStatus]:
    literal = alternative.literal
    if alternative.operator is Operator.EQUAL and isinstance(literal, int):
        yield list(OrderStatus)[literal]
    elif alternative.operator is Operator.PATTERN and isinstance(literal, tuple):
        yield from (status for status in OrderStatus if like(status, literal))
