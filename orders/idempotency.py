"""The key under which one review page can place one order, however often its form is sent."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare

from cart.models import Cart
from orders.models import Idempotency

_SIGNER_SALT = "orders.idempotency"


def key_for(cart: Cart) -> str:
    """Give the key of the cart as it is: its version, signed together with its id.

    Placing the order changes the version, so that the next order of the same cart has another key,
    while every repetition of this form has the same one.
    """
    return _key(cart.cart_id, cart.version or 0)


def is_own_key(key: str, *, cart_id: str) -> bool:
    """Whether the key was made for this cart, at whatever version; nobody can use another's."""
    version, _, _ = key.partition(".")
    return version.isascii() and version.isdigit() and constant_time_compare(key, _key(cart_id, int(version)))


def expires_at(now: datetime) -> datetime:
    """Until when a repetition is recognized: 30 days, and never beyond the life of an untouched cart.

    A cart that expired and begins anew may count its versions from the start.
    """
    return now + timedelta(days=min(30, settings.CART_LIFETIME_DAYS))


def is_in_force(item: Idempotency, *, now: datetime) -> bool:
    # DynamoDB deletes what has expired days late.
    return item.expires_at > now


def _key(cart_id: str, version: int) -> str:
    signature = signing.Signer(salt=_SIGNER_SALT).signature(f"{cart_id}#{version}")
    return f"{version}.{signature}"
