"""Approvals of an order, who may give them, and the orders that wait for the caller (APR-5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from entrepot.declare.operation import ListOptions, Operation, QueryParameter, Reply, Returns, operation
from entrepot.declare.roles import sufficient
from entrepot.declare.types import Bool, Date, Id, Text
from entrepot.declare.wire import Wire, column
from entrepot.domain.listing.literals import read_date
from entrepot.domain.orders.approvals import UNANSWERED, ApprovalStatus
from entrepot.domain.orders.status import DECIDABLE
from entrepot.engine.call import Call
from entrepot.engine.query import parameters
from entrepot.engine.row_lists import rows_list
from entrepot.engine.selections import SelectedList
from entrepot.engine.statements import quoted, texts
from entrepot.features.people.identity.resources import User
from entrepot.features.people.identity.users import BUYER_USERS
from entrepot.features.trade.orders.list_options import ORDERS
from entrepot.features.trade.orders.models.orders import Order, OrderApproval
from entrepot.features.trade.orders.reference import OrderRef, order_operation
from entrepot.features.trade.orders.store import require_order
from entrepot.kernel.errors import InvalidTypeError, NotFoundError

ITEM = "/orders/{direction}/{orderID}"
READERS = sufficient("OrderAdmin", "OrderReader", "Shopper")

OF_THIS_ROUND = """a.round = (
    SELECT max(x.round) FROM order_approvals x
    WHERE x.marketplace_id = :marketplace_id AND x.order_key = a.order_key)"""


class ListedApproval(Wire):
    """An approval as lists read it: to search and sort, the approver is an ID; `Person` is who that is."""

    ApprovalRuleID: Id = column()
    ApprovingGroupID: Id = column()
    Status: ApprovalStatus = column()
    DateCreated: Date = column()
    DateCompleted: Date = column(nullable=True)
    Approver: Id = column()
    Comments: Text = column()
    Person: User = column()


class ListedOrderApproval(Wire, then=ListedApproval):
    """That of an order."""

    AllowResubmit: Bool = column()


LISTED = """t."ApprovalRuleID", t."ApprovingGroupID", t."Status", t."DateCreated", t."DateCompleted",
       CAST(t."Approver"->>'ID' AS citext) AS "Approver", t."Comments", t."Approver" AS "Person\""""
APPROVALS_OF_ORDER = f"""
SELECT t."AllowResubmit", {LISTED} FROM order_approvals t
WHERE t.marketplace_id = :marketplace_id AND t.order_key = :order_key
"""


def may_approve(table: str, approvals: str, above: str, *, of_this_round: str = "true") -> str:
    """The condition that a user `t` may approve the row of a table that `above` names: a column of the table of its approvals
    and a parameter. :submitter answers nothing. Whoever has acted has answered all that its groups were asked, so that none of
    them is pending any more.
    """
    return f"""t."Active" AND t.key <> COALESCE(CAST(:submitter AS bigint), 0) AND t.key IN (
    SELECT m.user_key FROM {approvals} a
    JOIN user_group_members m ON m.marketplace_id = :marketplace_id AND m.group_key = a.group_key
    JOIN {table} o ON o.marketplace_id = :marketplace_id AND o.key = a.{above}
    WHERE a.marketplace_id = :marketplace_id AND a.{above} = :{above} AND a."Status" IN ({texts(UNANSWERED)})
      AND o."Status" IN ({texts(DECIDABLE)}) AND {of_this_round})"""


def waiting(approvals: str, above: str, user: str, *, of_this_round: str = "true") -> str:
    """The keys of what waits for one of a user's groups."""
    return f"""
    SELECT a.{above} FROM user_group_members m
    JOIN {approvals} a ON a.marketplace_id = :marketplace_id AND a.group_key = m.group_key
    WHERE m.marketplace_id = :marketplace_id AND m.user_key = {user} AND a."Status" IN ({texts(UNANSWERED)})
      AND {of_this_round}"""


async def approvals_page(lists: SelectedList, call: Call, scope: dict[str, Any]) -> Reply:
    """A page of approvals with their approvers as lists of them show these."""
    reply = await lists.page(call, scope)
    for item in reply.body["Items"]:
        item["Approver"] = item.pop("Person")
    return reply


ORDER_COLUMNS = ", ".join(f"t.{quoted(name)}" for name in Order.__columns__)
APPROVABLE = f"""
SELECT {ORDER_COLUMNS} FROM orders t
WHERE t.marketplace_id = :marketplace_id AND t."Status" IN ({texts(DECIDABLE)}) AND t.user_key <> :user
  AND (CAST(:since AS timestamptz) IS NULL OR t."DateCreated" >= :since)
  AND (CAST(:until AS timestamptz) IS NULL OR t."DateCreated" <= :until)
  AND t.key IN ({waiting("order_approvals", "order_key", ":user", of_this_round=OF_THIS_ROUND)})
"""
APPROVAL_OPTIONS = ListOptions(
    search=("ApprovalRuleID", "ApprovingGroupID", "Approver", "Comments"),
    sort=(
        "DateCreated",
        "AllowResubmit",
        "ApprovalRuleID",
        "ApprovingGroupID",
        "Status",
        "DateCompleted",
        "Approver",
    ),
)
APPROVABLE_OPTIONS = replace(ORDERS, premium=False)
FROM_TO = (QueryParameter("from"), QueryParameter("to"))
_approvals = SelectedList(
    ListedOrderApproval, APPROVALS_OF_ORDER, APPROVAL_OPTIONS, key=("ApprovalRuleID", "DateCreated")
)
_approvers = rows_list(
    BUYER_USERS, may_approve("orders", "order_approvals", "order_key", of_this_round=OF_THIS_ROUND)
)
_approvable = SelectedList(
    Order, APPROVABLE, APPROVABLE_OPTIONS, ("ID", "FromCompanyID", "ToCompanyID"), query=FROM_TO
)


@order_operation(
    "Orders.ListApprovals",
    "GET",
    f"{ITEM}/approvals",
    tag="Orders",
    summary="List the approvals of an order",
    roles=READERS,
    lists=APPROVAL_OPTIONS,
    returns=Returns(OrderApproval, page=True),
    errors=(NotFoundError,),
    confirms=True,
    table="order_approvals",
)
async def list_approvals(call: Call, where: OrderRef) -> Reply:
    """Those of earlier rounds, too (APR-4). Two statements."""
    order = await require_order(call, where, lock=False)
    return await approvals_page(_approvals, call, {"order_key": order["key"]})


@order_operation(
    "Orders.ListEligibleApprovers",
    "GET",
    f"{ITEM}/eligibleapprovers",
    tag="Orders",
    summary="List who may approve an order",
    roles=READERS,
    lists=BUYER_USERS.lists,
    returns=Returns(User, page=True),
    errors=(NotFoundError,),
    confirms=True,
    table="users",
)
async def list_eligible_approvers(call: Call, where: OrderRef) -> Reply:
    """Members of the groups whose approval is pending, but for the order's user. Two statements."""
    order = await require_order(call, where, lock=False)
    return await _approvers(call, {"order_key": order["key"], "submitter": order["user_key"]})


@operation(
    "Me.ListApprovableOrders",
    "GET",
    "/me/orders/approvable",
    tag="Me",
    summary="List the orders that the caller may approve",
    roles=sufficient("Shopper"),
    query=FROM_TO,
    lists=APPROVABLE_OPTIONS,
    returns=Returns(Order, page=True),
    confirms=True,
    table="orders",
)
async def list_approvable_orders(call: Call) -> Reply:
    """Orders that wait for one of the caller's groups; `from` and `to` bound DateCreated (LST-1). One statement."""
    given = parameters(call)
    scope: dict[str, Any] = {
        "user": call.principal.user_key,
        "since": _moment(given, "from"),
        "until": _moment(given, "to"),
    }
    return await _approvable.page(call, scope)


def _moment(given: dict[str, Any], name: str) -> datetime | None:
    text = given.get(name)
    if text is None:
        return None
    moment = read_date(text)
    if moment is None:
        raise InvalidTypeError(name, text)
    return moment


OPERATIONS: tuple[Operation, ...] = (list_approvals, list_eligible_approvers, list_approvable_orders)
