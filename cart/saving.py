"""How a changed cart is saved, so that two tabs cannot lose each other's changes.

Every change is: read consistently, change in memory, write if the version is still the one that was
read; and if it is not, all of it again on what is there now.
"""

import random
import time
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from cart import queries
from cart.models import Cart
from cloudcart.errors import EditConflict
from cloudcart.transactions import Transaction, TransactionRefused

_ATTEMPTS = 12

T = TypeVar("T")


def change_cart(*, cart_id: str, change: Callable[[Cart], None], now: datetime) -> Cart:
    """Apply ``change`` to the cart as it is now and save it, again from a fresh read if it was outrun.

    An absent or expired cart is an empty one. Nothing is written if nothing changed or ``change``
    raises.

    :raises EditConflict: if other changes were first again and again.
    """

    def change_once() -> Cart:
        cart = load_cart(cart_id, now=now)
        before = cart.serialize()
        change(cart)
        if cart.serialize() != before:
            cart.touch(now)
            save_cart(cart)
        return cart

    return retry_when_outrun(change_once)


def load_cart(cart_id: str, *, now: datetime) -> Cart:
    """Give the cart to change; an absent or expired one is new and empty.

    A new cart in the place of an expired one takes its version, or it could never be saved: the
    expired item may lie there for days.
    """
    stored = queries.find_stored_cart(cart_id)
    if stored is not None and stored.expires_at > now:
        return stored
    cart = Cart(cart_id)
    cart.touch(now)
    if stored is not None:
        cart.version = stored.version
    return cart


def save_cart(cart: Cart) -> None:
    """Put the cart, if it still has the version that was read.

    A transaction of one: DynamoDB knows a request that the SDK sends again, after its answer was
    lost, by its token. A plain conditional put would take it for another tab's change, and the
    units would be added twice.

    :raises TransactionRefused: if somebody else has changed the cart.
    """
    transaction = Transaction()
    transaction.save("cart", cart)
    transaction.commit()


def retry_when_outrun(act: Callable[[], T]) -> T:
    """Do ``act`` (read, change, write), and again after a short random pause if it is refused.

    :raises EditConflict: if it is refused a dozen times.
    """
    for attempt in range(_ATTEMPTS):
        try:
            return act()
        except TransactionRefused:
            time.sleep(random.uniform(0, min(0.25, 0.005 * 2**attempt)))
    raise EditConflict
