"""What is synchronized with systems outside, and which rows it is made of: declared where these are, read by the unit that
writes them (SYNC-4).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Thing(enum.StrEnum):
    """What rows say something of. Each is named by a JSON array, of what its comment says."""

    PRODUCTS = "products"
    """[ID]"""
    USERS = "users"
    """[key], where a row is the user [key, BuyerID, SupplierID, ID]; when it is gone [BuyerID, SupplierID, ID]"""
    BUYERS = "buyers"
    """[ID]"""
    USER_GROUPS = "user_groups"
    """As users."""
    SUPPLIERS = "suppliers"
    """[ID]"""
    CATALOGS = "catalogs"
    """[ID]"""
    CATEGORIES = "categories"
    """[CatalogID, ID]"""
    INVENTORY_RECORDS = "inventory_records"
    """[key], also when it is gone, which nobody is told"""
    ORDERS = "orders"
    """As inventory records."""
    SPECS = "specs"
    """[ID]: the products that have it"""
    PRICE_SCHEDULES = "price_schedules"
    """[ID]: the products that are sold by it"""
    PARTIES = "parties"
    """[key of a group]: the products that are given to it"""
    STOCK = "stock"
    """How many there are of a product, a variant, in a record: no row says it by itself, whoever writes it does (Noted.moved)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """That rows of a table say something of a thing.

    by: the columns that name the thing. itself: where a row is the thing, those that name it when the row is gone; else a row that
    goes changes the thing. columns: those that say something; None for all but `quiet`. new_rows: whether a new row does. when: an
    SQL condition on the row `{t}`, where not all of them do.
    """

    of: Thing
    by: tuple[str, ...]
    itself: tuple[str, ...] = ()
    columns: tuple[str, ...] | None = None
    quiet: tuple[str, ...] = ()
    new_rows: bool = True
    when: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What goes along with a row that is deleted, by a foreign key: nobody can say afterwards what that was of.

    tables: whose rows go. find: the SQL that names the things, one JSON array a row; $1 is the marketplace, then the columns `by` of the
    deleted row. gone: whether the things are gone, or have changed.
    """

    tables: tuple[str, ...]
    of: Thing
    find: str
    by: tuple[str, ...] = ("ID",)
    gone: bool = False
