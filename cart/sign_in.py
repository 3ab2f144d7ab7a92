"""What signing in and out means for the cart of a browser."""

import structlog
from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone

from cart import identity, queries, services
from cart.merging import MergeReport
from cloudcart.errors import EditConflict
from cloudcart.identity import find_identity

logger = structlog.get_logger(__name__)


def adopt_guest_cart(request: HttpRequest, *, customer_id: str) -> None:
    """Bring what this browser gathered as a guest into the customer's cart, and say what changed.

    The answer to the request, whoever writes it, gets the cookies that this asks for. If the carts
    keep changing under it the guest's cart stays, cookie and all, for `adopt_left_behind`.
    """
    cart_id = identity.customer_cart_id(customer_id)
    guest_cart_id = identity.find_guest_cart_id(request)
    if guest_cart_id is None:
        cart = queries.find_cart(cart_id)
        identity.plan_cookies(request, count=cart.unit_count if cart else 0, forgets_guest=False)
        return
    try:
        report = services.merge_carts(guest_cart_id=guest_cart_id, customer_cart_id=cart_id, now=timezone.now())
    except EditConflict:
        logger.warning("cart.merge_outrun")
        return
    identity.plan_cookies(request, count=report.cart.unit_count, forgets_guest=True)
    _tell(request, report)


def adopt_left_behind(request: HttpRequest) -> None:
    """Merge a guest's cart that a customer's browser still has the cookie of.

    A crash during sign-in leaves one, or another tab that was adding something just then.
    """
    if identity.GUEST_COOKIE not in request.COOKIES:
        return
    customer = find_identity(request)
    if customer is not None:
        adopt_guest_cart(request, customer_id=customer.customer_id)


def forget_cart(request: HttpRequest) -> None:
    """Take both cookies from the browser; the customer's cart waits in DynamoDB."""
    identity.plan_cookies(request, count=0, forgets_guest=True)


def _tell(request: HttpRequest, report: MergeReport) -> None:
    if report.has_joined:
        count = report.units_waiting
        waiting = "1 item" if count == 1 else f"{count} items"
        messages.info(request, f"Your cart from before was waiting with {waiting}; we put both together.")
    for loss in report.losses:
        messages.warning(request, str(loss))
