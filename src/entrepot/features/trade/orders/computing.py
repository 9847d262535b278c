"""What expressions decide about an order, computed without holding up other requests.

Nearly all of it takes a few hundred steps and is done at once. What takes more than a budget gives to one piece begins anew
in a thread, of which a marketplace has one at a time, so that what it waits for is its own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from weakref import WeakValueDictionary

import structlog
from prometheus_client import Counter

from entrepot.domain.expressions.budget import Budget, HeavyWorkError
from entrepot.engine.call import Call

T = TypeVar("T")

SPENT = Counter("entrepot_expressions_stopped", "Requests whose expressions took all the steps that they may")
log = structlog.get_logger("entrepot.orders")
_thread = ThreadPoolExecutor(1, "expressions")
_turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()


def _let_others_work() -> None:
    """Give the interpreter's lock away, for which the event loop would wait five milliseconds each time else."""
    time.sleep(0)


async def computed(call: Call, budget: Budget, work: Callable[[], T]) -> T:
    """What `work` returns or raises, which evaluates expressions within the budget and changes nothing.

    Work that asks for more than is left decides by itself what that means (TooManyStepsError); it is counted and logged.
    """
    spent = budget.is_spent
    budget.begin_piece()
    try:
        return work()
    except HeavyWorkError:
        turn = _turns.setdefault(call.marketplace_id, asyncio.Lock())
        async with turn:
            budget.take_all(_let_others_work)
            return await asyncio.get_running_loop().run_in_executor(_thread, work)
    finally:
        if budget.is_spent and not spent:
            SPENT.inc()
            log.warning("expressions took too many steps", operation=call.operation.id)
