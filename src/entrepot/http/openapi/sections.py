"""Tags: the sections of the reference, and the resources in each (OAPI-2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter of the reference. `resources` are operation tags with their descriptions, in reading order."""

    id: str
    name: str
    description: str
    resources: dict[str, str]


SECTIONS = (
    Section(
        "AuthenticationAndAuthorization",
        "Authentication and Authorization",
        "Who may log in through which application, and what they may do.",
        {
            "Api Clients": "Applications that log users in, with their secrets and token lifetimes.",
            "Certs": "Public keys that verify access tokens.",
            "Forgotten Credentials": "Password reset, one-time passwords and reminders of the username.",
            "Impersonation Configs": "Which users may act as which buyer users.",
            "Open Id Connects": "Single sign-on through another identity provider.",
            "Security Profiles": "Sets of roles and password rules, assigned to companies, groups and users.",
            "Tokens": "Access tokens: logging in.",
            "User Info": "The identity of the caller as an identity token.",
        },
    ),
    Section(
        "Seller",
        "Seller",
        "The marketplace's own users, groups and settings.",
        {
            "Admin Addresses": "Addresses of the marketplace owner.",
            "Admin User Groups": "Groups of seller users.",
            "Admin Users": "Users of the marketplace owner.",
            "Incrementors": "Counters that number IDs.",
            "Locales": "Languages and currencies, assigned to buyers and their groups.",
            "Webhooks": "Calls to other systems before or after a request is processed.",
            "Xp Indices": "Extended properties that are often filtered or sorted by.",
        },
    ),
    Section(
        "Buyers",
        "Buyers",
        "Organizations that buy, and what belongs to them.",
        {
            "Buyers": "Organizations that buy from the marketplace.",
            "Buyer Groups": "Groups of buyers that share a default catalog and assignments.",
            "Users": "Users of a buyer.",
            "User Groups": "Groups of a buyer's users.",
            "Addresses": "Addresses of a buyer, assigned to its groups and users.",
            "Cost Centers": "Accounts that a buyer books its spending to.",
            "Credit Cards": "Stored cards of a buyer.",
            "Spending Accounts": "Balances that orders are paid from.",
            "Approval Rules": "Which orders of a buyer need whose approval.",
            "Product Collections": "Lists of products that users keep and share.",
        },
    ),
    Section(
        "Suppliers",
        "Suppliers",
        "Organizations that sell through the marketplace, and what belongs to them.",
        {
            "Suppliers": "Organizations that sell through the marketplace.",
            "Supplier Addresses": "Addresses of a supplier.",
            "Supplier User Groups": "Groups of a supplier's users.",
            "Supplier Users": "Users of a supplier.",
        },
    ),
    Section(
        "ProductCatalogs",
        "Product Catalogs",
        "What is for sale, to whom, and at what price.",
        {
            "Catalogs": "Collections of products, assigned to buyers.",
            "Categories": "The tree inside a catalog, assigned to buyers and groups.",
            "Products": "Things for sale, with variants, suppliers and assignments.",
            "Specs": "Options of products, from which variants are made.",
            "Price Schedules": "Prices by quantity.",
            "Discounts": "Reductions of prices by quantity.",
            "Inventory Records": "Stock of products and variants by location.",
            "Product Facets": "Extended properties of products that lists count values of.",
            "Bundles": "Products that are sold together.",
        },
    ),
    Section(
        "OrdersAndFulfillment",
        "Orders and Fulfillment",
        "Orders from the cart to the shipment and the return.",
        {
            "Cart": "The open order of a shopper.",
            "Orders": "Orders in all states.",
            "Line Items": "Products on an order.",
            "Bundle Line Items": "Bundles on an order.",
            "Group Orders": "Orders that several people fill.",
            "Promotions": "Rules that reduce the price of orders and line items.",
            "Payments": "Payments of an order and their transactions.",
            "Shipments": "What left the house.",
            "Order Returns": "What comes back.",
            "Seller Approval Rules": "Which returns need whose approval on the seller's side.",
            "Subscriptions": "Orders that repeat.",
            "Subscription Items": "Products of a subscription.",
            "Bundle Subscription Items": "Bundles of a subscription.",
        },
    ),
    Section(
        "MeAndMyStuff",
        "Me and My Stuff",
        "The caller's own record and everything the caller may see and use.",
        {"Me": "The caller, and what the caller may see and use."},
    ),
    Section(
        "Integrations",
        "Integrations",
        "Calls to other systems and messages to people.",
        {
            "Delivery Configurations": "Where messages are delivered to.",
            "Entity Synchronization": "Messages about changed objects.",
            "Error Configs": "Where failed deliveries are reported to.",
            "Integration Events": "Calls that take part in checkout, returns and single sign-on.",
            "Inventory Integrations": "Stock that another system keeps.",
            "Message Senders": "Messages to users about what happened.",
            "Order Synchronization": "Messages about changed orders.",
            "Product Synchronization": "Messages about changed products.",
            "Promotion Integrations": "Promotions that another system computes.",
            "Subscription Integrations": "Calls when a subscription's order is due.",
            "Tracking Events": "Messages about what users do.",
        },
    ),
    Section(
        "Entrepot",
        "Entrepot",
        "What this server does beyond the OrderCloud API; its paths begin with /entrepot/v1.",
        {
            "Batches": "Many requests in one transaction, all or nothing.",
            "Catchers": "Addresses of this server that show what is sent to them, for developers.",
            "Clock": "What time it is in the marketplace, for whoever tests what time does.",
            "Dashboards": "Figures over time: orders, revenue, products, carts, requests, deliveries.",
            "Deliveries": "What is sent and was sent to other systems, with attempts and answers.",
            "Delivery Targets": "Where it is sent, whether that works, and the pause of a target.",
            "Events": "What happens in the marketplace, as it happens.",
            "Explanations": "Why: what a user sees at which price, what is refused to it, what a promotion takes off.",
            "Expressions": "Writing those of promotions and approval rules: the language, whether they can be saved, what they make of an order.",
            "Faults": "Requests that fail on purpose, so that an application can be seen to bear it.",
            "Full Synchronization": "Sending all products, orders or entities anew, and how far that is.",
            "Mailbox": "Messages to people that nothing sends, for developers to read.",
            "Marketplaces for Tests": "Copies of a marketplace that vanish by themselves.",
            "Recordings": "What applications send while somebody records it, to make a collection or a test of it.",
            "Requests": "What was asked of the server in the last hours, by whom, and how it ended.",
            "Snapshots": "All that a marketplace held at a moment, to go back to.",
        },
    ),
)


class UnknownTagError(LookupError):
    """An operation has a tag that stands in no section."""


def tags(used: Iterable[str]) -> list[dict[str, Any]]:
    """The tags of the document: every section with a resource in use, and below it those resources.

    Buyers and Suppliers name a section and a resource in it. Tag names must be unique, so one tag has both members,
    and clients that look for either find it.
    """
    wanted = set(used)
    unknown = wanted.difference(*(section.resources for section in SECTIONS))
    if unknown:
        raise UnknownTagError(f"no section has the tag {', '.join(sorted(unknown))}")
    found: dict[str, dict[str, Any]] = {}
    for section in SECTIONS:
        resources = [name for name in section.resources if name in wanted]
        if resources:
            found[section.name] = {
                "name": section.name,
                "description": section.description,
                "x-id": section.id,
            }
        for name in resources:
            entry = found.setdefault(name, {"name": name, "description": section.resources[name]})
            entry["x-section-id"] = section.id
    return list(found.values())
