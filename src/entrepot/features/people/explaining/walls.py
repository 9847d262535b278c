"""Why something is not found: because it is not there, or because a wall stands before it, and which."""

from __future__ import annotations

from typing import Any

from entrepot.declare.resource import Resource
from entrepot.declare.roles import Right
from entrepot.engine.call import Call
from entrepot.engine.principal import Principal
from entrepot.features.people.explaining.models import StepOutcome
from entrepot.features.people.explaining.steps import NOWHERE, ROOT, link, row, step
from entrepot.features.people.explaining.surface import Surface
from entrepot.features.people.explaining.trying import Trial, read
from entrepot.features.people.services import services
from entrepot.kernel.errors import NotFoundError
from entrepot.kernel.user_types import UserType

Values = dict[str, Any]


async def wall_step(call: Call, principal: Principal, trial: Trial) -> Values:
    """The thing that was not found, whether it is there, and what hides it. The statements of one read, or one."""
    assert isinstance(trial.refusal, NotFoundError)
    kind, object_id = trial.refusal.data["ObjectType"], trial.refusal.data["ObjectID"]
    there, where = await _is_there(call, trial, kind, object_id)
    if not there:
        message = f"There is no {kind} {object_id} here"
        says = "is not there"
    else:
        wall = _wall(call, principal, trial, kind)
        message = f"There is a {kind} {object_id}, and this user does not see it: {wall}"
        says = "is there, and hidden from the user"
    if there and kind == "Product" and principal.user_type is UserType.BUYER:
        where = link(
            "Explanations.Product",
            f"{ROOT}/buyers/{{buyerID}}/users/{{userID}}/products/{{productID}}",
            buyerID=principal.company_id,
            userID=principal.user_id,
            productID=object_id,
        )
    rows = [row(kind, object_id, says, where, decides=True)]
    return step("Things", StepOutcome.FAILED, message, rows, decides=True)


async def _is_there(call: Call, trial: Trial, kind: str, object_id: str) -> tuple[bool, Values]:
    """Whether whoever asks, who sees everything, finds it by the same path; else whether the marketplace has such a thing at all."""
    if UserType.SELLER in trial.operation.user_types:
        refusal = await read(call, call.principal, trial.led)
        if not isinstance(refusal, NotFoundError):
            return True, {"Operation": trial.operation.id, "Path": trial.path}
        if refusal.data["ObjectID"] == object_id:
            return False, dict(NOWHERE)
    tables = {
        (each.table, each.id_column)
        for each in services(call).memory(Surface).registry.entities.values()
        if each.object_type == kind
    }
    for table, column in sorted(tables):
        sql = f'SELECT EXISTS (SELECT 1 FROM {table} t WHERE t.marketplace_id = $1 AND t."{column}" = $2::citext)'
        if await call.db.fetchval(sql, call.marketplace_id, object_id):
            return True, dict(NOWHERE)
    return False, dict(NOWHERE)


def _wall(call: Call, principal: Principal, trial: Trial, kind: str) -> str:
    """In words; what decides is the declaration that the operation was made of."""
    who = principal.user_type.value.lower()
    resource = _resource(call, trial, kind)
    if trial.operation.path.startswith("/me/"):
        return "under /me is what is assigned to the user, to its groups or to its company"
    if resource is None:
        return f"of these a {who}'s user sees what its company or it itself takes part in"
    if resource.company and resource.access.of(principal.user_type) is Right.OWN:
        return f"a {who}'s user reaches its own company, {principal.company_id}, and no other"
    return f"of these a {who}'s user sees what concerns its company, {principal.company_id}, or itself"


def _resource(call: Call, trial: Trial, kind: str) -> Resource | None:
    """What declares the things of a kind that stand in the path."""
    for each in services(call).memory(Surface).registry.resources.values():
        if each.entity.object_type == kind and trial.operation.path.startswith(each.path):
            return each
    return None
