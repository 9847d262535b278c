"""Messages about orders and returns to the order's user and to approvers (SUB-5, APR-6, RET-8, MS-3)."""

from __future__ import annotations

import enum
from collections.abc import Iterable

from entrepot.domain.messages.audiences import Audience, Told
from entrepot.engine.call import Call
from entrepot.features.people.messages.telling import tell_messages
from entrepot.features.trade.orders.about import About


async def tell(
    call: Call,
    about: About,
    event: enum.StrEnum,
    *,
    pending: Iterable[int] = (),
    decided: Iterable[int] = (),
) -> None:
    """Tell of an event: the order's user, the members of groups that are asked now (`pending`), and those of groups whose
    approval has been given or refused (`decided`). One statement, none where nobody is told.
    """
    notices, but = about.notices, about.submitter_key or 0
    told = []
    if event in notices.to_user:
        told.append(Told(notices.to_user[event], Audience((about.user_key,))))
    if answered := tuple(sorted(set(decided))):
        told.append(Told(notices.to_decided[event], Audience(groups=answered, but=but)))
    if asked := tuple(sorted(set(pending))):
        told.append(Told(notices.to_pending, Audience(groups=asked, but=but)))
    if told:
        aggregate = f"{notices.aggregate}/{about.key}"
        facts, client = {"key": about.key}, call.principal.client_id
        await tell_messages(
            call, call.marketplace_id, notices.subject, aggregate, facts, told, client_id=client
        )
