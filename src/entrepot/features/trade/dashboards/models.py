"""What dashboards show. Points are of buckets of a span, one after the other and none left out."""

from __future__ import annotations

from entrepot.declare.types import Bool, Date, Id, Int, Money, Text
from entrepot.declare.wire import Wire, column


class DashboardSpan(Wire):
    """What was looked at: from From to before To. BucketSeconds: how long each point's bucket is. IsPartial: that there is more
    than is looked at, of which the newest was taken.
    """

    From: Date = column(read_only=True, required=True)
    To: Date = column(read_only=True, required=True)
    BucketSeconds: Int = column(read_only=True, required=True)
    IsPartial: Bool = column(read_only=True, required=True)


class RevenuePoint(Wire):
    """Orders that were submitted in a bucket, and the sum of their totals."""

    Date: Date = column(read_only=True)
    Orders: Int = column(read_only=True)
    Revenue: Money = column(read_only=True)


class RevenueSeries(Wire):
    """The orders of one currency; amounts of others are never added to them. Canceled ones are counted apart, and are no revenue."""

    Currency: Text = column(read_only=True, nullable=True)
    Orders: Int = column(read_only=True)
    Revenue: Money = column(read_only=True)
    Canceled: Int = column(read_only=True)
    Points: list[RevenuePoint] = column(read_only=True)


class OrdersDashboard(DashboardSpan):
    """Orders that buyers have submitted, by their DateSubmitted, the currency with most of them first."""

    Series: list[RevenueSeries] = column(read_only=True)


class SoldProduct(Wire):
    """What was sold of a product in one currency. Name: that of its latest line; Orders: in how many."""

    ProductID: Id = column(read_only=True)
    Name: Text = column(read_only=True, nullable=True)
    Currency: Text = column(read_only=True, nullable=True)
    Quantity: Int = column(read_only=True)
    Revenue: Money = column(read_only=True)
    Orders: Int = column(read_only=True)


class ProductsDashboard(DashboardSpan):
    """The ten products of each currency with most revenue, in orders as of OrdersDashboard that are not canceled."""

    Products: list[SoldProduct] = column(read_only=True)


class CartsPoint(Wire):
    """What has become of carts that were begun in a bucket."""

    Date: Date = column(read_only=True)
    Begun: Int = column(read_only=True)
    Filled: Int = column(read_only=True)
    Submitted: Int = column(read_only=True)


class CartsDashboard(DashboardSpan):
    """Carts of buyers that were begun in the span: how many have lines, and how many were submitted since. What was deleted, by
    somebody or for its age, is in no figure.
    """

    Begun: Int = column(read_only=True)
    Filled: Int = column(read_only=True)
    Submitted: Int = column(read_only=True)
    Points: list[CartsPoint] = column(read_only=True)


class TrafficPoint(Wire):
    """Requests that were answered in a bucket; Refused with a status of 4xx, Failed with one of 5xx."""

    Date: Date = column(read_only=True)
    Requests: Int = column(read_only=True)
    Refused: Int = column(read_only=True)
    Failed: Int = column(read_only=True)


class OperationTraffic(Wire):
    """Requests of one operation. Median, Slow and Slowest: milliseconds within which half, and 95 of 100, were answered, and the
    most.
    """

    Operation: Text = column(read_only=True)
    Requests: Int = column(read_only=True)
    Refused: Int = column(read_only=True)
    Failed: Int = column(read_only=True)
    Median: Money = column(read_only=True)
    Slow: Money = column(read_only=True)
    Slowest: Money = column(read_only=True)


class TrafficDashboard(DashboardSpan):
    """Requests as the log of requests has them, which forgets after some hours; of the twenty operations with most of them each.
    IsSampled: that some rows of the log stand for several reads. All are counted, and the slowest is known; Median and Slow are then
    those of the sample.
    """

    IsSampled: Bool = column(read_only=True, required=True)
    Requests: Int = column(read_only=True)
    Refused: Int = column(read_only=True)
    Failed: Int = column(read_only=True)
    Points: list[TrafficPoint] = column(read_only=True)
    Operations: list[OperationTraffic] = column(read_only=True)


class DeliveriesPoint(Wire):
    """How deliveries stand that were made in a bucket. Waiting: Queued or Retrying."""

    Date: Date = column(read_only=True)
    Delivered: Int = column(read_only=True)
    Failed: Int = column(read_only=True)
    Waiting: Int = column(read_only=True)
    Cancelled: Int = column(read_only=True)


class DeliveredTo(Wire):
    """How the deliveries of one integration to one target stand."""

    Integration: Text = column(read_only=True)
    IntegrationID: Id = column(read_only=True)
    Target: Text = column(read_only=True)
    Delivered: Int = column(read_only=True)
    Failed: Int = column(read_only=True)
    Waiting: Int = column(read_only=True)
    Cancelled: Int = column(read_only=True)


class DeliveriesDashboard(DashboardSpan):
    """Deliveries of the integrations that the caller administers, and the twenty targets with most of them."""

    Delivered: Int = column(read_only=True)
    Failed: Int = column(read_only=True)
    Waiting: Int = column(read_only=True)
    Cancelled: Int = column(read_only=True)
    Points: list[DeliveriesPoint] = column(read_only=True)
    Targets: list[DeliveredTo] = column(read_only=True)
