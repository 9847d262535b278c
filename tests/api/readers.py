"""Which code of the server reads what a request carries, seen while it answers.

Every list has one parser, and so has every body; what differs is who asks it. So hostile input is tried in full at one
operation of each who asks, and by a line of each class at all the others.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

from entrepot.domain.listing.request import read_list_request
from entrepot.engine.content import Content

LIST_READERS = {
    "bundles.bundle_list.list_bundles": "Bundles.List",
    "cart.twins.empty_page": "Cart.ListEligiblePromotions",
    "catalog.category_list.list_categories": "Categories.List",
    "collections.entry_lists.list_entries": "Me.ListProductCollectionEntries",
    "collections.entry_lists.list_entries_of_buyer": "ProductCollections.ListEntries",
    "collections.invitations.list_invitations": "Me.ListProductCollectionInvitations",
    "collections.own.list_own": "Me.ListProductCollections",
    "engine.assignments.bare_page": "Addresses.ListAssignments",
    "engine.lists.UniformList.list": "Buyers.List",
    "engine.row_lists.rows_list.run": "Me.ListAddresses",
    "engine.selections.SelectedList.page": "Buyers.ListBuyerSellers",
    "orders.lines.lists.list_across": "LineItems.ListAcrossOrders",
    "orders.lines.lists.list_lines": "LineItems.List",
    "orders.lists.read_order_request": "Me.ListOrders",
    "products.product_list.list_products": "Products.List",
    "shopping.catalogs.list_my_catalogs": "Me.ListCatalogs",
    "shopping.categories.list_my_categories": "Me.ListCategories",
    "shopping.products.list_my_products": "Me.ListProducts",
    "shopping.records._list": "Me.ListProductInventoryRecords",
    "shopping.variants.list_my_variants": "Me.ListVariants",
    "subscriptions.lists.list_items": "Me.ListSubscriptionItems",
}
"""Who reads query strings of lists, and the list at which all that is hostile is tried."""
BODY_READERS = {
    "bundles.assignments.save_assignment": "Bundles.SaveAssignment",
    "cart.twins.twin.handle": "Cart.CreatePaymentTransaction",
    "checkout.operations.select_ship_methods": "IntegrationEvents.SelectShipmethods",
    "collections.entries.save": "Me.SaveProductCollectionEntry",
    "collections.invitations.create": "Me.CreateProductCollectionInvitation",
    "collections.invitations.patch": "Me.PatchProductCollectionInvitation",
    "company_assets.private.Private._full": "Me.CreateAddress",
    "company_assets.private.Private.patch": "Me.PatchAddress",
    "configuration.operations.put_xp_index": "XpIndices.Put",
    "engine.assignments.UniformAssignments.save": "Addresses.SaveAssignment",
    "engine.verbs.UniformVerbs.create": "Buyers.Create",
    "engine.verbs.UniformVerbs.patch": "Buyers.Patch",
    "engine.verbs.UniformVerbs.save": "Buyers.Save",
    "group_orders.invitations.create_invitation": "Me.CreateGroupOrderInvitation",
    "group_orders.invitations.patch_invitation": "Me.PatchGroupOrderInvitation",
    "identity.forgotten.read_body": "ForgottenCredentials.ResetPasswordByVerificationCode",
    "identity.passwords.given_password": "AdminUsers.Create",
    "integrations.listeners.save_listener": "MessageSenders.SaveCCListenerAssignment",
    "oauth.impersonation._read": "Users.GetAccessToken",
    "oauth.secrets.create_secret": "ApiClients.CreateSecret",
    "orders.addresses.change_copy": "Orders.PatchBillingAddress",
    "orders.addresses.read_one_time": "Cart.SetBillingAddress",
    "orders.approvals.approving._answer": "Orders.Approve",
    "orders.crud._body": "Orders.Create",
    "orders.crud.patch": "Orders.Patch",
    "orders.crud.patch_from_user": "Orders.PatchFromUser",
    "orders.crud.save_order": "Cart.Save",
    "orders.lines.bundles.create_bundle": "BundleLineItems.Create",
    "orders.lines.crud.create_line": "Cart.CreateLineItem",
    "orders.lines.crud.patch_line": "LineItems.Patch",
    "orders.lines.crud.save_line": "LineItems.Save",
    "orders.repeating.repeat": "Orders.Repeat",
    "organizations.memberships.Memberships.save": "AdminUserGroups.SaveUserAssignment",
    "payments.crud.create_payment": "Cart.CreatePayment",
    "payments.crud.patch_payment": "Payments.Patch",
    "payments.transactions.create_transaction": "Payments.CreateTransaction",
    "pricing.operations.save_price_break.put": "PriceSchedules.SavePriceBreak",
    "products.assignments.save_assignment": "Products.SaveAssignment",
    "products.variants_generate._wanted_activity": "Products.GenerateVariants",
    "returns.crud._draft": "OrderReturns.Create",
    "returns.moving._answer": "OrderReturns.Approve",
    "shipments.items.save_item": "Shipments.SaveItem",
    "shipments.operations.ship": "Orders.Ship",
    "subscriptions.crud.create": "Me.CreateSubscription",
    "subscriptions.crud.patch": "Me.PatchSubscription",
    "subscriptions.crud.save": "Me.SaveSubscription",
    "subscriptions.items.create": "Me.CreateSubscriptionItem",
    "subscriptions.items.create_bundle": "BundleSubscriptionItems.Create",
    "subscriptions.items.patch": "Me.PatchSubscriptionItem",
    "subscriptions.items.save": "Me.SaveSubscriptionItem",
    "unbuilt.later.later.refuse": "EntitySynchronization.SyncAdminUser",
}
"""The same of bodies."""

QUERY = read_list_request.__code__
BODY = Content._parse.__code__
BETWEEN = {"entrepot.engine.content", "entrepot.engine.call"}
"""What hands a body on."""


@contextmanager
def watching(parser: CodeType) -> Iterator[set[str]]:
    """Who asks a parser while the block runs, as `engine.lists.UniformList.list`. Bodies below Content's OFF_LOOP only: others
    are parsed before anybody asks.
    """
    found: set[str] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code is parser:
            caller = frame.f_back
            while caller is not None and caller.f_globals["__name__"] in BETWEEN:
                caller = caller.f_back
            assert caller is not None
            module = caller.f_globals["__name__"].removeprefix("entrepot.").removeprefix("features.")
            found.add(f"{module}.{caller.f_code.co_qualname.replace('.<locals>', '')}")

    sys.setprofile(note)
    try:
        yield found
    finally:
        sys.setprofile(None)
