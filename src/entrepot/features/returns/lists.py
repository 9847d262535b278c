"""Lists of returns, of their approvals, and of who may approve them (RET-6, APR-5)."""

from __future__ import annotations

from functools import lru_cache

from entrepot.declare.operation import ListOptions, Operation, Reply, Returns, operation
from entrepot.declare.roles import sufficient
from entrepot.declare.types import Date, Id, Text
from entrepot.declare.wire import Wire, column
from entrepot.domain.orders.approvals import UNANSWERED, ApprovalStatus
from entrepot.domain.orders.status import DECIDABLE
from entrepot.engine.call import Call
from entrepot.engine.query import parameters
from entrepot.engine.row_lists import RowsList, rows_list
from entrepot.engine.selections import SelectedList
from entrepot.engine.statements import texts
from entrepot.features.identity.resources import User
from entrepot.features.identity.users import BUYER_USERS
from entrepot.features.orders.access import READERS
from entrepot.features.orders.companies import received_by, sent_by
from entrepot.features.orders.models.returns import OrderReturn, OrderReturnApproval
from entrepot.features.returns.crud import FACTS, ITEM
from entrepot.features.returns.resources import RETURNS
from entrepot.features.returns.store import find_return
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
WAITS_FOR_CALLER = f"""t."Status" IN ({texts(DECIDABLE)}) AND t.submitter_key IS DISTINCT FROM :caller AND t.key IN (
    SELECT a.return_key FROM user_group_members m
    JOIN order_return_approvals a ON a.marketplace_id = :marketplace_id AND a.group_key = m.group_key
    WHERE m.marketplace_id = :marketplace_id AND m.user_key = :caller AND a."Status" IN ({texts(UNANSWERED)}))"""
"""`approvable`: returns that wait for an approval of the caller."""
MAY_APPROVE = f"""t."Active" AND t.key <> COALESCE(CAST(:submitter AS bigint), 0) AND t.key IN (
    SELECT m.user_key FROM order_return_approvals a
    JOIN user_group_members m ON m.marketplace_id = :marketplace_id AND m.group_key = a.group_key
    JOIN order_returns r ON r.marketplace_id = :marketplace_id AND r.key = a.return_key
    WHERE a.marketplace_id = :marketplace_id AND a.return_key = :return_key AND a."Status" IN ({texts(UNANSWERED)})
      AND r."Status" IN ({texts(DECIDABLE)}))"""


class ListedApproval(Wire):
    """An approval as its list reads it: to search and sort, the approver is an ID; `Person` is who that is."""

    OrderReturnID: Id = column()
    ApprovalRuleID: Id = column()
    ApprovingGroupID: Id = column()
    Status: ApprovalStatus = column()
    DateCreated: Date = column()
    DateCompleted: Date = column(nullable=True)
    Approver: Id = column()
    Comments: Text = column()
    Person: User = column()


APPROVALS = """
SELECT r."ID" AS "OrderReturnID", t."ApprovalRuleID", t."ApprovingGroupID", t."Status", t."DateCreated",
       t."DateCompleted", CAST(t."Approver"->>'ID' AS citext) AS "Approver", t."Comments", t."Approver" AS "Person"
FROM order_return_approvals t
JOIN order_returns r ON r.marketplace_id = :marketplace_id AND r.key = t.return_key
WHERE t.marketplace_id = :marketplace_id AND t.return_key = :return_key
"""
APPROVAL_OPTIONS = ListOptions(
    search=("ApprovalRuleID", "ApprovingGroupID", "Approver", "Comments"),
    sort=("DateCreated", "ApprovalRuleID", "ApprovingGroupID", "Status", "DateCompleted", "Approver"),
)
_approvals = SelectedList(ListedApproval, APPROVALS, APPROVAL_OPTIONS, key=("ApprovalRuleID",))
_approvers = rows_list(BUYER_USERS, MAY_APPROVE)


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
    reply = await _approvals.page(call, {"return_key": row["key"]})
    for item in reply.body["Items"]:
        item["Approver"] = item.pop("Person")
    return reply


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
