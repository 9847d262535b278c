"""The lists of subscriptions and of their items: the rows within the caller's reach, found by an index."""

from __future__ import annotations

from entrepot.declare.operation import Reply
from entrepot.domain.listing.request import read_list_request
from entrepot.engine.call import Call
from entrepot.engine.lists import MARKETPLACE, page
from entrepot.engine.row_lists import rows_list, rows_source
from entrepot.features.trade.subscriptions import store
from entrepot.features.trade.subscriptions.resources import ITEMS, SUBSCRIPTIONS
from entrepot.features.trade.subscriptions.store import SubscriptionReach

_subscriptions = {reach: rows_list(SUBSCRIPTIONS, store.condition(reach)) for reach in SubscriptionReach}
_items = rows_source(ITEMS, "t.subscription_key = :subscription")


async def list_subscriptions(call: Call) -> Reply:
    """ProjectedSubtotal is that of the last write or order. One statement; one more for an empty page."""
    return await _subscriptions[store.reach_of(call)](call, {"value": store.reaching(call)})


async def list_items(call: Call) -> Reply:
    """Two statements; one more for an empty page."""
    request = read_list_request(call.query, _items.shape)
    found = await store.require(call, call.path["subscriptionID"], lock=False)
    scope = {MARKETPLACE: call.marketplace_id, "subscription": found["key"]}
    return await page(call, ITEMS, _items, request, scope)
