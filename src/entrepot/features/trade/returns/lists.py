"""Lists of returns, of their approvals, and of who may approve them (RET-6, APR-5)."""

from __future__ import annotations

from functools import lru_cache

from entrepot.declare.operation import ListOptions, Operation, Reply, Returns, operation
from entrepot.declare.roles import sufficient
from entrepot.declare.types import Id
from entrepot.declare.wire import Wire, column
from entrepot.domain.orders.status import DECIDABLE
from entrepot.engine.call import Call
from entrepot.engine.query import parameters
from entrepot.engine.row_lists import RowsList, rows_list
from entrepot.engine.selections import SelectedList
from entrepot.engine.statements import texts
from entrepot.features.people.identity.resources import User
from entrepot.features.people.identity.users import BUYER_USERS
from entrepot.features.trade.orders.access import READERS
from entrepot.features.trade.orders.approvals.lists import (
    LISTED,
    ListedApproval,
    approvals_page,
    may_approve,
    waiting,
)
from entrepot.features.trade.orders.companies import received_by, sent_by
from entrepot.features.trade.orders.models.returns import OrderReturn, OrderReturnApproval
from entrepot.features.trade.returns.crud import FACTS, ITEM
from entrepot.features.trade.returns.resources import RETURNS
from entrepot.features.trade.returns.store import find_return
from entrepot.kernel.errors import NotFoundError
from entrepot.kernel.user_types import UserType

OWN = "t.user_key = :caller"
OWN_OR_OF_COMPANY = """t.key IN (
    SELECT r.key FROM order_returns r WHERE r.marketplace_id = :marketplace_id AND r.user_key = :caller
    UNION ALL
    SELECT r.key FROM orders o JOIN order_returns r ON r.marketplace_id = :marketplace_id AND r.order_key = o.key
    WHERE o.marketplace_id = :marketplace_id AND {side})"""
"""As a set that is read first: in a list nothing is asked for every row."""
CALLERS = "CAST(:company AS citext)"
REACH = {
    UserType.BUYER: OWN_OR_OF_COMPANY.format(side=sent_by(UserType.BUYER, CALLERS, "o")),
    UserType.SUPPLIER: OWN_OR_OF_COMPANY.format(side=received_by(UserType.SUPPLIER, CALLERS, "o")),
    UserType.SELLER: "true",
}
"""What readers of orders see, as in `access.reach`; everybody else sees OWN."""
WAITS_FOR_CALLER = f"""t."Status" IN ({texts(DECIDABLE)}) AND t.submitter_key IS DISTINCT FROM :caller
    AND t.key IN ({waiting("order_return_approvals", "return_key", ":caller")})"""
"""`approvable`: returns that wait for an approval of the caller."""


class ListedReturnApproval(Wire, then=ListedApproval):
    """That of a return."""

    OrderReturnID: Id = column()


APPROVALS = f"""
SELECT r."ID" AS "OrderReturnID", {LISTED}
FROM order_return_approvals t
JOIN order_returns r ON r.marketplace_id = :marketplace_id AND r.key = t.return_key
WHERE t.marketplace_id = :marketplace_id AND t.return_key = :return_key
"""
APPROVAL_OPTIONS = ListOptions(
    search=("ApprovalRuleID", "ApprovingGroupID", "Approver", "Comments"),
    sort=("DateCreated", "ApprovalRuleID", "ApprovingGroupID", "Status", "DateCompleted", "Approver"),
)
_approvals = SelectedList(ListedReturnApproval, APPROVALS, APPROVAL_OPTIONS, key=("ApprovalRuleID",))
_approvers = rows_list(BUYER_USERS, may_approve("order_returns", "order_return_approvals", "return_key"))


@operation(
    "OrderReturns.List",
    "GET",
    RETURNS.path,
    summary="List order returns",
    roles=RETURNS.roles.read,
    query=RETURNS.query,
    lists=RETURNS.lists,
    returns=Returns(OrderReturn, page=True),
    confirms=True,
    **FACTS,
)
async def list_returns(call: Call) -> Reply:
    """What the caller reaches. One statement, up to three for an empty page."""
    caller = call.principal
    where = OWN if caller.roles.isdisjoint(READERS) else REACH[caller.user_type]
    if parameters(call).get("approvable"):
        where = f"({where}) AND {WAITS_FOR_CALLER}"
    return await _returns(where)(call, {"caller": caller.user_key, "company": caller.company_id})


@operation(
    "OrderReturns.ListApprovals",
    "GET",
    f"{ITEM}/approvals",
    summary="List the approvals of a return",
    roles=RETURNS.roles.read,
    lists=APPROVAL_OPTIONS,
    returns=Returns(OrderReturnApproval, page=True),
    errors=(NotFoundError,),
    confirms=True,
    **FACTS,
)
async def list_approvals(call: Call) -> Reply:
    """Two statements."""
    row = await find_return(call, call.path["returnID"])
    return await approvals_page(_approvals, call, {"return_key": row["key"]})


@operation(
    "OrderReturns.ListEligibleApprovers",
    "GET",
    f"{ITEM}/eligibleapprovers",
    summary="List who may approve a return",
    roles=sufficient("OrderAdmin", "OrderReader"),
    lists=BUYER_USERS.lists,
    returns=Returns(User, page=True),
    errors=(NotFoundError,),
    confirms=True,
    **FACTS,
)
async def list_eligible_approvers(call: Call) -> Reply:
    """Members of the groups whose approval is pending, but for whoever has submitted the return. Two statements."""
    row = await find_return(call, call.path["returnID"])
    return await _approvers(call, {"return_key": row["key"], "submitter": row["submitter_key"]})


@lru_cache(maxsize=16)
def _returns(where: str) -> RowsList:
    return rows_list(RETURNS, where)


OPERATIONS: tuple[Operation, ...] = (list_returns, list_approvals, list_eligible_approvers)
