"""What follows from an order being placed, each by name: an order carries the names until they are done."""

from collections.abc import Callable, Mapping

from catalog import services
from orders import emails
from orders.models import Order


def send_confirmation(order: Order) -> None:
    """Send the mail that confirms the order to its buyer."""
    emails.confirmation(order).send()


def refresh_availability(order: Order) -> None:
    """Let the cards of the order's products say what is left of them.

    :raises EditConflict: if a product kept changing meanwhile; trying later helps.
    """
    for product_id in dict.fromkeys(line.product_id for line in order.lines):
        services.refresh_availability(product_id=product_id)


ON_PLACED: Mapping[str, Callable[[Order], None]] = {
    "confirmation_mail": send_confirmation,
    "availability": refresh_availability,
}
