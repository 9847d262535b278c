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
    "catalog.bundles.bundle_list.list_bundles": "Bundles.List",
    "trade.cart.twins.empty_page": "Cart.ListEligiblePromotions",
    "catalog.catalogs.category_list.list_categories": "Categories.List",
    "catalog.collections.entry_lists.list_entries": "Me.ListProductCollectionEntries",
    "catalog.collections.entry_lists.list_entries_of_buyer": "ProductCollections.ListEntries",
    "catalog.collections.invitations.list_invitations": "Me.ListProductCollectionInvitations",
    "catalog.collections.own.list_own": "Me.ListProductCollections",
    "engine.assignments.bare_page": "Addresses.ListAssignments",
    "engine.lists.UniformList.list": "Buyers.List",
    "engine.row_lists.rows_list.run": "Me.ListAddresses",
    "engine.selections.SelectedList.page": "Buyers.ListBuyerSellers",
    "trade.orders.lines.lists.list_across": "LineItems.ListAcrossOrders",
    "trade.orders.lines.lists.list_lines": "LineItems.List",
    "trade.orders.lists.read_order_request": "Me.ListOrders",
    "catalog.products.product_list.list_products": "Products.List",
    "catalog.shopping.catalogs.list_my_catalogs": "Me.ListCatalogs",
    "catalog.shopping.categories.list_my_categories": "Me.ListCategories",
    "catalog.shopping.products.list_my_products": "Me.ListProducts",
    "catalog.shopping.records._list": "Me.ListProductInventoryRecords",
    "catalog.shopping.variants.list_my_variants": "Me.ListVariants",
    "trade.subscriptions.lists.list_items": "Me.ListSubscriptionItems",
    "people.deliveries.log.listing.list_deliveries": "Deliveries.List",
    "people.request_log.listing.list_requests": "Requests.List",
}
"""Who reads query strings of lists, and the list at which all that is hostile is tried."""
BODY_READERS = {
    "catalog.bundles.assignments.save_assignment": "Bundles.SaveAssignment",
    "trade.cart.twins.twin.handle": "Cart.CreatePaymentTransaction",
    "trade.checkout.operations.select_ship_methods": "IntegrationEvents.SelectShipmethods",
    "catalog.collections.entries.save": "Me.SaveProductCollectionEntry",
    "catalog.collections.invitations.create": "Me.CreateProductCollectionInvitation",
    "catalog.collections.invitations.patch": "Me.PatchProductCollectionInvitation",
    "people.batches.planning.planned": "Batches.Create",
    "people.catchers.making.create_catcher": "Catchers.Create",
    "people.company_assets.private.Private._full": "Me.CreateAddress",
    "people.company_assets.private.Private.patch": "Me.PatchAddress",
    "people.configuration.operations.put_xp_index": "XpIndices.Put",
    "engine.assignments.UniformAssignments.save": "Addresses.SaveAssignment",
    "engine.verbs.UniformVerbs.create": "Buyers.Create",
    "engine.verbs.UniformVerbs.patch": "Buyers.Patch",
    "engine.verbs.UniformVerbs.save": "Buyers.Save",
    "trade.clock.operations.advance_clock": "Clock.Advance",
    "trade.clock.operations.save_clock": "Clock.Save",
    "people.recordings.operations.create_recording": "Recordings.Create",
    "people.snapshots.marketplaces.create_marketplace": "TestMarketplaces.Create",
    "people.snapshots.operations.create_snapshot": "Snapshots.Create",
    "trade.expressions.checking.read_draft": "Expressions.Check",
    "trade.group_orders.invitations.create_invitation": "Me.CreateGroupOrderInvitation",
    "trade.group_orders.invitations.patch_invitation": "Me.PatchGroupOrderInvitation",
    "people.forgotten.requests.read_body": "ForgottenCredentials.ResetPasswordByVerificationCode",
    "people.identity.passwords.given_password": "AdminUsers.Create",
    "people.integrations.listeners.save_listener": "MessageSenders.SaveCCListenerAssignment",
    "people.oauth.impersonation._read": "Users.GetAccessToken",
    "people.oauth.secrets.create_secret": "ApiClients.CreateSecret",
    "trade.orders.addresses.change_copy": "Orders.PatchBillingAddress",
    "trade.orders.addresses.read_one_time": "Cart.SetBillingAddress",
    "trade.orders.approvals.approving._answer": "Orders.Approve",
    "trade.orders.crud._body": "Orders.Create",
    "trade.orders.crud.patch": "Orders.Patch",
    "trade.orders.crud.patch_from_user": "Orders.PatchFromUser",
    "trade.orders.crud.save_order": "Cart.Save",
    "trade.orders.lines.bundles.create_bundle": "BundleLineItems.Create",
    "trade.orders.lines.crud.create_line": "Cart.CreateLineItem",
    "trade.orders.lines.crud.patch_line": "LineItems.Patch",
    "trade.orders.lines.crud.save_line": "LineItems.Save",
    "trade.orders.repeating.repeat": "Orders.Repeat",
    "people.organizations.memberships.Memberships.save": "AdminUserGroups.SaveUserAssignment",
    "trade.payments.crud.create_payment": "Cart.CreatePayment",
    "trade.payments.crud.patch_payment": "Payments.Patch",
    "trade.payments.transactions.create_transaction": "Payments.CreateTransaction",
    "catalog.pricing.operations.save_price_break.put": "PriceSchedules.SavePriceBreak",
    "catalog.products.assignments.save_assignment": "Products.SaveAssignment",
    "catalog.products.variants_generate._wanted_activity": "Products.GenerateVariants",
    "trade.returns.crud._draft": "OrderReturns.Create",
    "trade.returns.moving._answer": "OrderReturns.Approve",
    "trade.shipments.items.save_item": "Shipments.SaveItem",
    "trade.shipments.operations.ship": "Orders.Ship",
    "trade.synchronization.full.start": "FullSynchronization.Start",
    "trade.synchronization.operations._sender.send": "EntitySynchronization.SyncAdminUser",
    "trade.subscriptions.crud.create": "Me.CreateSubscription",
    "trade.subscriptions.crud.patch": "Me.PatchSubscription",
    "trade.subscriptions.crud.save": "Me.SaveSubscription",
    "trade.subscriptions.items.create": "Me.CreateSubscriptionItem",
    "trade.subscriptions.items.create_bundle": "BundleSubscriptionItems.Create",
    "trade.subscriptions.items.patch": "Me.PatchSubscriptionItem",
    "trade.subscriptions.items.save": "Me.SaveSubscriptionItem",
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
