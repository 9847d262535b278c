"""Asking an integration what a return refunds (RET-4, IE-12): before the transaction of the write, never in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from entrepot.declare.types import Bool, Id, Int, Money, Text
from entrepot.declare.wire import Wire, column
from entrepot.domain.returns.amounts import Calculation
from entrepot.engine.call import Call, LostRaceError
from entrepot.engine.notes import Note
from entrepot.engine.standing import confirm_standing
from entrepot.engine.wire.json import dump
from entrepot.features.people.integrations.asking import ask
from entrepot.features.trade.checkout.answers import read_answer, refusal
from entrepot.features.trade.checkout.events import CheckoutEventKind, find_event
from entrepot.features.trade.checkout.worksheets import worksheet_of
from entrepot.features.trade.returns.store import OpenReturn, render
from entrepot.kernel.errors import ApiError, ConflictingWriteError, ElevatedRolesClientError

Values = dict[str, Any]

SUFFIX = "/calculateorderreturn"


class CalculatedItem(Wire):
    """What a line of a return refunds."""

    LineItemID: Id = column()
    RefundAmount: Money = column(nullable=True)


class ReturnCalculation(Wire):
    """What the integration answers; amounts as numbers or as texts."""

    RefundAmount: Money = column(nullable=True)
    ItemsToReturnCalcs: list[CalculatedItem] = column()
    HttpStatusCode: Int = column(nullable=True)
    UnhandledErrorBody: Text = column()
    Succeeded: Bool = column()


@dataclass(frozen=True, slots=True)
class Asked:
    """What has become of the question. configured: whether the API client has an event. about: what was asked about, and
    `answer`: the answer; null where nobody was asked. refusal: why the question could not be put.
    """

    configured: bool
    about: str | None = None
    answer: Values | None = None
    refusal: ApiError | None = None


ASKED: Note[Asked] = Note("what a return refunds")


async def ask_ahead(call: Call, draft: Callable[[Call], Awaitable[OpenReturn | None]]) -> None:
    """Ask the event of the caller's API client, if it has one, about the return as the write is going to make it.

    draft: reads it without a lock; None where there is nothing to ask. What refuses it here is left to the write.
    """
    event = await find_event(call, CheckoutEventKind.RETURN)
    asked = Asked(configured=event is not None)
    call.notes.put(ASKED, asked)
    if event is None:
        return
    await confirm_standing(call)
    try:
        opened = await draft(call)
    except ApiError:
        return
    if opened is None:
        return
    worksheet = await worksheet_of(call, opened.loaded)
    question = {"OrderReturn": render(opened.row), "OrderWorksheet": worksheet}
    try:
        answer = await ask(call, event, SUFFIX, question)
    except ElevatedRolesClientError as error:
        call.notes.put(ASKED, replace(asked, refusal=error))
        return
    found = read_answer(ReturnCalculation, answer)
    call.notes.put(ASKED, replace(asked, about=_about(opened), answer=found))


def calculation_of(call: Call, opened: OpenReturn) -> Calculation | None:
    """The answer about this return, which is under its lock now; None without an event.

    Raises IntegrationEvent.BadRequest where there was no usable one, LostRaceError where return or order are no more
    what was asked about: then all is done again.
    """
    asked = call.notes.get(ASKED)
    assert asked is not None
    if not asked.configured:
        return None
    if asked.refusal is not None:
        raise asked.refusal
    if asked.answer is None or asked.about != _about(opened):
        raise LostRaceError(ConflictingWriteError())
    answer = asked.answer
    items = {each["LineItemID"]: each["RefundAmount"] for each in answer["ItemsToReturnCalcs"] or ()}
    amounts = [answer["RefundAmount"], *items.values()]
    if not answer["Succeeded"] or any(amount is not None and amount < 0 for amount in amounts):
        raise refusal(call, answer["HttpStatusCode"], answer["UnhandledErrorBody"] or "")
    total = answer["RefundAmount"]
    return Calculation(
        None if total is None else Decimal(total),
        {line: Decimal(amount) for line, amount in items.items() if line and amount is not None},
    )


def _about(opened: OpenReturn) -> str:
    """What amounts depend on."""
    row = opened.row
    return dump(
        {
            "order": [opened.loaded.key, opened.loaded.order["LastUpdated"]],
            "return": {
                name: row[name] for name in ("Status", "RefundAmount", "Comments", "ItemsToReturn", "xp")
            },
        }
    )
