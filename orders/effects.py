"""What follows from what happens to an order, each by name: an order carries the names until they are done."""

from collections.abc import Callable, Mapping

from catalog import services
from orders import emails
from orders.models import Order


def send_confirmation(order: Order) -> None:
    """Send the mail that confirms the order to its buyer."""
    emails.confirmation(order).send()


def refresh_availability(order: Order, cause: str = "") -> None:
    """Let the cards of the order's products say what is left of them.

    :param cause: what changed the stock, if it was not the order being placed.
    :raises EditConflict: if a product kept changing meanwhile; trying later helps.
    """
    for product_id in dict.fromkeys(line.product_id for line in order.lines):
        services.refresh_availability(product_id=product_id)


# A name like `refund_mail:<refund_id>` is the function under `refund_mail`, given what follows the colon.
EFFECTS: Mapping[str, Callable[..., None]] = {
    "confirmation_mail": send_confirmation,
    "availability": refresh_availability,
}

ON_PLACED = ("confirmation_mail", "availability")
