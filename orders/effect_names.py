"""Which effects follow from which event; `orders.effects` says what each of them does. Pure."""

from datetime import timedelta

# How long the worker has before the sweeper asks after an order. Short, because a shopper waits for the
# mail after a crash, and a worker that was only slow does nothing twice.
GRACE = timedelta(seconds=30)

# Placed on invoice, which is as good as confirmed; a card order is only announced when it is paid.
ON_PLACED = ("confirmation_mail", "availability")
ON_PLACED_UNPAID = ("availability",)
# An order becomes confirmed: the worker takes one on invoice on, or a payment arrives.
ON_CONFIRMED = ("invoice",)
ON_PAID = ("confirmation_mail",)
# Each is given the refund's id.
ON_REFUNDED = ("credit_note", "refund_mail")
