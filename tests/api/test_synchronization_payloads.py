"""What messages of synchronization hold (SYNC-1 to SYNC-3, SYNC-8, DC-3, INT-6)."""

from __future__ import annotations

from typing import Any

from tests.api.marketplace import Api
from tests.api.receiver import Receiver
from tests.api.shop import line_of, open_shop, order_of
from tests.api.synchronizing import Synchronized, synchronizing

from entrepot.features.trade.synchronization.kinds import ENTITY_SYNC, KINDS
from entrepot.features.trade.synchronization.metadata import metadata

NOBODY = {"ID": None, "AnonymousID": None}
ADDRESS = {
    "Street1": "1 Main",
    "City": "M",
    "State": "MN",
    "Zip": "55401",
    "Country": "US",
    "AddressName": "W",
}
USER = {"FirstName": "U", "LastName": "One", "Email": "u@x.example", "Active": True}


async def product_of_everything(world: Synchronized) -> None:
    """`p`, a child of `parent` for its prices and places, and `whole`, with specs, variants and stock."""
    for path, body in (
        ("buyers/b", {"Name": "B", "Active": True}),
        ("buyers/b/usergroups/g", {"Name": "G"}),
        ("suppliers/s", {"Name": "S", "Active": True}),
        ("catalogs/c", {"Name": "C", "Active": True}),
        ("catalogs/c/categories/k", {"Name": "K", "Active": True, "ListOrder": 3}),
        (
            "priceschedules/default",
            {"Name": "D", "PriceBreaks": [{"Quantity": 1, "Price": 5}], "Currency": "USD"},
        ),
        ("priceschedules/of-group", {"Name": "G", "PriceBreaks": [{"Quantity": 1, "Price": 4.5}]}),
        ("priceschedules/of-supplier", {"Name": "S", "PriceBreaks": [{"Quantity": 1, "Price": 6}]}),
        (
            "products/whole",
            {
                "Name": "Whole",
                "Active": True,
                "DefaultPriceScheduleID": "default",
                "Inventory": {"Enabled": True, "QuantityAvailable": 7, "NotificationPoint": 2},
                "xp": {"Color": "red"},
            },
        ),
        ("specs/size", {"Name": "Size", "Required": True, "DefinesVariant": True}),
        ("specs/size/options/s", {"Value": "Small", "PriceMarkupType": "AmountTotal", "PriceMarkup": 2}),
        ("addresses/w", ADDRESS),
    ):
        await world.write("PUT", path, body)
    for path, body in (
        ("catalogs/assignments", {"CatalogID": "c", "BuyerID": "b"}),
        ("catalogs/productassignments", {"CatalogID": "c", "ProductID": "whole"}),
        ("catalogs/c/categories/productassignments", {"CategoryID": "k", "ProductID": "whole"}),
        ("products/assignments", {"ProductID": "whole", "BuyerID": "b"}),
        (
            "products/assignments",
            {"ProductID": "whole", "BuyerID": "b", "UserGroupID": "g", "PriceScheduleID": "of-group"},
        ),
        ("specs/productassignments", {"SpecID": "size", "ProductID": "whole"}),
        ("products/whole/variants/generate", {}),
        (
            "products/whole/inventoryrecords",
            {"ID": "r", "AddressID": "w", "QuantityAvailable": 3, "xp": {"a": 1}},
        ),
    ):
        await world.write("POST", path, body)
    await world.write("PUT", "products/whole/suppliers/s?defaultPriceScheduleID=of-supplier")


async def test_sync_3_a_product_comes_with_all_that_belongs_to_it(api: Api, receiver: Receiver) -> None:
    """SYNC-3, DC-3, INT-6: the envelope, the names of a published message, numbers of enumerations, ExcludePriceSchedules."""
    async with synchronizing(api, receiver) as world:
        await product_of_everything(world)
        body = (await world.sent())[-1]
        assert body["Headers"] == {
            "type": "sitecore.ordercloud.messages.product.updated",
            "marketplace": api.marketplace,
            "tenantid": api.marketplace,
        }
        payload = body["Payload"]
        shown = await world.write("GET", "products/whole")
        assert payload["UserContext"] == NOBODY
        assert (payload["ProductID"], payload["Marketplace"]) == ("whole", api.marketplace)
        assert {name: payload[name] for name in shown if name != "ID"} == {
            k: v for k, v in shown.items() if k != "ID"
        }
        prices = {
            each: await world.write("GET", f"priceschedules/{each}")
            for each in ("default", "of-group", "of-supplier")
        }
        assert payload["DefaultPriceSchedule"] == prices["default"]
        assert payload["PartyPriceSchedules"] == [
            {"Seller": api.marketplace, "Party": "g", "PartyType": 2, "PriceSchedule": prices["of-group"]}
        ]
        assert payload["SellerDefaultPriceSchedules"] == [
            {"Seller": "s", "PriceSchedule": prices["of-supplier"]}
        ]
        assert payload["Catalogs"] == ["c"]
        assert payload["Categories"] == [{"ID": "k", "Name": "K", "ListOrder": 3, "Active": True}]
        assert payload["Suppliers"] == [api.marketplace, "s"]
        assert payload["Buyers"] == ["b"]
        assert payload["UserGroups"] == ["g"]
        [spec] = payload["Specs"]
        assert (spec["ID"], spec["OptionCount"], spec["DefinesVariant"]) == ("size", 1, True)
        assert spec["Options"] == [
            {
                "ID": "s",
                "Value": "Small",
                "ListOrder": 0,
                "IsOpenText": False,
                "PriceMarkupType": 2,
                "PriceMarkup": 2,
                "xp": None,
            }
        ]
        [variant] = payload["Variants"]
        assert (variant["ID"], variant["Specs"][0]["PriceMarkupType"]) == ("whole-s", 2)
        record = {"ID": "r", "OwnerID": api.marketplace, "AddressID": "w", "OrderCanExceed": False}
        assert payload["InventoryRecords"] == [
            record | {"QuantityAvailable": 3, "Zip": "55401", "xp": {"a": 1}}
        ]
        await world.write(
            "PATCH", "integrations/productsync", {"ExcludePriceSchedules": True, "ConfigData": {"k": 1}}
        )
        await world.write("PATCH", "products/whole", {"Name": "Other"})
        payload = (await world.sent())[-1]["Payload"]
        assert payload["Name"] == "Other"
        assert payload["ConfigData"] == {"k": 1}
        assert not {"DefaultPriceSchedule", "PartyPriceSchedules", "SellerDefaultPriceSchedules"} & set(
            payload
        )


async def test_sync_3_a_child_shows_what_its_parent_gives_and_follows_it(
    api: Api, receiver: Receiver
) -> None:
    """PRD-6: prices, places and parties of the parent, but for its own; a change of the parent sends both."""
    async with synchronizing(api, receiver) as world:
        await product_of_everything(world)
        await world.write(
            "PUT", "products/parent", {"Name": "P", "IsParent": True, "DefaultPriceScheduleID": "default"}
        )
        await world.write("PUT", "products/child", {"Name": "C", "ParentID": "parent"})
        await world.write("POST", "catalogs/productassignments", {"CatalogID": "c", "ProductID": "parent"})
        await world.sent()
        await world.write(
            "POST",
            "products/assignments",
            {"ProductID": "parent", "BuyerID": "b", "PriceScheduleID": "of-group"},
        )
        child, parent = sorted(
            (each["Payload"] for each in await world.sent()), key=lambda each: each["ProductID"]
        )
        for payload in (child, parent):
            assert payload["Catalogs"] == ["c"]
            assert payload["Buyers"] == ["b"]
            assert payload["DefaultPriceSchedule"]["ID"] == "default"
            assert [each["PartyType"] for each in payload["PartyPriceSchedules"]] == [3]
        await world.write(
            "PUT", "priceschedules/own", {"Name": "O", "PriceBreaks": [{"Quantity": 1, "Price": 1}]}
        )
        await world.write(
            "POST", "products/assignments", {"ProductID": "child", "BuyerID": "b", "PriceScheduleID": "own"}
        )
        [payload] = [each["Payload"] for each in await world.sent()]
        assert [each["PriceSchedule"]["ID"] for each in payload["PartyPriceSchedules"]] == ["own"]


async def test_sync_2_sync_3_entities_come_with_their_fields_and_go_by_their_ids(
    api: Api, receiver: Receiver
) -> None:
    """The fields of each kind, UserType and UserGroupType as numbers, no password; what is gone is {ID, UserContext}."""
    async with synchronizing(api, receiver) as world:
        await product_of_everything(world)
        for path, name in (("buyers/b/users/u", "bu"), ("suppliers/s/users/u", "su"), ("adminusers/u", "au")):
            await world.write("PUT", path, {**USER, "Username": name, "Password": "A long enough passw0rd"})
        found: dict[str, Any] = {}
        for body in await world.sent():
            _, of_entity, kind = body["Headers"]["type"].rpartition("entitysync.")
            if of_entity:
                found.setdefault(kind, {})[body["Payload"]["ID"]] = body["Payload"]
        for kind, number, company, path in (
            ("buyeruser", 0, "b", "buyers/b/users/u"),
            ("supplieruser", 1, "s", "suppliers/s/users/u"),
            ("adminuser", 2, api.marketplace, "adminusers/u"),
        ):
            shown = await world.write("GET", path)
            for name in ("FailedLoginAttempts", "LastActive", "Password"):
                shown.pop(name, None)
            payload = found[f"{kind}.updated"]["u"]
            assert payload == {"UserContext": NOBODY, "UserType": number, **shown}
            assert payload["CompanyID"] == company
        for kind, path, more in (
            ("buyer", "buyers/b", {}),
            ("supplier", "suppliers/s", {}),
            ("category", "catalogs/c/categories/k", {"CatalogID": "c"}),
            ("buyerusergroup", "buyers/b/usergroups/g", {"BuyerID": "b", "UserGroupType": 0}),
        ):
            shown = await world.write("GET", path)
            assert found[f"{kind}.updated"][shown["ID"]] == {"UserContext": NOBODY, **shown, **more}
        catalog = await world.write("GET", "catalogs/c")
        assert found["catalog.updated"]["c"] == {"UserContext": NOBODY, **catalog}
        record = {"ID": "r", "OwnerID": api.marketplace, "AddressID": "w", "OrderCanExceed": False}
        assert found["inventoryrecord.updated"]["r"] == {
            "UserContext": NOBODY,
            "ID": "r",
            "ProductID": "whole",
            "InventoryRecords": [record | {"QuantityAvailable": 3, "Zip": "55401", "xp": {"a": 1}}],
        }
        described = {each["EntityName"]: [a["Name"] for a in each["Attributes"]] for each in metadata()}
        sent = {
            kind.setting: next(iter(found[f"{kind.called.partition('.')[2]}.updated"].values()))
            for kind in KINDS
            if kind.integration == ENTITY_SYNC
        }
        assert {name: sorted(names) for name, names in described.items()} == {
            name: sorted(payload) for name, payload in sent.items()
        }
        await world.write("DELETE", "buyers/b/usergroups/g")
        await world.write("DELETE", "buyers/b/users/u")
        await world.write("DELETE", "products/whole")
        gone = [each for each in await world.sent() if each["Headers"]["type"].endswith(".deleted")]
        assert [each["Payload"] for each in gone] == [
            {"UserContext": NOBODY, "ID": "u"},
            {"UserContext": NOBODY, "ID": "g", "UserGroupType": 0},
            {"UserContext": NOBODY, "ProductID": "whole"},
        ]


async def test_sync_8_an_order_is_sent_on_submit_and_on_what_changes_then(
    api: Api, receiver: Receiver
) -> None:
    """SYNC-3, SYNC-8: with its lines and numbers in place of enumerations; a cart is nobody's business."""
    shop = await open_shop(api)
    async with synchronizing(api, receiver) as world:
        await shop.product("P", (1, 10), Inventory={"Enabled": True, "QuantityAvailable": 9})
        await shop.put("addresses/w", **ADDRESS)
        _, shopper = await shop.shopper()
        await order_of(shopper, ID="o")
        await line_of(shopper, "o", "P", quantity=2)
        await world.write("PATCH", "orders/Outgoing/o", {"Comments": "cart"}, shopper)
        assert not [each for each in await world.told() if "ordersync" in each]
        await world.write("POST", "orders/Outgoing/o/submit", client=shopper)
        bodies = await world.sent()
        [payload] = [
            each["Payload"] for each in bodies if each["Headers"]["type"].endswith("ordersync.updated")
        ]
        shown = await world.write("GET", "orders/Incoming/o")
        lines = (await world.write("GET", "orders/Incoming/o/lineitems"))["Items"]
        assert payload["Status"] == 4
        assert {name: payload[name] for name in shown if name != "Status"} == {
            k: v for k, v in shown.items() if k != "Status"
        }
        assert payload["LineItems"] == lines
        stock = [
            each["Payload"]["Inventory"]
            for each in bodies
            if each["Headers"]["type"].endswith("product.updated")
        ]
        assert [each["QuantityAvailable"] for each in stock] == [7]
        await world.write("PATCH", "orders/Incoming/o", {"xp": {"erp": 1}})
        await world.write("PATCH", "orders/Incoming/o/lineitems/" + lines[0]["ID"], {"Quantity": 3})
        await world.write("POST", "orders/Incoming/o/cancel")
        statuses = [
            (each["Payload"]["Status"], each["Payload"]["LineItems"][0]["Quantity"])
            for each in await world.sent()
            if each["Headers"]["type"].endswith("ordersync.updated")
        ]
        assert statuses[-1] == (6, 3)
        assert len(statuses) == 3
