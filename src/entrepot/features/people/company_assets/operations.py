"""The shopper's side of what belongs to companies: /me/addresses, /me/creditcards and the like (AUTH-54)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from entrepot.declare.operation import Body, Handler, Operation, Returns, Unit
from entrepot.declare.resource import READ, Resource, declared_here
from entrepot.declare.roles import Roles
from entrepot.declare.view import View
from entrepot.features.people.company_assets.hooks import BuyerAddressHooks
from entrepot.features.people.company_assets.me_models import BuyerAddress, BuyerCreditCard
from entrepot.features.people.company_assets.private import Private
from entrepot.features.people.company_assets.reach import Reach
from entrepot.features.people.company_assets.resources import (
    ADDRESS_ASSIGNMENTS,
    ADDRESSES,
    COST_CENTER_ASSIGNMENTS,
    COST_CENTERS,
    CREDIT_CARD_ASSIGNMENTS,
    CREDIT_CARDS,
    SPENDING_ACCOUNT_ASSIGNMENTS,
    SPENDING_ACCOUNTS,
)
from entrepot.kernel.errors import (
    ApiError,
    BuyerAddressPurposeError,
    InvalidBodyError,
    NotFoundError,
    PublicAddressError,
    PublicCreditCardError,
    ValidationError,
)
from entrepot.kernel.user_types import UserType

SHOPPER = Roles.of(read=("Shopper",), write=())

MY_ADDRESSES = replace(
    ADDRESSES,
    entity=replace(ADDRESSES.entity, model=BuyerAddress),
    path="/me/addresses",
    within=(),
    roles=Roles.of(read=("MeAddressAdmin", "Shopper"), write=("MeAddressAdmin",)),
    hooks=BuyerAddressHooks(),
)
MY_CREDIT_CARDS = replace(
    CREDIT_CARDS,
    entity=replace(CREDIT_CARDS.entity, model=BuyerCreditCard),
    path="/me/creditcards",
    item="creditcardID",
    within=(),
    roles=Roles.of(read=("MeCreditCardAdmin", "Shopper"), write=("MeCreditCardAdmin",)),
    search=("ID", "CardholderName", "CardType", "ExpirationDate", "Editable"),
)
MY_COST_CENTERS = replace(COST_CENTERS, path="/me/costcenters", within=(), roles=SHOPPER, verbs=READ)
MY_SPENDING_ACCOUNTS = replace(
    SPENDING_ACCOUNTS, path="/me/spendingaccounts", within=(), roles=SHOPPER, verbs=READ
)
"""How these things show themselves to a shopper; not registered."""

# SPA-2
IN_FORCE = '(t."StartDate" IS NULL OR t."StartDate" <= :now) AND (t."EndDate" IS NULL OR t."EndDate" >= :now)'

_addresses = Reach(MY_ADDRESSES, ADDRESS_ASSIGNMENTS)
_credit_cards = Reach(MY_CREDIT_CARDS, CREDIT_CARD_ASSIGNMENTS)
_cost_centers = Reach(MY_COST_CENTERS, COST_CENTER_ASSIGNMENTS)
_spending_accounts = Reach(MY_SPENDING_ACCOUNTS, SPENDING_ACCOUNT_ASSIGNMENTS, current=IN_FORCE)


def _shown(name: str, names: str, reach: Reach, *, path: str = "", one: bool = True) -> tuple[Operation, ...]:
    """List and get of what reaches users. path: the list's, where it is another; one: whether one can be read."""
    resource = reach.resource
    view = View(
        name=name,
        names=names,
        model=resource.entity.model,
        table=resource.entity.table,
        path=resource.path,
        item=resource.item,
        lists=resource.lists,
        roles=resource.roles.read,
    )
    listing = view.list(f"List the {resource.title} that the caller may use", path=path)(reach.list)
    getting = view.get(f"Get one {resource.entity.object_type} that the caller may use")(reach.get)
    here = declared_here()
    return tuple(replace(each, source=here) for each in ((listing, getting) if one else (listing,)))


def _writing(name: str, private: Private, refusals: tuple[type[ApiError], ...] = ()) -> tuple[Operation, ...]:
    """Create, save, patch and delete of what users may have of their own; no anonymous shopper may (AUTH-35).

    refusals: what bodies are refused with beyond the usual.
    """
    resource, model = private.resource, private.entity.model
    of_body = (InvalidBodyError, ValidationError, *refusals)
    of_path = (NotFoundError, private.public)
    common = _common(resource)

    def operation(verb: str, http_verb: str, path: str, handler: Handler, **facts: Any) -> Operation:
        return Operation(
            id=f"Me.{verb}{name}",
            verb=http_verb,
            path=path,
            summary=f"{verb} a private {resource.entity.object_type} of the caller",
            handler=handler,
            roles=resource.roles.write,
            guests=False,
            unit=Unit.WRITE,
            **facts,
            **common,
        )

    item, full, returns = _item(resource), Body(model), Returns(model)
    partial = Body(model, partial=True)
    return (
        operation(
            "Create",
            "POST",
            resource.path,
            private.create,
            status=201,
            body=full,
            returns=returns,
            errors=of_body,
        ),
        operation("Save", "PUT", item, private.save, body=full, returns=returns, errors=(*of_path, *of_body)),
        operation(
            "Patch", "PATCH", item, private.patch, status=204, body=partial, errors=(*of_path, *of_body)
        ),
        operation("Delete", "DELETE", item, private.delete, status=204, errors=of_path),
    )


def _common(resource: Resource) -> dict[str, Any]:
    return {
        "tag": "Me",
        "source": declared_here(3),
        "user_types": frozenset({UserType.BUYER}),
        "table": resource.entity.table,
    }


def _item(resource: Resource) -> str:
    return f"{resource.path}/{{{resource.item}}}"


OPERATIONS: tuple[Operation, ...] = (
    *_shown("Address", "Addresses", _addresses),
    *_writing("Address", Private(_addresses, PublicAddressError), (BuyerAddressPurposeError,)),
    *_shown("CreditCard", "CreditCards", _credit_cards),
    *_writing("CreditCard", Private(_credit_cards, PublicCreditCardError)),
    *_shown("CostCenter", "CostCenters", _cost_centers, one=False),
    # The contract spells this path in two ways.
    *_shown("SpendingAccount", "SpendingAccounts", _spending_accounts, path="/me/spendingAccounts"),
)
