"""Asking the promotion integration (INT-2, INT-3): never while a transaction is open.

A use case is a `Work` that `settled` runs in a transaction. Where it comes upon promotions that only the integration can
value, `answers_for` undoes it, the integration is asked about all of them in one call, and the work runs again with the
answers, which hold as long as the order is the one that was asked about.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import asyncpg

from entrepot.domain.faults.abroad import PROMOTIONS
from entrepot.domain.promotions.integration import Judged, failed, judge
from entrepot.domain.promotions.terms import Promotion
from entrepot.engine.call import Call, OutsideFirstError
from entrepot.engine.notes import Note, Notes
from entrepot.engine.rows import renderer
from entrepot.engine.standing import confirm_standing
from entrepot.engine.units import writing
from entrepot.engine.wire.json import encode
from entrepot.features.people.faults import abroad as faults
from entrepot.features.people.integrations.settings import PromotionIntegration
from entrepot.features.people.integrations.signing import HASH_KEY, read_credentials
from entrepot.features.people.services import services
from entrepot.features.trade.orders.promotion_terms import Terms
from entrepot.features.trade.orders.promotions.shown import shown_row
from entrepot.features.trade.orders.store import Loaded, render_line, render_order
from entrepot.features.trade.promotions.resources import Promotion as PromotionModel
from entrepot.kernel.errors import CallsAbroadError, ConflictingWriteError, InvalidBodyError

Values = dict[str, Any]

TABLE = "promotion_integrations"
SETTINGS = f"""
SELECT i."Url", i."CustomAuthHeaderName", i."CustomAuthHeaderValue", i.{HASH_KEY}
FROM promotion_integrations i WHERE i.marketplace_id = $1
"""
TRIES = 4
"""How often a use case begins anew: after questions, and after conflicts with others."""
_render_promotion = renderer(PromotionModel).render


@dataclass(frozen=True, slots=True)
class PromotionQuestion:
    """What is to be asked about an order in one state."""

    stamp: tuple[Any, ...]
    requested: dict[str, bool]
    lines: dict[str, str]
    body: Values


@dataclass(frozen=True, slots=True)
class Answers:
    """What the integration has said about an order in one state; at first nothing."""

    stamp: tuple[Any, ...] | None = None
    requested: frozenset[str] = frozenset()
    judged: Judged = field(default_factory=Judged)


ANSWERS: Note[Answers] = Note(
    "what the promotion integration has said outside of a transaction of the request's own"
)


class AskFirstError(Exception):
    """The work needs the answer to a question: undo it, ask, and run again."""

    def __init__(self, question: PromotionQuestion) -> None:
        self.question = question
        super().__init__("the promotion integration is to be asked")


T = TypeVar("T")
Work = Callable[[Answers], Awaitable[T]]


async def settled(call: Call, work: Work[T]) -> T:
    """What the work comes to, in a transaction that also confirms the caller; in the one that is open, if one is."""
    if call.connection is not None:
        return await _joined(call, work)
    return await _until_settled(call, work, lambda: writing(call))


async def looked_at(call: Call, work: Work[T]) -> T:
    """The same for work that only reads."""
    if call.connection is not None:
        return await _joined(call, work)
    return await _until_settled(call, work, nullcontext)


def answers_for(
    loaded: Loaded, terms: Terms, due: Sequence[Promotion], answers: Answers, *, by: str
) -> Judged:
    """What the integration says of these promotions of its own. Raises AskFirstError where that is not known."""
    if not due:
        return Judged()
    stamp = (loaded.key, loaded.kept["LastUpdated"], by)
    requested = {promotion.id: promotion.line_item_level for promotion in due}
    if answers.stamp == stamp and answers.requested >= requested.keys():
        return answers.judged
    rows = loaded.promotions
    body = {
        "Order": render_order(loaded.order),
        "LineItems": [render_line(line) for line in loaded.lines],
        "PromosApplied": [shown_row(row, terms.values.get(row["PromotionID"])) for row in rows],
        "PromosRequested": [_render_promotion(terms.values[each.id]) for each in due],
    }
    lines = {line["ID"].lower(): line["ID"] for line in loaded.lines}
    raise AskFirstError(PromotionQuestion(stamp, requested, lines, body))


async def ask(call: Call, question: PromotionQuestion) -> Answers:
    """One call abroad; whatever goes wrong there is the answer that nothing could be evaluated (INT-5)."""
    judged = failed(question.requested)
    row = await call.pool.fetchrow(SETTINGS, call.marketplace_id)
    if row is not None and row["Url"]:
        body = encode({"Environment": services(call).environment, **question.body})
        agreed = read_credentials(call, TABLE, PromotionIntegration, row)
        url, headers, secrets = row["Url"].strip(), agreed.headers(body), agreed.secrets()
        send = partial(services(call).outgoing.post, call.marketplace_id, url, body, headers, secrets=secrets)
        answer = await faults.asked(call, PROMOTIONS, url, send)
        if answer.succeeded:
            with suppress(InvalidBodyError):
                judged = judge(answer.content.value, question.requested, question.lines)
    return Answers(question.stamp, frozenset(question.requested), judged)


async def _joined(call: Call, work: Work[T]) -> T:
    """Within a transaction nobody can be asked: it is undone first, where that is the request's own."""
    await confirm_standing(call)
    try:
        return await work(call.notes.get(ANSWERS) or Answers())
    except AskFirstError as first:
        if call.runs_again:
            raise OutsideFirstError(partial(_learn, call, first.question)) from None
        raise CallsAbroadError(call.operation.id) from None


async def _learn(call: Call, question: PromotionQuestion, notes: Notes) -> None:
    notes.put(ANSWERS, await ask(call, question))


async def _until_settled(
    call: Call, work: Work[T], unit: Callable[[], AbstractAsyncContextManager[None]]
) -> T:
    answers = Answers()
    for again in range(1, TRIES + 1):
        try:
            async with unit():
                await confirm_standing(call)
                return await work(answers)
        except AskFirstError as first:
            question = first.question
        except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
            await asyncio.sleep(random.uniform(0, 0.005 * 2**again))  # noqa: S311 (spreads retries, no secret)
            continue
        answers = await ask(call, question)
    raise ConflictingWriteError
