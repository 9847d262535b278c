"""The test vectors of promotions.md, sections 10 and 11, as they stand: id -> (expected, expression)."""

import json
from decimal import Decimal
from typing import Any

FIXTURE: dict[str, Any] = json.loads(
    r"""
{"Order":{"ID":"O1","Status":"Unsubmitted","Subtotal":100,"ShippingCost":12.5,"TaxCost":8,"Gratuity":0,"Fees":0,"PromotionDiscount":0,"Total":120.5,"LineItemCount":3,"DateCreated":"2026-03-10T15:00:00Z","FromUser":{"ID":"u1","xp":{"FirstOrder":true,"Tier":"Gold"}},"BillingAddress":{"State":"MN"},"xp":{"Tags":["tag1","tag2","tag3"],"Nums":[1,23],"Channel":"Web","Points":"150","Flag":true,"Name":"O'Neil"}},
"LineItems":[{"ID":"A","ProductID":"ABC","Quantity":3,"UnitPrice":10,"LineSubtotal":30,"CostCenter":"CC1","SupplierID":"S1","DateAdded":"2026-03-10T15:01:00Z","Product":{"ID":"ABC","xp":{"OnSale":true,"Tags":["tag1","red"]}},"xp":{"Gift":true}},
{"ID":"B","ProductID":"XYZ","Quantity":2,"UnitPrice":20,"LineSubtotal":40,"CostCenter":"CC2","SupplierID":"S2","DateAdded":"2026-03-10T15:02:00Z","Product":{"ID":"XYZ","xp":{"OnSale":true,"Tags":["red"],"NumberArray":[20,23]}},"xp":{}},
{"ID":"C","ProductID":"Q1","Quantity":1,"UnitPrice":30,"LineSubtotal":30,"CostCenter":"CC1","SupplierID":"S1","DateAdded":"2026-03-10T15:03:00Z","Product":{"ID":"Q1","xp":{}},"xp":{}}]}
""",
    parse_float=Decimal,
)

ELIGIBLE: dict[str, tuple[str, str]] = {
    "EV-1": ("T", "true"),
    "EV-2": ("T", "ORDER.subtotal >= 100 AND Items.Any(productid = 'ABC')"),
    "EV-3": ("F", "items.any(ProductID = 'abc')"),
    "EV-4": ("F", "items.all(Product.xp.OnSale = true)"),
    "EV-5": ("T", "items.quantity(ProductID = 'ABC' or ProductID = 'XYZ') = 5"),
    "EV-6": ("T", "items.any(product.incategory('Bikes'))"),
    "EV-7": ("F", "items.any(product.incategory('Gear'))"),
    "EV-8": ("T", "items.any(product.inparentcategory('Gear'))"),
    "EV-9": ("T", "items.count(product.incategory('Bikes,Helmets')) = 2"),
    "EV-10": ("T", "items.quantity(ProductID.in('ABC','Q1')) = 4"),
    "EV-11": ("T", "order.BillingAddress.State.in('WI', 'MN')"),
    "EV-12": ("T", "order.xp.Tags.count(item = 'tag*') = 3"),
    "EV-13": ("T", "order.xp.Tags.all(item = 'tag*') = true"),
    "EV-14": ("T", "items.any(Product.xp.NumberArray.any(item = 20))"),
    "EV-15": ("T", "order.FromUser.xp.FirstOrder = true"),
    "EV-16": ("F", "order.FromUser.xp.Tier = 'gold'"),
    "EV-17": ("T", "order.xp.Missing <> 'x'"),
    "EV-18": ("T", "not order.xp.Missing"),
    "EV-19": ("T", "order.xp.Points > 20"),
    "EV-20": ("F", "order.xp.Points > '20'"),
    "EV-21": ("T", "order.xp.Name = 'O\\'Neil'"),
    "EV-22": ("T", "order.xp.Flag = 'TRUE'"),
    "EV-23": ("T", "not items.any(ProductID = 'ABC') or order.Total > 100"),
    "EV-24": ("T", "not order.Subtotal > 200"),
    "EV-25": ("T", "order.DateCreated > #3/1/2026# and order.DateCreated < #4/1/2026#"),
    "EV-26": ("F", "order.DateCreated > now(-3)"),
    "EV-27": ("T", "order.xp.Channel = 'Web' & order.Total > 0"),
    "EV-28": ("F", "order.Subtotal / 0 > 1"),
    "EV-29": ("T", "(order.Subtotal + order.ShippingCost) * 2 = 225"),
}

SAVE_ERRORS: dict[str, tuple[str, str]] = {
    "EX-1": ("InvalidSyntax", "order.Subtotal >"),
    "EX-2": ("InvalidSyntax", "items.any(Product.xp.Tags.contains('value2')"),
    "EX-3": ("InvalidSyntax", 'order.xp.Channel = "Web"'),
    "EX-4": ("InvalidToken", "order.Subtotl > 5"),
    "EX-5": ("InvalidToken", "product.incategory('Bikes')"),
    "EX-6": ("InvalidToken", "user.xp.Tier = 'Gold'"),
    "EX-7": ("InvalidFunction", "items.sum(Quantity = 1) > 2"),
    "EX-8": ("InvalidFunction", "contains(order.xp.Tags, 'x')"),
    "EX-9": ("InvalidFunction", "order.approved('r1')"),
    "EX-10": ("InvalidArguments", "min(order.Subtotal) > 5"),
    "EX-11": ("InvalidArguments", "items.any(ProductID = 'A', Quantity = 1)"),
    "EX-12": ("ItemNotAllowed", "item.ProductID = 'ABC'"),
    "EX-13": ("InvalidSyntax", "0 < order.Total < 5"),
    "EX-14": ("InvalidSyntax", "order.DateCreated > #13/45/2026#"),
    "EX-15": ("InvalidArguments", "order.xp.Tags.in()"),
    "EX-16": ("OrderHistoryCannotBeUsed", "orderHistory.count() = 0"),
}

VALUES: dict[str, tuple[str, str]] = {
    "VV-1": ("10.00", "10"),
    "VV-2": ("10.00", "order.Subtotal * .1"),
    "VV-3": ("20.00", "min(order.Subtotal * .25, 20)"),
    "VV-4": ("10.00", "items.total(ProductID = 'ABC') / items.quantity(ProductID = 'ABC')"),
    "VV-5": ("14.00", "(items.total(ProductID = 'ABC') + items.total(ProductID = 'XYZ')) * .2"),
    "VV-6": (
        "10.00",
        "((items.quantity(ProductID='ABC')/2) - (items.quantity(ProductID='ABC') % 2 * .5)) * items.total(ProductID='ABC') / items.quantity(ProductID='ABC')",
    ),
    "VV-7": ("12.00", "items.total(product.inparentcategory('Gear')) * .3"),
    "VV-8": ("12.00", "ifs(order.Subtotal >= 150, 30, order.Subtotal >= 80, order.Subtotal * .12, 5)"),
    "VV-9": ("33.30", "round(order.Subtotal / 3, 1)"),
    "VV-10": ("0.00", "order.xp.Missing * 2"),
    "VV-11": ("0.00", "5 - 8"),
    "VV-12": ("10.00", "-order.xp.Points + 160"),
    "VV-13": ("InvalidArguments", "ifs(order.Subtotal > 5, 10)"),
}

LINE_LEVEL: dict[str, tuple[str, str, str]] = {
    "LV-1": ("B=20.00", "item.ProductID = 'XYZ' and items.any(ProductID = 'ABC')", "item.UnitPrice"),
    "LV-2": ("A=4.50", "item.product.incategory('Bikes')", "item.LineSubtotal * .15"),
    "LV-3": (
        "A=25.00, C=25.00",
        "item.SupplierID = 'S1' and items.total(SupplierID = 'S1') >= 60",
        "50 / items.count(SupplierID = 'S1')",
    ),
    "LV-4": ("A=3.00, B=4.00", "item.Product.xp.Tags.contains('red')", "item.LineSubtotal * .1"),
    "LV-5": ("A=10.00, C=10.00", "item.ProductID.in('ABC','Q1')", "item.LineSubtotal / 3"),
    "LV-6": ("ItemRequired", "order.Subtotal > 5", "item.UnitPrice"),
    "LV-7": ("NotEligible", "item.Quantity > 10", "1"),
    "LV-8": ("A=5.00, B=5.00", "item.IsOnSale = true or item.Quantity >= 2", "5"),
}

# id -> (rules already approved, expected, expression)
APPROVAL: dict[str, tuple[str, str, str]] = {
    "AR-1": ("-", "T", "true"),
    "AR-2": ("-", "F", "order.Total > 200 and order.xp.Channel = 'Web'"),
    "AR-3": ("-", "T", "items.total(CostCenter = 'CC1') > 50"),
    "AR-4": ("-", "F", "items.quantity(ProductID = 'ABC' or ProductID = 'XYZ') > 5"),
    "AR-5": ("-", "T", "order.xp.Channel = 'Web' & order.Total > 0"),
    "AR-6": ("-", "F", "order.Total > 100 and order.approved('mgr')"),
    "AR-7": ("mgr", "T", "order.Total > 100 and order.approved('mgr')"),
    "AR-8": (
        "r2",
        "T",
        "(order.Total > 20 and order.approved('r1')) or (not items.any(ProductID = 'QQQ') and order.approved('r2'))",
    ),
    "AR-9": ("mgr,vp", "F", "order.approved('mgr') and not order.approved('vp')"),
    "AR-10": ("-", "T", "order.xp.Tags.contains('tag1') or items.count() > 10"),
    "AR-11": ("-", "InvalidFunction", "approved('mgr')"),
    "AR-12": ("-", "ItemNotAllowed", "item.ProductID = 'ABC'"),
    "AR-13": ("-", "InvalidArguments", "order.approved()"),
    "AR-14": ("-", "InvalidToken", "orderReturn.RefundAmount > 5"),
    "AR-15": ("-", "T", "order.Total > '100'"),
}

SELLER_APPROVAL: dict[str, tuple[str, str, str]] = {
    "SR-1": ("-", "T", "orderReturn.RefundAmount > 50"),
    "SR-2": ("-", "T", "Order.DateCompleted < now(-30)"),
    "SR-3": ("-", "F", "order.DateCompleted < now(-90)"),
    "SR-4": ("-", "F", "orderReturn.ItemsToReturn.count() = 0"),
    "SR-5": ("-", "T", "orderReturn.ItemsToReturn.any(item.Quantity >= 1)"),
    "SR-6": ("first", "T", "orderReturn.approved('first') and orderReturn.RefundAmount > 50"),
    "SR-7": ("-", "F", "orderReturn.DateCompleted < now()"),
    "SR-8": ("-", "InvalidToken", "orderReturn.Refund > 5"),
    "SR-9": ("-", "InvalidArguments", "now(-30, 1) > order.DateCompleted"),
}

RETURN: dict[str, Any] = json.loads(
    '{"OrderID":"O1","RefundAmount":75,"DateCompleted":null,'
    '"ItemsToReturn":[{"LineItemID":"A","Quantity":1}],"xp":{}}'
)
