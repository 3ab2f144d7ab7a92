"""Whose cart a request is about, and the two cookies of a cart."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from cloudcart.identity import find_identity

GUEST_COOKIE = "cart"
COUNT_COOKIE = "cart_count"
_SALT = "cloudcart.cart"
_GUEST = "guest:"


@dataclass(frozen=True)
class CookiePlan:
    """What a sign-in or sign-out wants of the answer that another app is writing."""

    count: int
    forgets_guest: bool


def find_cart_id(request: HttpRequest) -> str | None:
    """Give the key of the visitor's cart, or None for a guest who never put anything into one."""
    identity = find_identity(request)
    return customer_cart_id(identity.customer_id) if identity else find_guest_cart_id(request)


def find_guest_cart_id(request: HttpRequest) -> str | None:
    """Give the key of the cart that this browser had as a guest; a forged cookie counts as none."""
    token = request.get_signed_cookie(GUEST_COOKIE, default=None, salt=_SALT, max_age=_lifetime())
    return f"{_GUEST}{token}" if token else None


def customer_cart_id(customer_id: str) -> str:
    """Give the key of a customer's one cart, the same on every device."""
    return f"customer:{customer_id}"


def new_guest_cart_id() -> str:
    """Make a key for a guest's first cart: 144 random bits, and never told but in a signed cookie."""
    return f"{_GUEST}{secrets.token_urlsafe(18)}"


def remember_cart_id(response: HttpResponse, cart_id: str) -> None:
    """Give a guest's browser the cookie of its cart, or renew it; a customer's cart needs none."""
    if not cart_id.startswith(_GUEST):
        return
    response.set_signed_cookie(
        GUEST_COOKIE,
        cart_id.removeprefix(_GUEST),
        salt=_SALT,
        max_age=_lifetime(),
        httponly=True,
        samesite="Lax",
        secure=settings.SECURE_COOKIES,
    )


def set_count_cookie(response: HttpResponse, count: int) -> None:
    """Tell the header how many units the cart holds; the cookie is readable by script, absent at 0."""
    if count == 0:
        response.delete_cookie(COUNT_COOKIE, samesite="Lax")
        return
    response.set_cookie(COUNT_COOKIE, str(count), max_age=_lifetime(), samesite="Lax", secure=settings.SECURE_COOKIES)


def plan_cookies(request: HttpRequest, *, count: int, forgets_guest: bool) -> None:
    """Have the cart's middleware set the cookies on whatever answers this request."""
    request.cart_cookies = CookiePlan(count, forgets_guest)  # type: ignore[attr-defined]


def apply_planned_cookies(request: HttpRequest, response: HttpResponse) -> None:
    """Set the cookies that `plan_cookies` asked for, if anybody did."""
    plan: CookiePlan | None = getattr(request, "cart_cookies", None)
    if plan is None:
        return
    # What a view has set since is newer: a customer whose session ended on the way has a guest's cart now.
    if COUNT_COOKIE not in response.cookies:
        set_count_cookie(response, plan.count)
    if plan.forgets_guest and GUEST_COOKIE not in response.cookies:
        response.delete_cookie(GUEST_COOKIE, samesite="Lax")


def _lifetime() -> timedelta:
    return timedelta(days=settings.CART_LIFETIME_DAYS)
