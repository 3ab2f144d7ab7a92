"""The key under which one review page can place one order, however often its form is sent."""

from datetime import datetime, timedelta

from django.core import signing
from django.utils.crypto import constant_time_compare

from cart.models import Cart
from orders.models import Idempotency

LIFETIME = timedelta(days=30)
_SIGNER_SALT = "orders.idempotency"


def key_for(cart: Cart) -> str:
    """Give the key of the cart as it is: its version and time, signed together with its id.

    Placing the order changes both, so that the next order of the same cart has another key, while
    every repetition of this form has the same one. The time tells a cart from one that was deleted
    and began anew under the same id, counting its versions from the start.
    """
    state = f"{cart.version or 0}-{cart.updated_at.timestamp():.6f}" if cart.updated_at else "0"
    return _sign(state, cart.cart_id)


def is_own_key(key: str, *, cart_id: str) -> bool:
    """Whether the key was made for this cart, at whatever state; nobody can use another's."""
    state = key.rpartition(".")[0]
    return constant_time_compare(key, _sign(state, cart_id))


def is_in_force(item: Idempotency, *, now: datetime) -> bool:
    """Whether the key still counts: DynamoDB deletes what has expired days late."""
    return item.expires_at > now


def _sign(state: str, cart_id: str) -> str:
    signature = signing.Signer(salt=_SIGNER_SALT).signature(f"{cart_id}#{state}")
    return f"{state}.{signature}"
