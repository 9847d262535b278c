"""Switches and pauses of synchronization, single things on request, full runs, messages of stock (SYNC-2, SYNC-5 to SYNC-7, INV-1, INV-2)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.marketplace import Api, codes
from tests.api.receiver import Receiver
from tests.api.shop import line_of, open_shop, order_of
from tests.api.synchronizing import Synchronized, synchronizing
from tests.api.test_catalog_plans import recorded

from entrepot.app.forwarding import UnknownNameError
from entrepot.app.synchronizing import Wanted, follow_run, start_run
from entrepot.domain.integrations.stock_notices import is_notable
from entrepot.features.people.deliveries.expanding import Expander
from entrepot.features.trade.synchronization import expanding, products, runs

FULL = "/entrepot/v1/synchronize"
ADDRESS = {
    "Street1": "1 Main",
    "City": "M",
    "State": "MN",
    "Zip": "55401",
    "Country": "US",
    "AddressName": "W",
}
USER = {"FirstName": "U", "LastName": "One", "Email": "u@x.example", "Active": True}


async def test_sync_2_switches_tell_changes_and_deletions_apart(api: Api, receiver: Receiver) -> None:
    async with synchronizing(api, receiver) as world:
        await world.write("PATCH", "integrations/productsync", {"SyncProductChanged": False})
        await world.write("PATCH", "integrations/entitysync/buyers", {"SyncEntityDeleted": False})
        await world.write("PUT", "products/p", {"Name": "P"})
        await world.write("PUT", "catalogs/c", {"Name": "C"})
        await world.write("PUT", "buyers/b", {"Name": "B", "DefaultCatalogID": "c"})
        assert sorted(await world.told()) == ["entitysync.buyer.updated b", "entitysync.catalog.updated c"]
        await world.write("DELETE", "buyers/b")
        await world.write("DELETE", "products/p")
        assert await world.told() == ["product.deleted p"]
        await world.write("PATCH", "integrations/deliveryconfig/c", {"Enabled": False})
        await world.write("PUT", "buyers/b2", {"Name": "B"})
        assert await world.told() == []


async def test_sync_5_a_pause_holds_what_changes_once_and_deletions_never(
    api: Api, receiver: Receiver
) -> None:
    async with synchronizing(api, receiver) as world:
        await world.settings(Paused=True)
        for name in ("A", "B", "C"):
            await world.write("PUT", "products/p", {"Name": name})
            await world.write("PUT", "suppliers/s", {"Name": name})
        await world.write("PUT", "products/q", {"Name": "Q"})
        await world.write("DELETE", "products/q")
        assert await world.told() == ["product.deleted q"]
        await world.settings(Paused=False)
        await runs.advance_of(world.post.backend, world.api.marketplace_id)
        bodies = await world.sent()
        assert sorted(
            (each["Payload"].get("ProductID") or each["Payload"]["ID"], each["Payload"]["Name"])
            for each in bodies
        ) == [
            ("p", "C"),
            ("s", "C"),
        ]
        assert await api.value("SELECT count(*) FROM held_syncs WHERE marketplace_id = $1") == 0
        await world.write("PUT", "products/p", {"Name": "D"})
        assert await world.told() == ["product.updated p"]
        await world.settings(Paused=True)
        await world.write("PUT", "products/p", {"Name": "E"})
        assert await world.told() == []
        await world.write("DELETE", "integrations/productsync")
        assert await api.value("SELECT count(*) FROM held_syncs WHERE marketplace_id = $1") == 0


THINGS: tuple[tuple[str, dict[str, str], str, str], ...] = (
    ("productsync", {"ProductID": "p"}, "product.updated p", "Synchronize.ProductSyncNotEnabled"),
    (
        "entitysync/adminusers",
        {"UserID": "a"},
        "entitysync.adminuser.updated a",
        "Synchronize.EntitySyncForAdminUsersNotEnabled",
    ),
    (
        "entitysync/buyers",
        {"BuyerID": "b"},
        "entitysync.buyer.updated b",
        "Synchronize.EntitySyncForBuyerNotEnabled",
    ),
    (
        "entitysync/buyers/users",
        {"BuyerID": "b", "UserID": "u"},
        "entitysync.buyeruser.updated u",
        "Synchronize.EntitySyncForBuyerUsersNotEnabled",
    ),
    (
        "entitysync/buyers/usergroups",
        {"BuyerID": "b", "UserGroupID": "g"},
        "entitysync.buyerusergroup.updated g",
        "Synchronize.EntitySyncForBuyerUserGroupNotEnabled",
    ),
    (
        "entitysync/catalogs",
        {"CatalogID": "c"},
        "entitysync.catalog.updated c",
        "Synchronize.EntitySyncForCatalogNotEnabled",
    ),
    (
        "entitysync/categories",
        {"CatalogID": "c", "CategoryID": "k"},
        "entitysync.category.updated k",
        "Synchronize.EntitySyncForCategoryNotEnabled",
    ),
    (
        "entitysync/products/inventoryrecords",
        {"ProductID": "p", "InventoryRecordID": "r"},
        "entitysync.inventoryrecord.updated r",
        "Synchronize.EntitySyncForInventoryRecordNotEnabled",
    ),
    (
        "entitysync/supplier",
        {"SupplierID": "s"},
        "entitysync.supplier.updated s",
        "Synchronize.EntitySyncForSupplierNotEnabled",
    ),
    (
        "entitysync/suppliers/users",
        {"SupplierID": "s", "UserID": "v"},
        "entitysync.supplieruser.updated v",
        "Synchronize.EntitySyncForSupplierUsersNotEnabled",
    ),
)


async def one_of_each(world: Synchronized) -> None:
    for path, body in (
        ("adminusers/a", {**USER, "Username": "a"}),
        ("buyers/b", {"Name": "B"}),
        ("buyers/b/users/u", {**USER, "Username": "u"}),
        ("buyers/b/usergroups/g", {"Name": "G"}),
        ("catalogs/c", {"Name": "C"}),
        ("catalogs/c/categories/k", {"Name": "K"}),
        ("suppliers/s", {"Name": "S"}),
        ("suppliers/s/users/v", {**USER, "Username": "v"}),
        ("addresses/w", ADDRESS),
        ("products/p", {"Name": "P", "Inventory": {"Enabled": True, "QuantityAvailable": 1}}),
    ):
        await world.write("PUT", path, body)
    await world.write(
        "POST", "products/p/inventoryrecords", {"ID": "r", "AddressID": "w", "QuantityAvailable": 3}
    )


async def test_sync_6_single_things_are_sent_anew(api: Api, receiver: Receiver) -> None:
    """SYNC-6: 204 and its message, also where changes are not sent by themselves; 404; 400 where it is not set or disabled."""
    async with synchronizing(api, receiver) as world:
        await one_of_each(world)
        await world.sent()
        for path, _, _, _ in THINGS:
            setting = (
                path.replace("entitysync/supplier", "entitysync/suppliers")
                if path == "entitysync/supplier"
                else path
            )
            word = "SyncProductChanged" if path == "productsync" else "SyncEntityChanged"
            await world.write("PATCH", f"integrations/{setting}", {word: False})
        for path, body, told, _ in THINGS:
            await world.write("POST", f"integrations/{path}/sync", body)
            assert await world.told() == [told]
            missing = {**body, list(body)[-1]: "nothing"}
            answer = await api.seller.post(f"/v1/integrations/{path}/sync", json=missing)
            assert (answer.status_code, codes(answer)) == (404, ["NotFound"])
        await world.write("PATCH", "integrations/deliveryconfig/c", {"Enabled": False})
        for path, body, _, code in THINGS:
            answer = await api.seller.post(f"/v1/integrations/{path}/sync", json=body)
            assert (answer.status_code, codes(answer)) == (400, [code])


async def finish(world: Synchronized) -> list[str]:
    """All slices of all runs, and what they have sent."""
    told = []
    while await runs.advance_of(world.post.backend, world.api.marketplace_id):
        told += await world.told()
    return told + await world.told()


async def test_sync_7_full_runs_send_all_of_a_kind(
    api: Api, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In slices, wherever the one before ended; one of a kind at a time; records come together, product by product."""
    monkeypatch.setattr(runs, "SLICE", 2)
    async with synchronizing(api, receiver) as world:
        await one_of_each(world)
        for number in range(5):
            await world.write("PUT", f"products/p{number}", {"Name": "P"})
        await world.write("POST", "catalogs/productassignments", {"CatalogID": "c", "ProductID": "p1"})
        await world.sent()
        for word, expected in (
            ("products", [f"product.updated {each}" for each in ("p", "p0", "p1", "p2", "p3", "p4")]),
            ("buyers", ["entitysync.buyer.updated b"]),
            ("buyerusers", ["entitysync.buyeruser.updated u"]),
            ("supplierusers", ["entitysync.supplieruser.updated v"]),
            ("usergroups", ["entitysync.buyerusergroup.updated g"]),
            ("suppliers", ["entitysync.supplier.updated s"]),
            ("catalogs", ["entitysync.catalog.updated b", "entitysync.catalog.updated c"]),
            ("categories", ["entitysync.category.updated k"]),
            ("inventoryrecords", ["entitysync.inventoryrecord.full.updated None"]),
        ):
            answer = await api.seller.post(f"{FULL}/{word}")
            assert answer.status_code == 201, answer.text
            run = answer.json()
            assert (run["Status"], run["Done"], run["Total"]) == ("Running", 0, len(expected))
            again = await api.seller.post(f"{FULL}/{word}")
            assert (again.status_code, codes(again)) == (400, ["FullSyncStatus.FullSyncAlreadyRunning"])
            assert sorted(await finish(world)) == expected
            run = (await api.seller.get(f"{FULL}/runs/{run['ID']}")).json()
            assert (run["Status"], run["Done"]) == ("Completed", len(expected))
            assert run["DateEnded"] is not None
        long_ago = "UPDATE sync_runs SET ended_at = ended_at - interval '31 days' WHERE marketplace_id = $1 AND setting = 'Buyers'"
        await api.execute(long_ago)
        answer = await api.seller.post(f"{FULL}/products", json={"CatalogID": "c"})
        assert answer.json()["Total"] == 1
        assert await finish(world) == ["product.updated p1"]
        listed = (await api.seller.get(FULL, params={"sortBy": "DateStarted"})).json()
        assert listed["Meta"]["TotalCount"] == 9
        assert (await api.seller.post(f"{FULL}/nothing")).status_code == 404


async def test_sync_7_a_run_waits_while_much_is_due_and_can_be_ended(
    api: Api, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No more is told than the bound; a run that nobody goes on with stays as it is."""
    monkeypatch.setattr(runs, "SLICE", 2)
    monkeypatch.setattr(runs, "MOST_DUE", 4)
    async with synchronizing(api, receiver) as world:
        for number in range(9):
            await world.write("PUT", f"products/p{number}", {"Name": "P"})
        await world.sent()
        run = (await api.seller.post(f"{FULL}/products")).json()
        assert await runs.advance_of(world.post.backend, world.api.marketplace_id) == 1
        assert await runs.advance_of(world.post.backend, world.api.marketplace_id) == 0
        assert sorted(await world.told()) == ["product.updated p0", "product.updated p1"]
        assert await runs.advance_of(world.post.backend, world.api.marketplace_id) == 1
        assert (await api.seller.get(f"{FULL}/runs/{run['ID']}")).json()["Done"] == 4
        assert (await api.seller.post(f"{FULL}/runs/{run['ID']}/cancel")).status_code == 204
        assert (await api.seller.post(f"{FULL}/runs/{run['ID']}/cancel")).status_code == 404
        assert sorted(await finish(world)) == ["product.updated p2", "product.updated p3"]


async def test_sync_7_full_runs_need_their_role_their_setting_and_dates_in_order(
    api: Api, receiver: Receiver
) -> None:
    shop = await open_shop(api)
    await shop.product("P", (1, 10))
    _, shopper = await shop.shopper()
    for order in ("o1", "o2"):
        await order_of(shopper, ID=order)
        await line_of(shopper, order, "P")
    assert (await shopper.post("/v1/orders/Outgoing/o1/submit")).status_code == 201
    answer = await api.seller.post(f"{FULL}/orders")
    assert (answer.status_code, codes(answer)) == (400, ["Synchronize.OrderSyncNotEnabled"])
    async with synchronizing(api, receiver) as world:
        dates = {"StartDate": "2030-01-02T00:00:00Z", "EndDate": "2030-01-01T00:00:00Z"}
        answer = await api.seller.post(f"{FULL}/orders", json=dates)
        assert (answer.status_code, codes(answer)) == (400, ["OrderSync.InvalidDateRangeForSyncOperation"])
        assert (await api.seller.post(f"{FULL}/orders", json={"EndDate": "2000-01-01T00:00:00Z"})).json()[
            "Total"
        ] == 0
        assert await finish(world) == []
        assert (await api.seller.post(f"{FULL}/orders", json={"StartDate": "2000-01-01T00:00:00Z"})).json()[
            "Total"
        ] == 1
        assert await finish(world) == ["ordersync.updated o1"]
        admin = api.as_(api.admin, roles=["OrderSyncConfigAdmin"])
        assert (await admin.post(f"{FULL}/products")).status_code == 403
        assert (await admin.post(f"{FULL}/orders")).status_code == 201
        assert (await shopper.post(f"{FULL}/orders")).status_code == 403


async def test_sync_4_a_change_of_very_many_is_followed_in_slices(
    api: Api, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expanding, "MOST_PRODUCTS", 3)
    monkeypatch.setattr(runs, "SLICE", 2)
    async with synchronizing(api, receiver) as world:
        await world.write(
            "PUT", "priceschedules/ps", {"Name": "PS", "PriceBreaks": [{"Quantity": 1, "Price": 5}]}
        )
        for number in range(5):
            await world.write("PUT", f"products/p{number}", {"Name": "P", "DefaultPriceScheduleID": "ps"})
        await world.write("PUT", "products/other", {"Name": "P"})
        await world.sent()
        await world.write("PATCH", "priceschedules/ps", {"Name": "New"})
        assert await world.told() == []
        assert sorted(await finish(world)) == [f"product.updated p{number}" for number in range(5)]


@pytest.mark.parametrize(
    ("before", "after", "point", "notable"),
    [
        (7, 6, 5, False),
        (6, 5, 5, True),
        (5, 4, 5, True),
        (4, 6, 5, True),
        (3, 2, None, False),
        (1, 0, None, True),
        (0, 4, None, True),
        (4, 9, None, False),
        (-2, -1, None, True),
    ],
)
def test_inv_2_vectors(before: int, after: int, point: int | None, notable: bool) -> None:
    assert is_notable(before, after, point) is notable


async def test_inv_1_each_change_of_stock_is_told_with_what_was_before(api: Api, receiver: Receiver) -> None:
    """INV-1, INV-2 at each level: a product, a variant, a record, by writes and by orders; limited where that is wanted."""
    shop = await open_shop(api)
    async with synchronizing(api, receiver, inventory=True) as world:

        async def moved() -> list[list[Any]]:
            bodies = [
                each for each in await world.sent() if each["Headers"]["type"].endswith("inventory.updated")
            ]
            names = (
                "ProductID",
                "VariantID",
                "InventoryRecordID",
                "PreviousQuantity",
                "QuantityAvailable",
                "NotificationPoint",
            )
            assert all(set(each["Payload"]) == set(names) for each in bodies)
            return [[each["Payload"][name] for name in names] for each in bodies]

        await shop.product(
            "P", (1, 10), Inventory={"Enabled": True, "QuantityAvailable": 9, "NotificationPoint": 5}
        )
        assert await moved() == [["P", None, None, 0, 9, 5]]
        await world.write("PATCH", "products/P", {"Inventory": {"QuantityAvailable": 8}})
        await world.write("PATCH", "products/P", {"Name": "Other"})
        assert await moved() == [["P", None, None, 9, 8, 5]]
        _, shopper = await shop.shopper()
        await order_of(shopper, ID="o")
        await line_of(shopper, "o", "P", quantity=2)
        assert await moved() == []
        await world.write("POST", "orders/Outgoing/o/submit", client=shopper)
        assert await moved() == [["P", None, None, 8, 6, 5]]
        await world.write("PUT", "addresses/w", ADDRESS)
        await world.write(
            "POST", "products/P/inventoryrecords", {"ID": "r", "AddressID": "w", "QuantityAvailable": 3}
        )
        assert await moved() == [["P", None, "r", 0, 3, None], ["P", None, None, 6, 3, 5]]
        await world.write("DELETE", "products/P/inventoryrecords/r")
        assert await moved() == [["P", None, "r", 3, 0, None], ["P", None, None, 3, 6, 5]]
        await world.write("PUT", "specs/size", {"Name": "Size", "Required": True, "DefinesVariant": True})
        await world.write("PUT", "specs/size/options/s", {"Value": "S"})
        await world.write(
            "PUT", "products/V", {"Name": "V", "Inventory": {"Enabled": True, "VariantLevelTracking": True}}
        )
        await world.write("POST", "specs/productassignments", {"SpecID": "size", "ProductID": "V"})
        await world.write("POST", "products/V/variants/generate")
        assert await moved() == []
        await world.write(
            "PATCH",
            "products/V/variants/V-s",
            {"Inventory": {"QuantityAvailable": 4, "NotificationPoint": 1}},
        )
        assert await moved() == [["V", "V-s", None, 0, 4, 1], ["V", None, None, 0, 4, None]]
        await world.write("PATCH", "integrations/inventory", {"LimitNotifications": True})
        for quantity in (3, 1, 2):
            await world.write(
                "PATCH", "products/V/variants/V-s", {"Inventory": {"QuantityAvailable": quantity}}
            )
        assert await moved() == [["V", "V-s", None, 3, 1, 1], ["V", "V-s", None, 1, 2, 1]]


async def test_a_write_of_which_nobody_hears_costs_no_statement_more(
    api: Api, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where others are synchronized a write is one statement longer; where it is not among them, by none, nor differs its text."""
    writes = (
        ("PUT", "/v1/products/p", {"Name": "P"}),
        ("PATCH", "/v1/products/p", {"Name": "Q"}),
        ("PATCH", "/v1/products/p", {"ID": "q"}),
        ("DELETE", "/v1/products/q", None),
    )

    async def statements() -> list[list[str]]:
        seen = []
        for verb, path, body in writes:
            # Who calls and who listens is known by then.
            await api.seller.get("/v1/me")
            with recorded(monkeypatch) as sent:
                answer = await api.seller.request(verb, path, json=body)
            assert answer.status_code < 300, answer.text
            seen.append([query for query, _ in sent if "pg_notify" not in query])
        return seen

    await statements()
    silent = await statements()
    async with synchronizing(api, receiver) as world:
        await statements()
        loud = await statements()
        assert [len(each) for each in loud] == [len(each) + 1 for each in silent]
        await world.write("DELETE", "integrations/productsync")
        await statements()
        unheard = await statements()
        # A rename changes lines of orders and inventory records, too, of which others hear, and names them in its text.
        assert [len(each) for each in unheard] == [len(each) for each in silent]
        assert unheard[:2] == silent[:2]


async def test_sync_7_the_command_begins_a_run_and_tells_how_far_it_is(api: Api, receiver: Receiver) -> None:
    """Given again it watches the run that is under way; what there is not is said in words."""
    pool = api.server.database
    with pytest.raises(UnknownNameError, match="synchronizes no products"):
        await start_run(pool, api.marketplace, Wanted("products"))
    async with synchronizing(api, receiver) as world:
        for number in range(3):
            await world.write("PUT", f"products/p{number}", {"Name": "P"})
        await world.sent()
        for wanted, name in ((Wanted("nothing"), api.marketplace), (Wanted("products"), "nobody")):
            with pytest.raises(UnknownNameError):
                await start_run(pool, name, wanted)
        backwards = Wanted("orders", start_date="2030-01-02T00:00:00Z", end_date="2030-01-01T00:00:00Z")
        with pytest.raises(UnknownNameError):
            await start_run(pool, api.marketplace, backwards)
        run = await start_run(pool, api.marketplace, Wanted("products"))
        assert await start_run(pool, api.marketplace, Wanted("Products")) == run
        assert [progress async for progress in follow_run(pool, run)] == ["Completed: 3 of 3 products"]
        assert sorted(await world.told()) == [f"product.updated p{number}" for number in range(3)]


async def test_sync_3_what_is_large_is_made_in_portions(
    api: Api, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Products of one event, each with as much as is made at once: each is sent once, and no more than one is held in memory."""
    monkeypatch.setattr(products, "MOST_VARIANTS", -1)
    monkeypatch.setattr(products, "ENOUGH", 1)
    async with synchronizing(api, receiver) as world:
        schedule = {"ID": "s", "Name": "S", "PriceBreaks": [{"Quantity": 1, "Price": 1}]}
        await world.write("POST", "priceschedules", schedule)
        ids = [f"p{number}" for number in range(4)]
        for each in ids:
            await world.write("POST", "products", {"ID": each, "Name": "P", "DefaultPriceScheduleID": "s"})
        await world.sent()
        await world.write("PATCH", "priceschedules/s", {"Name": "T"})
        before = len(await world.post.rows("key"))
        expander = Expander(world.post.backend)
        for done in range(1, len(ids) + 1):
            assert await expander.expand(api.marketplace_id) is (done < len(ids))
            assert len(await world.post.rows("key")) == before + done
        assert await world.told() == [f"product.updated {each}" for each in ids]
        assert await world.told() == []


async def test_sync_2_what_is_gone_before_it_is_told_is_a_failure_that_shows(
    api: Api, receiver: Receiver
) -> None:
    """A product that is deleted before its change becomes a message: a delivery that failed says so, its deletion is told, and others
    are.
    """
    async with synchronizing(api, receiver) as world:
        for each in ("p", "q"):
            await world.write("POST", "products", {"ID": each, "Name": each})
        await world.write("POST", "buyers", {"ID": "b", "Name": "B", "Active": True})
        await world.sent()
        for each in ("products/p", "products/q", "buyers/b"):
            await world.write("PATCH", each, {"Name": "N"})
        for each in ("products/P", "buyers/b"):
            await world.write("DELETE", each)
        told = await world.told()
        assert {"product.deleted p", "product.updated q", "entitysync.buyer.deleted b"} <= set(told)
        assert not {"product.updated p", "entitysync.buyer.updated b"} & set(told)
        failed = await world.post.rows("status, failure, kind")
        assert [(row["kind"], row["failure"]) for row in failed if row["status"] == "Failed"] == [
            ("Synchronized", "Gone before it could be told how they are: products/p"),
            ("Synchronized", "Gone before it could be told how they are: buyers/b"),
        ]


async def test_sync_2_what_is_known_by_a_key_leaves_a_trace_too(api: Api, receiver: Receiver) -> None:
    """Users and groups that go before it could be told how they are; records and orders, of whose end nobody is told, where it is an event
    of its own. What an event itself says is gone is no failure, nor what nobody listens to.
    """
    async with synchronizing(api, receiver) as world:
        shop = await open_shop(api)
        await shop.product("k", (1, 5), Inventory={"Enabled": True})
        await world.write("POST", "suppliers", {"ID": "kept", "Name": "S", "Active": True})
        users = "buyers/B/users", "suppliers/kept/users"
        groups = "buyers/B/usergroups"
        address = await world.write("POST", "addresses", ADDRESS)
        await world.sent()
        path = "integrations/entitysync/suppliers/users"
        await world.write("PATCH", path, {"SyncEntityChanged": False, "SyncEntityDeleted": False})
        for each in users:
            await world.write(
                "POST", each, {**USER, "ID": "gone", "Username": f"gone-{each[:3]}-{api.marketplace}"}
            )
        await world.write("POST", groups, {"ID": "gone", "Name": "G"})
        record = {"ID": "r", "AddressID": address["ID"], "QuantityAvailable": 1}
        await world.write("POST", "products/k/inventoryrecords", record)
        record_key = await api.value("SELECT key FROM inventory_records WHERE marketplace_id = $1")
        for each in (*(f"{path}/gone" for path in users), f"{groups}/gone", "products/k/inventoryrecords/r"):
            await world.write("DELETE", each)
        told = await world.told()
        assert {"entitysync.buyeruser.deleted gone", "entitysync.buyerusergroup.deleted gone"} <= set(told)
        failed = [
            row["failure"]
            for row in await world.post.rows("kind, status, failure")
            if (row["kind"], row["status"]) == ("Synchronized", "Failed")
        ]
        assert failed == [
            f"Gone before it could be told how they are: {each}"
            for each in (
                "users/B/gone",
                "user_groups/B/gone",
                f"inventory_records/{record_key}",
            )
        ]
