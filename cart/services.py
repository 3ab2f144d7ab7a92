"""What a shopper can do with a cart. Each is one conditional write (see `cart.saving`)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from cart import merging, offers, queries, saving
from cart.merging import MergeReport
from cart.models import MAX_LINES, Cart, CheckoutDetails, Line
from catalog.models import Stock
from catalog.offers import MAX_QUANTITY
from cloudcart.dynamo import batch_get
from cloudcart.errors import StorefrontError
from cloudcart.transactions import Transaction


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


class NothingToRestore(StorefrontError):
    """A removed line is not remembered any more, or never was there."""

    code = "nothing-to-restore"

    def __init__(self, sku: str) -> None:
        self.sku = sku
        super().__init__("That can no longer be undone. You can add the item again from its page.")

    @property
    def extra(self) -> dict[str, Any]:
        return {"sku": self.sku}


def add_item(*, cart_id: str, sku: str, quantity: int, now: datetime) -> Cart:
    """Put units of a SKU into a cart, as `add_offer` does.

    :raises UnknownSku: if no product has the SKU.
    :raises NoLongerSold: if its product is a draft, archived, or has lost the variant.
    """
    return add_offer(cart_id=cart_id, offer=offers.get_offer(sku), quantity=quantity, now=now)


def add_offer(*, cart_id: str, offer: offers.Offer, quantity: int, now: datetime) -> Cart:
    """Put units of what is on offer into a cart, on top of those that are in it; nothing is reserved.

    The price noted as seen is today's. On a line that was there already it stays, so that a change
    is still told.

    :raises InsufficientStock: if the cart would ask for more than is left.
    :raises QuantityLimit: if the line would exceed 20 units.
    :raises CartFull: if it would be the 51st line.
    :raises EditConflict: if other changes were first again and again.
    """

    def add(cart: Cart) -> None:
        line = cart.find_line(offer.variant.sku)
        if line is not None:
            _set_quantity(line, line.quantity + quantity, available=offer.available)
        elif len(cart.lines) >= MAX_LINES:
            raise CartFull
        else:
            line = offer.as_line(0)
            _set_quantity(line, quantity, available=offer.available)
            cart.append_line(line)

    return saving.change_cart(cart_id=cart_id, change=add, now=now)


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

    return saving.change_cart(cart_id=cart_id, change=change, now=now)


def remove_item(*, cart_id: str, sku: str, now: datetime) -> Cart:
    """Take a line out; `restore_item` can put it back for 15 minutes. Absent already is well, too.

    :raises EditConflict: if other changes were first again and again.
    """
    return saving.change_cart(cart_id=cart_id, change=lambda cart: cart.remove_line(sku, now=now), now=now)


def restore_item(*, cart_id: str, sku: str, now: datetime) -> Cart:
    """Undo a removal: the line returns in its quantity to its place. Doing it twice is doing it once.

    What has happened to its stock and price meanwhile, the cart explains.

    :raises NothingToRestore: if the removal is not remembered (any more).
    :raises CartFull: if 50 other lines have come in.
    :raises EditConflict: if other changes were first again and again.
    """

    def restore(cart: Cart) -> None:
        if cart.find_line(sku) is not None:
            return
        if cart.find_removed(sku) is None:
            raise NothingToRestore(sku)
        if len(cart.lines) >= MAX_LINES:
            raise CartFull
        cart.restore_line(sku)

    return saving.change_cart(cart_id=cart_id, change=restore, now=now)


def accept_prices(*, cart_id: str, prices: Mapping[str, int], now: datetime) -> Cart:
    """Note that the shopper has seen these prices (SKU -> minor units), so that they are no news.

    They are what the page showed: a further change in between is still told. They are never what is
    charged.

    :raises EditConflict: if other changes were first again and again.
    """

    def accept(cart: Cart) -> None:
        for line in cart.lines:
            line.unit_amount = prices.get(line.sku, line.unit_amount)

    return saving.change_cart(cart_id=cart_id, change=accept, now=now)


def save_checkout(*, cart_id: str, change: Callable[[CheckoutDetails], None], now: datetime) -> Cart:
    """Change the checkout's details; ``change`` alters what it is given and may be called again.

    :raises EditConflict: if other changes were first again and again.
    """
    return saving.change_cart(cart_id=cart_id, change=lambda cart: change(cart.checkout), now=now)


def add_lines(*, cart_id: str, lines: Sequence[Line], now: datetime) -> MergeReport:
    """Put lines of an order that came to nothing into a cart again, as `merging.merge_into` does. Three calls.

    :raises EditConflict: if other changes were first again and again.
    """
    stock = batch_get({Stock: [line.sku for line in lines]}).all_of(Stock)
    available = {sku: item.available for sku, item in stock.items()}
    reports: list[MergeReport] = []

    def add(cart: Cart) -> None:
        reports.append(merging.merge_into(cart, Cart("order", lines=list(lines)), available=available))

    saving.change_cart(cart_id=cart_id, change=add, now=now)
    return reports[-1]


def merge_carts(*, guest_cart_id: str, customer_cart_id: str, now: datetime) -> MergeReport:
    """Bring a guest's cart into a customer's and delete it, in one transaction.

    Both happen or neither, so that a crash or a repetition neither loses nor doubles a unit; once it
    is done, doing it again finds no guest's cart and changes nothing.

    :raises EditConflict: if other changes were first again and again.
    """

    def merge_once() -> MergeReport:
        cart = saving.load_cart(customer_cart_id, now=now)
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

    return saving.retry_when_outrun(merge_once)


def _set_quantity(line: Line, quantity: int, *, available: int) -> None:
    # Going down is always possible: the stock may have sunk below what the line has.
    if quantity > line.quantity:
        if quantity > available:
            raise InsufficientStock(line.sku, name=line.name, available=available, held=line.quantity)
        if quantity > MAX_QUANTITY:
            raise QuantityLimit(line.sku, name=line.name, held=line.quantity)
    line.quantity = quantity
