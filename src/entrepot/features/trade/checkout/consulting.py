"""Asking the checkout event about an order, and taking over the answer.

    read the order, bring it up to date in memory   ->   ask, outside of any transaction
    ->   lock the order, see that it still is what was asked about, write the answer

An order that has changed meanwhile is asked about again. Until the answer is written nothing has happened here: a crash
loses a question, and whoever asks again gets an answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from entrepot.declare.operation import Reply
from entrepot.declare.wire import Wire
from entrepot.engine.call import Call
from entrepot.engine.units import writing
from entrepot.engine.wire.json import dump
from entrepot.features.people.integrations.asking import ask
from entrepot.features.trade.checkout.access import require_checkout
from entrepot.features.trade.checkout.answers import read_answer, refusal
from entrepot.features.trade.checkout.events import CheckoutEventKind, find_event
from entrepot.features.trade.checkout.worksheets import shown_worksheet, worksheet_of
from entrepot.features.trade.orders.changing import price_anew, write_order
from entrepot.features.trade.orders.promotions.integration import Answers, settled
from entrepot.features.trade.orders.reference import OrderRef
from entrepot.features.trade.orders.rows import by_name
from entrepot.features.trade.orders.store import Loaded, load, require_order
from entrepot.kernel.errors import CheckoutNotConfiguredError, ConflictingWriteError

Values = dict[str, Any]

ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class CheckoutQuestion:
    """One of the questions. `suffix`: of the URL. `column`: where the order keeps the response, which is a `model`.

    prepare: what happens to the order in memory before it is sent. apply: takes over the answer, under the lock, and has
    the order up to date; it may want answers of the promotion integration first.
    """

    suffix: str
    model: type[Wire]
    column: str
    prepare: Callable[[Loaded], None]
    apply: Callable[[Call, Loaded, Values, Answers], Awaitable[None]]


async def consult(call: Call, where: OrderRef, question: CheckoutQuestion) -> Reply:
    """The worksheet with the answer. A failure abroad stays on the worksheet, changes nothing else and is a refusal (CHK-3)."""
    for _ in range(ATTEMPTS):
        loaded = await _present(call, where, question, lock=False)
        event = await find_event(call, CheckoutEventKind.CHECKOUT)
        if event is None:
            raise CheckoutNotConfiguredError
        sheet = await worksheet_of(call, loaded)
        answer = await ask(call, event, question.suffix, {"OrderWorksheet": sheet})
        response = read_answer(question.model, answer)
        if not response["Succeeded"]:
            await _keep_failure(call, where, question, response)
            raise refusal(call, response["HttpStatusCode"], response["UnhandledErrorBody"] or "")
        reply = await settled(call, partial(_take_over, call, where, question, sheet, response))
        if reply is not None:
            return reply
    raise ConflictingWriteError


async def _take_over(
    call: Call, where: OrderRef, question: CheckoutQuestion, sheet: Values, response: Values, answers: Answers
) -> Reply | None:
    """Write the answer; None if the order is not what was asked about."""
    loaded = await _present(call, where, question, lock=True)
    if dump(await worksheet_of(call, loaded)) != dump(sheet):
        return None
    await question.apply(call, loaded, response, answers)
    await write_order(call, loaded)
    return Reply(await shown_worksheet(call, loaded))


async def _present(call: Call, where: OrderRef, question: CheckoutQuestion, *, lock: bool) -> Loaded:
    """The order as it would be written now."""
    order = await require_order(call, where, lock=lock)
    await require_checkout(call, order)
    loaded = await load(call, order)
    question.prepare(loaded)
    await price_anew(call, loaded)
    return loaded


async def _keep_failure(call: Call, where: OrderRef, question: CheckoutQuestion, response: Values) -> None:
    async with writing(call):
        order = await require_order(call, where, lock=True)
        await require_checkout(call, order)
        loaded = await load(call, order)
        by_name(order)[question.column] = response
        await write_order(call, loaded)
