"""The reminder of a subscription's next order (SBS-4, MS-3)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from entrepot.domain.messages.audiences import Audience
from entrepot.domain.messages.declared import Subject
from entrepot.domain.messages.types import MessageType
from entrepot.engine.call import Call
from entrepot.features.people.deliveries.events import Event, EventKind
from entrepot.features.people.messages.expanding import expand
from entrepot.features.people.messages.letters import GoneError, Letter, saying
from entrepot.features.trade.subscriptions import store
from entrepot.features.trade.subscriptions.due import open_of
from entrepot.features.trade.subscriptions.pricing import orderable_items, project


async def letters(call: Call, event: Event) -> Sequence[Letter]:
    """To the subscription's user, with what its items cost now and which of them could not be ordered."""
    opened = await open_of(call, event.facts["key"])
    if opened is None:
        raise GoneError("subscription", event.facts["key"])
    of_user, template = opened
    _, unavailable = orderable_items(template, await project(of_user, template))
    items = template.loaded.lines
    products = {item["ProductID"].lower(): item["Product"] for item in items if item["Product"]}
    body = {
        "LineItems": [store.render_item(item) for item in items],
        "Products": list(products.values()),
        "Subscription": store.render(template.subscription),
        "UnavailableProductIDs": unavailable,
    }
    to = Audience((template.subscription["user_key"],))
    return [Letter(type=MessageType.SUBSCRIPTION_REMINDER, to=to, says=saying(body))]


SUBSCRIPTION_MESSAGE = EventKind(name=Subject.SUBSCRIPTION, expand=partial(expand, letters))
