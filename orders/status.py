"""The states of an order, of its payment and of its fulfillment; and which status may follow which."""

from enum import StrEnum

from cloudcart.errors import StorefrontError


class OrderStatus(StrEnum):
    """Placed and waiting for the worker; taken on; called off."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    CANCELED = "canceled"

    @property
    def label(self) -> str:
        return _LABELS[self]


class PaymentStatus(StrEnum):
    """How an order's payment stands; docs/payments.md has the table of what leads where.

    ``due``: to be paid on invoice. ``new``: stock reserved, no page to pay on yet. ``awaiting``: that page
    is open. ``processing``: a delayed method is at work. ``review``: money is held, do not ship.
    ``canceled``: nothing was paid, the stock is released.
    """

    DUE = "due"
    NEW = "new"
    AWAITING = "awaiting"
    PROCESSING = "processing"
    PAID = "paid"
    REVIEW = "review"
    PART_REFUNDED = "part_refunded"
    REFUNDED = "refunded"
    CANCELED = "canceled"

    @property
    def label(self) -> str:
        return _PAYMENT_LABELS[self]


class FulfillmentStatus(StrEnum):
    """How much of an order was sent."""

    UNFULFILLED = "unfulfilled"
    PART_SHIPPED = "part_shipped"
    SHIPPED = "shipped"

    @property
    def label(self) -> str:
        return _FULFILLMENT_LABELS[self]


class RefundStatus(StrEnum):
    """Asked for and on its way; with the buyer; refused by the bank, so that the money is still here.

    ``waived``: the order was to be paid on invoice, and so much less is asked for; no money moves.
    """

    REQUESTED = "requested"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    WAIVED = "waived"

    @property
    def label(self) -> str:
        return _REFUND_LABELS[self]


class ReturnStatus(StrEnum):
    """Asked for by the shopper; answered by staff; the goods are back; so is the money."""

    REQUESTED = "requested"
    APPROVED = "approved"
    DECLINED = "declined"
    RECEIVED = "received"
    REFUNDED = "refunded"

    @property
    def label(self) -> str:
        return _RETURN_LABELS[self]

    @property
    def is_open(self) -> bool:
        return self in {ReturnStatus.REQUESTED, ReturnStatus.APPROVED, ReturnStatus.RECEIVED}


class StockState(StrEnum):
    """Where an order's units are: reserved for it, sold to it, or given back for others to buy."""

    RESERVED = "reserved"
    SOLD = "sold"
    RELEASED = "released"


class StockMove(StrEnum):
    """What a transition does with the units of an order, in the order's own transaction."""

    NONE = "none"
    SELL = "sell"
    RELEASE = "release"
    TAKE_BACK = "take_back"
    RESERVE_AGAIN = "reserve_again"
    SELL_AGAIN = "sell_again"


# Goods may leave on invoice, or when their money is there.
SHIPPABLE = frozenset({PaymentStatus.DUE, PaymentStatus.PAID, PaymentStatus.PART_REFUNDED})

_LABELS = {
    OrderStatus.PENDING: "Being confirmed",
    OrderStatus.CONFIRMED: "Confirmed",
    OrderStatus.CANCELED: "Canceled",
}

_PAYMENT_LABELS = {
    PaymentStatus.DUE: "Due on invoice",
    PaymentStatus.NEW: "Not paid yet",
    PaymentStatus.AWAITING: "Not paid yet",
    PaymentStatus.PROCESSING: "Payment on its way",
    PaymentStatus.PAID: "Paid",
    PaymentStatus.REVIEW: "Payment being checked",
    PaymentStatus.PART_REFUNDED: "Partly refunded",
    PaymentStatus.REFUNDED: "Refunded",
    PaymentStatus.CANCELED: "Not paid",
}

_FULFILLMENT_LABELS = {
    FulfillmentStatus.UNFULFILLED: "Not shipped yet",
    FulfillmentStatus.PART_SHIPPED: "Partly shipped",
    FulfillmentStatus.SHIPPED: "Shipped",
}

_REFUND_LABELS = {
    RefundStatus.REQUESTED: "On its way",
    RefundStatus.SUCCEEDED: "Refunded",
    RefundStatus.FAILED: "Failed",
    RefundStatus.WAIVED: "Not charged",
}

_RETURN_LABELS = {
    ReturnStatus.REQUESTED: "Asked for",
    ReturnStatus.APPROVED: "Approved",
    ReturnStatus.DECLINED: "Declined",
    ReturnStatus.RECEIVED: "Received",
    ReturnStatus.REFUNDED: "Refunded",
}

_NEXT: dict[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.PENDING: frozenset({OrderStatus.CONFIRMED, OrderStatus.CANCELED}),
    OrderStatus.CONFIRMED: frozenset({OrderStatus.CANCELED}),
    # Money that comes late for an order that was given up revives it, if its goods can still be had.
    OrderStatus.CANCELED: frozenset({OrderStatus.CONFIRMED}),
}


class InvalidTransition(StorefrontError):
    """An order cannot go from where it stands to where somebody wanted it."""

    code = "invalid-transition"

    def __init__(self, *, current: str, wanted: str) -> None:
        self.current = current
        self.wanted = wanted
        super().__init__(f"This order is {current}, so it cannot become {wanted}.")

    @property
    def extra(self) -> dict[str, str]:
        return {"current": self.current, "wanted": self.wanted}


def can_become(current: str, wanted: OrderStatus) -> bool:
    """Whether an order may go from the one status to the other."""
    return wanted in _NEXT[OrderStatus(current)]


def check_transition(current: str, wanted: OrderStatus) -> None:
    """:raises InvalidTransition: if ``wanted`` cannot follow ``current``."""
    if not can_become(current, wanted):
        raise InvalidTransition(current=current, wanted=wanted)
