"""Mailchimp's variables (MS-9)."""

from __future__ import annotations

from typing import Any

from entrepot.domain.deliveries.merge_variables import MOST_LINES, MOST_XP, merge_variables

ADDRESS = {"Street1": "s1", "Street2": None, "City": "c", "State": "st", "Zip": "z", "Country": "US"}
RECIPIENT = {"FirstName": "R", "LastName": "E", "Email": "r@example.com"}
ORDER: dict[str, Any] = {
    "ID": "O",
    "FromUser": {"FirstName": "F", "LastName": "U"},
    "DateSubmitted": "2026-01-01",
    "Subtotal": 10,
    "TaxCost": 1,
    "ShippingCost": 2,
    "Total": 12,
    "LineItemCount": 1,
    "xp": {"Gift": True, "Note": {"Text": "t", "Lines": ["a", {"B": 1}]}},
}
BODY: dict[str, Any] = {
    "Order": ORDER,
    "Approvals": [
        {
            "ApprovingGroupID": "g",
            "Status": "Pending",
            "DateCreated": "d",
            "DateCompleted": None,
            "Approver": {
                "ID": "a",
                "Email": "e",
                "FirstName": "f",
                "LastName": "l",
                "Username": "u",
                "Phone": "p",
            },
        }
    ],
    "LineItems": [
        {
            "ProductID": "p",
            "Quantity": 2,
            "LineTotal": 10,
            "ShippingAddress": {"AddressName": "Home", "FirstName": "A", "LastName": "B", **ADDRESS},
        },
        {"ProductID": "gone", "Quantity": 1, "LineTotal": 0, "ShippingAddress": None},
    ],
    "Products": [{"ID": "p", "Name": "N", "Description": "D"}],
}


def variables(body: dict[str, Any]) -> dict[str, Any]:
    return merge_variables({"Recipient": RECIPIENT, "EventBody": body})


def test_ms_9_account() -> None:
    body = {
        "Username": "u",
        "PasswordRenewalUrl": "url",
        "PasswordRenewalVerificationCode": "code",
        "PasswordRenewalAccessToken": "token",
    }
    assert variables(body) == {
        "username": "u",
        "passwordtoken": "token",
        "passwordverification": "code",
        "passwordrenewalurl": "url",
    }
    assert merge_variables({}) == merge_variables({"EventBody": None, "Recipient": 1}) == {}


def test_ms_9_order() -> None:
    found = variables(BODY)
    products, approvals = found.pop("products"), found.pop("approvals")
    assert found == {
        "firstname": "F",
        "lastname": "U",
        "orderid": "O",
        "datesubmitted": "2026-01-01",
        "subtotal": 10,
        "tax": 1,
        "shipping": 2,
        "total": 12,
        "lineitemcount": 1,
        "orderxp_gift": True,
        "orderxp_note_text": "t",
        "orderxp_note_lines_0": "a",
        "orderxp_note_lines_1_b": 1,
    }
    address = {
        "street1": "s1",
        "street2": None,
        "city": "c",
        "state": "st",
        "postalcode": "z",
        "country": "US",
    }
    assert products[0] == {
        "cost": 10,
        "quantity": 2,
        "productdesc": "D",
        "productid": "p",
        "productname": "N",
        "shiptoname": "Home",
        **{f"shipto{name}": value for name, value in address.items()},
    }
    assert products[1].keys() == products[0].keys()
    assert [products[1][name] for name in ("productid", "productname", "shiptostreet1")] == [
        "gone",
        None,
        None,
    ]
    assert approvals == [
        {
            "approvinggroupid": "g",
            "status": "Pending",
            "datecreated": "d",
            "datecompleted": None,
            "approverid": "a",
            "approveremail": "e",
            "approverfirstname": "f",
            "approverlastname": "l",
            "approverusername": "u",
            "approverphone": "p",
        }
    ]
    anonymous = variables({"Order": {}})
    assert (anonymous["firstname"], anonymous["products"], anonymous["total"]) == ("R", [], None)


def test_ms_9_return_and_shipment() -> None:
    item = {"LineItemID": "l", "Quantity": 1, "RefundAmount": 5, "Comments": "c"}
    found = variables(
        {
            **BODY,
            "OrderReturn": {"ID": "r", "RefundAmount": 5, "ItemsToReturn": [item], "xp": {"A": 1}},
            "Shipment": {
                "ID": "s",
                "TrackingNumber": "t",
                "Shipper": "UPS",
                "DateShipped": "d",
                "ToAddress": {"ID": "x", "CompanyName": "C", "FirstName": "A", "LastName": "B", **ADDRESS},
            },
            "ShipmentItems": [
                {
                    "UnitPrice": 5,
                    "QuantityShipped": 2,
                    "ProductID": "p",
                    "Product": {"Name": "N", "Description": "D"},
                }
            ],
        }
    )
    assert found["orderid"] == "O"
    assert {name: value for name, value in found.items() if "return" in name or name == "refundamount"} == {
        "orderreturnid": "r",
        "refundamount": 5,
        "returnitems": [{"LineItemID": "l", "Quantity": 1, "RefundAmount": 5}],
        "orderreturnxp_a": 1,
    }
    assert found["shipmentitems"] == [
        {"cost": 5, "quantityshipped": 2, "productdesc": "D", "productid": "p", "productname": "N"}
    ]
    assert {name: value for name, value in found.items() if name.startswith("toaddress")} == {
        "toaddressid": "x",
        "toaddresscompany": "C",
        "toaddressfirstname": "A",
        "toaddresslastname": "B",
        "toaddressname": None,
        "toaddressstreet1": "s1",
        "toaddressstreet2": None,
        "toaddresscity": "c",
        "toaddressstate": "st",
        "toaddresspostalcode": "z",
        "toaddresscountry": "US",
    }
    names = ("shipmentid", "shipmenttrackingnumber", "shipper", "dateshipped")
    assert [found[name] for name in names] == ["s", "t", "UPS", "d"]


def test_bounds() -> None:
    """However wide and deep an xp is."""
    deep: Any = 1
    for _ in range(5000):
        deep = {"a": deep}
    found = variables({"Order": {"xp": {"deep": deep, **{f"k{n}": n for n in range(2 * MOST_XP)}}}})
    assert len([name for name in found if name.startswith("orderxp")]) == MOST_XP
    lines = [{"ProductID": "p"}] * (2 * MOST_LINES)
    assert len(variables({"Order": {}, "LineItems": lines})["products"]) == MOST_LINES
    assert variables({"Order": {"xp": [1]}, "LineItems": "x", "Approvals": [1]})["products"] == []
