"""Changes to a cart. Each is one conditional write, done again on a fresh read if another tab was first."""

import random
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from cart import merging, offers, queries
from cart.merging import MergeReport
from cart.models import MAX_LINES, MAX_QUANTITY, Cart, CheckoutDetails, Line
from catalog.models import Stock
from cloudcart.dynamo import batch_get
from cloudcart.errors import EditConflict, StorefrontError
from cloudcart.transactions import Transaction, TransactionRefused

_ATTEMPTS = 12

T = TypeVar("T")


class QuantityLimit(StorefrontError):
    """A line would exceed what one order may have of one SKU; ``held`` is what the cart has."""

    code = "quantity-limit"

    def __init__(self, sku: str, *, name: str, held: int) -> None:
        self.sku, self.limit, self.held = sku, MAX_QUANTITY, held
        has = f" Your cart has {held} already." if held else ""
        super().__init__(f"{name}: one order takes at most {MAX_QUANTITY}.{has}")

    @property
    def extra(self) -> dict[str, Any]:
        return {"sku": self.sku, "limit": self.limit, "held": self.held}


class InsufficientStock(StorefrontError):
    """Fewer units are left than were asked for; ``held`` is what the cart has of them."""

    code = "insufficient-stock"

    def __init__(self, sku: str, *, name: str, available: int, held: int) -> None:
        self.sku, self.available, self.held = sku, available, held
        has = f", and your cart has {held} already" if held else ""
        left = f"only {available} {'is' if available == 1 else 'are'} left{has}" if available else "this is sold out"
        super().__init__(f"{name}: {left}.")

    @property
    def extra(self) -> dict[str, Any]:
        return {"sku": self.sku, "available": self.available, "held": self.held}


class CartFull(StorefrontError):
    """The cart has as many different items as one order takes."""

    code = "cart-full"

    def __init__(self) -> None:
        super().__init__(f"Your cart has {MAX_LINES} different items, and one order takes no more.")

    @property
    def extra(self) -> dict[str, Any]:
        return {"limit": MAX_LINES}


class NotInCart(StorefrontError):
    """The line to be changed is not there: another tab took it out, or an order was placed."""

    code = "not-in-cart"

    def __init__(self, sku: str) -> None:
        self.sku = sku
        super().__init__("That item is no longer in your cart.")

    @property
    def extra(self) -> dict[str, Any]:
        return {"sku": self.sku}


def add_item(*, cart_id: str, sku: str, quantity: int, now: datetime) -> Cart:
    """Put units of a SKU into a cart, on top of those that are in it; nothing is reserved.

    The price noted as seen is today's. On a line that was there already it stays, so that a change
    is still told.

    :raises UnknownSku: if no product has the SKU.
    :raises NoLongerSold: if its product is a draft, archived, or has lost the variant.
    :raises InsufficientStock: if the cart would ask for more than is left.
    :raises QuantityLimit: if the line would exceed 20 units.
    :raises CartFull: if it would be the 51st line.
    :raises EditConflict: if other changes were first again and again.
    """
    offer = offers.get_offer(sku)

    def add(cart: Cart) -> None:
        line = cart.find_line(sku)
        if line is not None:
            _set_quantity(line, line.quantity + quantity, available=offer.available)
        elif len(cart.lines) >= MAX_LINES:
            raise CartFull
        else:
            line = offer.as_line(0)
            _set_quantity(line, quantity, available=offer.available)
            cart.append_line(line)

    return change_cart(cart_id=cart_id, change=add, now=now)


def change_quantity(*, cart_id: str, sku: str, quantity: int, now: datetime) -> Cart:
    """Set the quantity (1 to 20) of a line; going down is possible whatever the stock.

    :raises NotInCart: if the line is not in the cart (any more).
    :raises InsufficientStock: if the quantity is higher than before and than what is left.
    :raises QuantityLimit: if it exceeds 20.
    :raises EditConflict: if other changes were first again and again.
    """
    available = offers.count_available(sku)

    def change(cart: Cart) -> None:
        line = cart.find_line(sku)
        if line is None:
            raise NotInCart(sku)
        _set_quantity(line, quantity, available=available)

    return change_cart(cart_id=cart_id, change=change, now=now)


def remove_item(*, cart_id: str, sku: str, now: datetime) -> Cart:
    """Take a line out; `restore_item` can put it back for 15 minutes. Absent already is well, too.

    :raises EditConflict: if other changes were first again and again.
    """
    return change_cart(cart_id=cart_id, change=lambda cart: cart.remove_line(sku, now=now), now=now)


def restore_item(*, cart_id: str, sku: str, now: datetime) -> Cart:
    """Undo a removal: the line returns in its quantity to its place. Doing it twice is doing it once.

    What has happened to its stock and price meanwhile, the cart explains.

    :raises NotInCart: if there is nothing to put back (any more).
    :raises CartFull: if 50 other lines have come in.
    :raises EditConflict: if other changes were first again and again.
    """

    def restore(cart: Cart) -> None:
        if cart.find_line(sku) is not None:
            return
        if cart.find_removed(sku) is None:
            raise NotInCart(sku)
        if len(cart.lines) >= MAX_LINES:
            raise CartFull
        cart.restore_line(sku)

    return change_cart(cart_id=cart_id, change=restore, now=now)


def accept_prices(*, cart_id: str, prices: Mapping[str, int], now: datetime) -> Cart:
    """Note that the shopper has seen these prices (SKU -> minor units), so that they are no news.

    They are what the page showed: a further change in between is still told. They are never what is
    charged.

    :raises EditConflict: if other changes were first again and again.
    """

    def accept(cart: Cart) -> None:
        for line in cart.lines:
            line.unit_amount = prices.get(line.sku, line.unit_amount)

    return change_cart(cart_id=cart_id, change=accept, now=now)


def save_checkout(*, cart_id: str, change: Callable[[CheckoutDetails], None], now: datetime) -> Cart:
    """Change the checkout's details; ``change`` alters what it is given and may be called again.

    :raises EditConflict: if other changes were first again and again.
    """
    return change_cart(cart_id=cart_id, change=lambda cart: change(cart.checkout), now=now)


def merge_carts(*, guest_cart_id: str, customer_cart_id: str, now: datetime) -> MergeReport:
    """Bring a guest's cart into a customer's and delete it, in one transaction.

    Both happen or neither, so that a crash or a repetition neither loses nor doubles a unit; once it
    is done, doing it again finds no guest's cart and changes nothing.

    :raises EditConflict: if other changes were first again and again.
    """

    def merge_once() -> MergeReport:
        cart = load_cart(customer_cart_id, now=now)
        guest = queries.find_cart(guest_cart_id, now=now)
        if guest is None:
            return MergeReport(cart)
        stock = batch_get({Stock: [line.sku for line in guest.lines]}).all_of(Stock)
        report = merging.merge_into(cart, guest, available={sku: item.available for sku, item in stock.items()})
        cart.touch(now)
        transaction = Transaction()
        transaction.save("customer", cart)
        transaction.delete("guest", guest)
        transaction.commit()
        return report

    return retry_when_outrun(merge_once)


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


def _set_quantity(line: Line, quantity: int, *, available: int) -> None:
    # Going down is always possible: the stock may have sunk below what the line has.
    if quantity > line.quantity:
        if quantity > available:
            raise InsufficientStock(line.sku, name=line.name, available=available, held=line.quantity)
        if quantity > MAX_QUANTITY:
            raise QuantityLimit(line.sku, name=line.name, held=line.quantity)
    line.quantity = quantity
