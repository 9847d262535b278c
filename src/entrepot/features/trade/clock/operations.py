"""Reading, setting and advancing the clock of a marketplace."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from entrepot.declare.operation import TEST_BENCH, Body, Operation, Reply, Returns, Unit, operation
from entrepot.declare.roles import SELLERS_ONLY, Right, sufficient
from entrepot.domain.time.virtual import shown
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call
from entrepot.engine.wire.models import validate
from entrepot.features.trade.clock.advancing import advance
from entrepot.features.trade.clock.models import (
    ClockAdvance,
    ClockMode,
    ClockSetting,
    ClockStep,
    MarketplaceClock,
)
from entrepot.features.trade.clock.setting import back_to_server, duration, read_clock, set_clock, wanted
from entrepot.kernel.clock import format_datetime
from entrepot.kernel.errors import (
    ClockAdvancingError,
    ClockBackwardsError,
    ClockDurationError,
    ClockMomentError,
    ClockRangeError,
    ClockServerError,
    ClockStepError,
    InvalidBodyError,
    ValidationError,
)

PATH = TEST_BENCH["clock"]
COMMON: dict[str, Any] = {
    "tag": "Clock",
    "roles": sufficient(),
    "user_types": allowed_types(SELLERS_ONLY, Right.WRITE),
    "table": "virtual_clocks",
}


@operation(
    "Clock.Get",
    "GET",
    PATH,
    **COMMON,
    summary="Get the clock of the marketplace",
    returns=Returns(MarketplaceClock),
)
async def get_clock(call: Call) -> Reply:
    """Its own, or the server's. One statement."""
    return Reply(await _shown(call))


@operation(
    "Clock.Save",
    "PUT",
    PATH,
    **COMMON,
    summary="Stop the clock of the marketplace, shift it, or let it run from another moment",
    description="All that asks for the time follows: sales, promotions, subscriptions, expirations, dates of what is written. "
    "Tokens do where the setting says so; what is delivered goes by the server's clock.",
    body=Body(ClockSetting),
    returns=Returns(MarketplaceClock),
    errors=(
        InvalidBodyError,
        ValidationError,
        ClockServerError,
        ClockMomentError,
        ClockDurationError,
        ClockRangeError,
        ClockAdvancingError,
    ),
    unit=Unit.WRITE,
)
async def save_clock(call: Call) -> Reply:
    """Nothing that falls due between its two moments is done for the sake of it; see Clock.Advance."""
    values = validate(ClockSetting, call.body, partial=False)
    mode = ClockMode(values["Mode"])
    real = call.server_clock()
    present = await read_clock(call.db, call.marketplace_id)
    if mode is ClockMode.SERVER:
        if any(values[name] for name in ("Moment", "Shift", "Tokens")):
            raise ClockServerError
        await back_to_server(call)
    else:
        await set_clock(call, wanted(values, shown(present, real), real))
    return Reply(await _shown(call))


@operation(
    "Clock.Delete",
    "DELETE",
    PATH,
    **COMMON,
    summary="Set the clock of the marketplace back to the server's",
    status=204,
    errors=(ClockAdvancingError,),
    unit=Unit.WRITE,
)
async def delete_clock(call: Call) -> Reply:
    """204, also where it is the server's."""
    await back_to_server(call)
    return Reply()


@operation(
    "Clock.Advance",
    "POST",
    f"{PATH}/advance",
    **COMMON,
    summary="Advance the clock of the marketplace, and do what falls due on the way",
    description="Orders of subscriptions and their reminders, invitations that expire, orders and returns that have idled: each at "
    "its moment, in order. A clock that was the server's runs on from there.",
    body=Body(ClockStep),
    returns=Returns(ClockAdvance),
    errors=(
        InvalidBodyError,
        ValidationError,
        ClockStepError,
        ClockDurationError,
        ClockRangeError,
        ClockBackwardsError,
        ClockAdvancingError,
    ),
    # Each stop on the way is a unit, and so is each thing that is done there.
    unit=Unit.OWN,
)
async def advance_clock(call: Call) -> Reply:
    """At most some twenty seconds of work; `Reached` is false where that did not do."""
    values = validate(ClockStep, call.body, partial=False)
    to, by = values["To"], values["By"]
    if (to is None) is not bool(by):
        raise ClockStepError
    step: timedelta = duration(by) if by else timedelta()
    journey = await advance(call, step if to is None else to)
    done = [
        {"Moment": format_datetime(moment), "Chore": chore, "Count": count}
        for moment, chore, count in journey.done
    ]
    return Reply(
        {
            "Start": format_datetime(journey.start),
            "Now": format_datetime(journey.now),
            "Reached": journey.reached,
            "Done": done,
        }
    )


async def _shown(call: Call) -> dict[str, Any]:
    real = call.server_clock()
    time = await read_clock(call.db, call.marketplace_id)
    mode = ClockMode.SERVER
    if time is not None:
        mode = ClockMode.FROZEN if time.since is None else ClockMode.RUNNING
    return {
        "Mode": mode.value,
        "Now": format_datetime(shown(time, real)),
        "ServerTime": format_datetime(real),
        "Tokens": time is not None and time.ages,
    }


OPERATIONS: tuple[Operation, ...] = (get_clock, save_clock, delete_clock, advance_clock)
