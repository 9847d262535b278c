"""Invitations, to marketplaces and to teams: they are accepted or declined, by the ID of what one is invited to (PORT-10, PORT-11)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from entrepot.declare.operation import Operation, Reply, Unit
from entrepot.engine.call import Call
from entrepot.features.people.portal.accounts import Person
from entrepot.features.people.portal.declaring import portal_operation
from entrepot.features.people.portal.messages import PortalMessage, tell
from entrepot.features.people.portal.sign_up import may_write_to
from entrepot.kernel.errors import ApiError, NotFoundError

Answer = Callable[[Call], Awaitable[None]]


def answers(
    name: str, path: str, to: str, accept: Answer, decline: Answer, *, errors: tuple[type[ApiError], ...] = ()
) -> tuple[Operation, Operation]:
    """The two operations that answer one kind of invitation. Both raise NotFoundError where there is none."""

    def answering(verb: str, answer: Answer) -> Operation:
        @portal_operation(
            f"{verb}{name}",
            "POST",
            f"{path}/{{invitedID}}/{verb.lower()}",
            summary=f"{verb} {to}",
            status=204,
            errors=(NotFoundError, *errors),
            unit=Unit.WRITE,
        )
        async def answered(call: Call) -> Reply:
            await answer(call)
            return Reply()

        return answered

    return answering("Accept", accept), answering("Decline", decline)


async def invited(call: Call, sought: str, whose_key: int) -> int:
    """The key of what the request answers; sought: a SELECT of it by the path's ID and the key of who is invited. Raises NotFoundError."""
    key: int | None = await call.db.fetchval(sought, call.path["invitedID"], whose_key)
    if key is None:
        raise NotFoundError("Invitation", call.path["invitedID"])
    return key


async def tell_invited(call: Call, person: Person, to: str) -> None:
    """Mail it, in the call's unit, unless the address has had too many messages lately."""
    if may_write_to(call, person.email):
        facts = {"InvitedBy": call.account.username, "InvitedTo": to}
        await tell(call, call.db, PortalMessage.INVITATION, person.email, username=person.username, **facts)
