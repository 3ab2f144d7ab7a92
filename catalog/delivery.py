"""What can be said of delivery before the checkout knows where to."""

from typing import cast

from django.conf import settings


def cheapest_amount() -> int:
    """The price of the cheapest delivery, in minor units of the shop's currency."""
    return min(cast("int", method["unit_amount"]) for method in settings.SHIPPING_METHODS)
