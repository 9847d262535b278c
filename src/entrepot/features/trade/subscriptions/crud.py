"""List, get, create, save, patch and delete of subscriptions, for administrators and under /me."""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Body, Created, Operation, Reply, Returns
from entrepot.engine.call import Call, LostRaceError
from entrepot.engine.standing import confirm_standing
from entrepot.engine.wire.merge import merge, replace
from entrepot.engine.wire.models import validate
from entrepot.features.trade.orders.models.subscriptions import Subscription
from entrepot.features.trade.subscriptions import store, terms
from entrepot.features.trade.subscriptions.declaring import twins
from entrepot.features.trade.subscriptions.lists import list_subscriptions
from entrepot.features.trade.subscriptions.pricing import close, project
from entrepot.features.trade.subscriptions.resources import SUBSCRIPTIONS
from entrepot.kernel.errors import (
    BuyerUserNotFoundError,
    IdExistsError,
    InsufficientRolesError,
    InvalidBodyError,
    InvalidSpendingAccountError,
    NotFoundError,
    SetCreditCardError,
    SetSpendingAccountError,
    SpendingAccountIdMissingError,
    SubscriptionUserError,
    UserTypeError,
    ValidationError,
)

Values = dict[str, Any]

COLLECTION, ITEM = SUBSCRIPTIONS.path, f"{SUBSCRIPTIONS.path}/{{subscriptionID}}"
OPTIONS = SUBSCRIPTIONS.lists
RETURNS = Returns(Subscription)
WRITES = (
    NotFoundError,
    InvalidBodyError,
    ValidationError,
    IdExistsError,
    SetCreditCardError,
    SetSpendingAccountError,
    SpendingAccountIdMissingError,
    InvalidSpendingAccountError,
)
CREATES = (*WRITES, SubscriptionUserError, BuyerUserNotFoundError, InsufficientRolesError, UserTypeError)


async def get(call: Call) -> Reply:
    """With ProjectedSubtotal at the prices of this moment. Three statements, two more where there are items."""
    await confirm_standing(call)
    template = await store.load(call, await store.require(call, call.path["subscriptionID"], lock=False))
    await project(call, template)
    return Reply(store.render(template.subscription))


async def create(call: Call) -> Reply:
    """201 with the Location of the subscription, which has no items yet."""
    made = await terms.create_subscription(call, validate(Subscription, call.body, partial=False))
    return Reply(await _shown(call, made["ID"]), created=Created(made["ID"]))


async def save(call: Call) -> Reply:
    """PUT: the ID in the path is that of a new one, where there is none."""
    values = validate(Subscription, call.body, partial=False)
    old = await store.find(call, call.path["subscriptionID"], lock=True)
    path_id = call.path["subscriptionID"]
    if old is not None:
        values["ID"] = values["ID"] or old["ID"]
        return await _change(call, old, replace(Subscription, old, values))
    values["ID"] = values["ID"] or path_id
    try:
        made = await terms.create_subscription(call, values)
    except IdExistsError as error:
        if values["ID"].lower() == path_id.lower():
            # Another request has created it meanwhile; this one is to replace it.
            raise LostRaceError(error) from error
        raise
    return Reply(await _shown(call, made["ID"]))


async def patch(call: Call) -> Reply:
    """PATCH: changes only what the body names."""
    changes = validate(Subscription, call.body, partial=True)
    old = await store.require(call, call.path["subscriptionID"], lock=True)
    return await _change(call, old, merge(Subscription, old, changes))


async def delete(call: Call) -> Reply:
    """The items go along; orders keep what they are."""
    found = await store.require(call, call.path["subscriptionID"], lock=True)
    await call.db.execute(store.DELETE, call.marketplace_id, found["key"])
    return Reply()


async def _change(call: Call, old: Values, values: Values) -> Reply:
    template = await store.load(call, old)
    subscription = template.subscription
    await terms.rename(call, subscription, values["ID"] or subscription["ID"])
    await terms.write_terms(call, subscription, values)
    await close(call, template)
    return Reply(await _shown(call, subscription["ID"]))


async def _shown(call: Call, subscription_id: str) -> Values:
    """The subscription as this unit has written it, with what is computed of it."""
    shown: Values = store.render(await store.require(call, subscription_id, lock=False))
    return shown


CREATE, MY_CREATE = twins(
    "Subscriptions.Create",
    "CreateSubscription",
    f"POST {COLLECTION}",
    create,
    "Create a subscription",
    status=201,
    body=Body(Subscription),
    returns=RETURNS,
    errors=CREATES,
)
OPERATIONS: tuple[Operation, ...] = (
    *twins(
        "Subscriptions.List",
        "ListSubscriptions",
        f"GET {COLLECTION}",
        list_subscriptions,
        "List the subscriptions",
        lists=OPTIONS,
        returns=Returns(Subscription, page=True),
    ),
    *twins(
        "Subscriptions.Get",
        "GetSubscription",
        f"GET {ITEM}",
        get,
        "Get a subscription",
        returns=RETURNS,
        errors=(NotFoundError,),
    ),
    CREATE,
    MY_CREATE,
    *twins(
        "Subscriptions.Save",
        "SaveSubscription",
        f"PUT {ITEM}",
        save,
        "Create or replace a subscription",
        body=Body(Subscription),
        returns=RETURNS,
        errors=CREATES,
    ),
    *twins(
        "Subscriptions.Patch",
        "PatchSubscription",
        f"PATCH {ITEM}",
        patch,
        "Change parts of a subscription",
        body=Body(Subscription, partial=True),
        returns=RETURNS,
        errors=WRITES,
    ),
    *twins(
        "Subscriptions.Delete",
        "DeleteSubscription",
        f"DELETE {ITEM}",
        delete,
        "Delete a subscription",
        status=204,
        errors=(NotFoundError,),
    ),
)
