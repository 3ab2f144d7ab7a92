"""Turn a cart into an order: everything that must happen together, in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

import structlog
from django.conf import settings

from cart.models import MAX_LINES, Cart
from cart.pricing import PricedLine, TooManyLines
from cart.queries import keys_of
from catalog import stock
from cloudcart import metrics
from cloudcart.dynamo import BatchGot, batch_get
from cloudcart.errors import EditConflict, StorefrontError
from cloudcart.metrics import Metric
from cloudcart.money import format_amount
from cloudcart.publishing import PublishFailed
from cloudcart.rate_limits import Attempts
from cloudcart.transactions import Transaction, TransactionRefused
from orders import idempotency, numbers, payments, publishing, queries, quotes, steps
from orders.models import Idempotency, Order, OrderLine, TimelineEntry
from orders.quotes import Quote
from orders.status import OrderStatus

logger = structlog.get_logger(__name__)

# One in 973 billion numbers is taken already for each order there is; twice in a row is another fault.
_NUMBERS_TRIED = 3


@dataclass(frozen=True)
class Shortage:
    """A line that cannot be had as it is; ``available`` units are left, none if it is no longer sold."""

    sku: str
    title: str
    available: int

    def __str__(self) -> str:
        if self.available <= 0:
            return f"{self.title} has just sold out."
        return f"Only {self.available} of {self.title} {'is' if self.available == 1 else 'are'} left."


class CartEmpty(StorefrontError):
    """There is nothing in the cart to be ordered."""

    code = "cart-empty"

    def __init__(self) -> None:
        super().__init__("Your cart is empty.")


class CartChanged(StorefrontError):
    """The cart is not the one that the shopper reviewed: another tab changed it."""

    code = "cart-changed"

    def __init__(self) -> None:
        super().__init__("Your cart has changed since this page was made. Please look at it again.")


class PriceChanged(StorefrontError):
    """The total is not the one that the shopper agreed to; both are minor units."""

    code = "price-changed"

    def __init__(self, *, expected: int, actual: int, currency: str) -> None:
        self.expected, self.actual, self.currency = expected, actual, currency
        super().__init__(
            f"The total is now {format_amount(actual, currency)}; it was {format_amount(expected, currency)} "
            "when you last saw it. Nothing was ordered yet."
        )

    @property
    def extra(self) -> dict[str, Any]:
        return {"expected": self.expected, "actual": self.actual, "currency": self.currency}


class InsufficientStock(StorefrontError):
    """Some lines cannot be had in the quantity that the cart asks for."""

    code = "insufficient-stock"

    def __init__(self, shortages: Sequence[Shortage]) -> None:
        self.shortages = tuple(shortages)
        super().__init__(" ".join([*map(str, self.shortages), "Nothing was ordered yet."]))

    @property
    def extra(self) -> dict[str, Any]:
        return {"shortages": [{"sku": each.sku, "available": each.available} for each in self.shortages]}


class CartTooLong(StorefrontError):
    """A cart merged at sign-in has more different items than one order takes."""

    code = "cart-too-long"

    def __init__(self, problem: TooManyLines) -> None:
        super().__init__(str(problem))


class CheckoutIncomplete(StorefrontError):
    """A step of the checkout has no answer yet, or one that is not offered any more."""

    code = "checkout-incomplete"
    status_code = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, step: str) -> None:
        self.step = step
        super().__init__(f"The checkout is not complete: please go back to {step}.")

    @property
    def extra(self) -> dict[str, Any]:
        return {"step": self.step}


def place_order(
    *,
    cart_id: str,
    idempotency_key: str,
    expected_total: int,
    customer_id: str | None,
    now: datetime,
    new_number: Callable[[], str] = numbers.new_number,
    publish: Callable[[str], None] = publishing.publish_order,
    attempts_for: Callable[[Quote], Attempts] = lambda quote: Attempts(),
    reviewed: Sequence[tuple[str, str]] = (),
) -> Order:
    """Place the order that the shopper reviewed: one batch read, one transaction, one SQS message.

    The transaction writes the order, reserves its stock, empties the cart and stores the key, or does
    nothing. The same key gives the same order again, even though the cart is empty by then. If the
    message cannot be sent, the order stands, and the sweeper sees to it.

    :param idempotency_key: `idempotency.key_for` of the cart as it was shown.
    :param attempts_for: the limits that count this order (`orders.limits`); none if left out.
    :param reviewed: product's id and SKU of each line that was shown, to be read together with the cart
        (docs/adr/0037). If they are not the cart's own, the cart's are read, too.
    :param expected_total: the total that was shown, in minor units; it is compared and never charged.
    :raises CartEmpty: if there is nothing to order.
    :raises CartChanged: if the key belongs to another state of the cart, or to another cart.
    :raises CartTooLong: if there are more than 50 lines.
    :raises CheckoutIncomplete: if an answer of the checkout is missing.
    :raises InsufficientStock: if lines are sold out or no longer sold, with each of them.
    :raises PriceChanged: if the total differs from the one that was shown.
    :raises TooManyAttempts: if a limit is used up.
    :raises EditConflict: if too many others wanted the same stock at the same moment.
    """
    got = batch_get(
        {Cart: [cart_id], Idempotency: [idempotency_key], **keys_of(reviewed[:MAX_LINES])},
        consistent={Cart, Idempotency},
    )
    earlier = _find_earlier(got.find(Idempotency, idempotency_key), idempotency_key, cart_id=cart_id, now=now)
    if earlier is not None:
        return earlier
    quote = _check_cart(got, cart_id, idempotency_key, expected_total=expected_total, now=now)
    attempts = attempts_for(quote)
    for _ in range(_NUMBERS_TRIED):
        order = _freeze(quote, number=new_number(), customer_id=customer_id, now=now)
        try:
            _write(order, quote.cart, idempotency_key, attempts, now=now)
        except TransactionRefused as refused:
            # A second click may have been first, or the answer to our own write was lost.
            placed = _find_placed(idempotency_key, cart_id=cart_id, now=now)
            if placed is not None:
                return placed
            if refused.find("order") is None:
                raise attempts.explain(refused, now=now) or _explain(refused, quote) from refused
        else:
            logger.info("order.placed", number=order.number, lines=len(order.lines))
            metrics.count(Metric.ORDERS_PLACED)
            _publish(order, publish)
            return order
    raise EditConflict


def _find_placed(key: str, *, cart_id: str, now: datetime) -> Order | None:
    return _find_earlier(Idempotency.find(key, consistent=True), key, cart_id=cart_id, now=now)


def _find_earlier(stored: Idempotency | None, key: str, *, cart_id: str, now: datetime) -> Order | None:
    """Give the order that this key placed before, if it is a key of this cart."""
    if stored is None or not idempotency.is_in_force(stored, now=now):
        return None
    return queries.get_order(stored.order_number) if idempotency.is_own_key(key, cart_id=cart_id) else None


def _check_cart(got: BatchGot, cart_id: str, key: str, *, expected_total: int, now: datetime) -> Quote:
    cart = got.find(Cart, cart_id)
    if cart is None or cart.expires_at <= now or cart.is_empty:
        raise CartEmpty
    if key != idempotency.key_for(cart):
        raise CartChanged
    missing = steps.find_incomplete(cart.checkout)
    if missing is not None:
        raise CheckoutIncomplete(missing.name)
    quote = quotes.quote_cart(cart, at_hand=got)
    _check_quote(quote, expected_total=expected_total)
    if not payments.can_pay(cart.checkout.payment_method, quote.totals):
        # A card takes half a euro at least, and nobody pays for what costs nothing.
        raise CheckoutIncomplete(steps.PAYMENT.name)
    return quote


def _check_quote(quote: Quote, *, expected_total: int) -> None:
    if quote.overview.too_many_lines is not None:
        raise CartTooLong(quote.overview.too_many_lines)
    gone = [_shortage(line, 0) for line in quote.overview.lines if line.is_gone]
    if gone:
        raise InsufficientStock(gone)
    if quote.totals.total != expected_total:
        raise PriceChanged(expected=expected_total, actual=quote.totals.total, currency=quote.totals.currency)


def _freeze(quote: Quote, *, number: str, customer_id: str | None, now: datetime) -> Order:
    details, totals = quote.cart.checkout, quote.totals
    payment = payments.find_method(details.payment_method)
    order = Order(
        number,
        status=OrderStatus.PENDING,
        customer_id=customer_id,
        email=details.email,
        email_key=details.email.casefold(),
        buyer_name=details.shipping_address.name,
        lines=[_freeze_line(line) for line in quote.overview.lines],
        shipping_address=details.shipping_address,
        shipping_method=details.shipping_method,
        shipping_method_name=quote.shipping_method.name,
        payment_method=details.payment_method,
        payment_method_name=payment.name if payment else "",
        currency=totals.currency,
        subtotal=totals.subtotal,
        shipping_total=totals.shipping_total,
        tax_total=totals.tax_total,
        total=totals.total,
        tax_rate_basis_points=settings.TAX_RATE_BASIS_POINTS,
        placed_at=now,
        updated_at=now,
        timeline=[TimelineEntry(at=now, event="placed")],
    )
    payments.prepare(order, now=now)
    return order


def _freeze_line(line: PricedLine) -> OrderLine:
    return OrderLine(
        sku=line.sku,
        product_id=line.line.product_id,
        slug=line.slug,
        title=line.title,
        variant_title=line.variant_title,
        quantity=line.quantity,
        unit_amount=line.unit_amount,
        image=line.image,
    )


def _write(order: Order, cart: Cart, key: str, attempts: Attempts, *, now: datetime) -> None:
    transaction = Transaction()
    record = Idempotency(key, order_number=order.number, expires_at=now + idempotency.LIFETIME)
    is_free = Idempotency.key.does_not_exist() | (Idempotency.expires_at <= now)
    transaction.save("idempotency", record, is_free)
    transaction.save("order", order, Order.number.does_not_exist())
    transaction.update("cart", cart, _emptying(cart, now))
    quantities = {line.sku: line.quantity for line in order.lines}
    stock.reserve(transaction, quantities=quantities, order_number=order.number, now=now)
    attempts.add_to(transaction, now=now)
    transaction.commit()


def _emptying(cart: Cart, now: datetime) -> list[Any]:
    emptied = Cart(cart.cart_id)
    emptied.empty()
    emptied.touch(now)
    return [
        Cart.lines.set(emptied.lines),
        Cart.removed.set(emptied.removed),
        Cart.updated_at.set(emptied.updated_at),
        Cart.expires_at.set(emptied.expires_at),
    ]


def _explain(refused: TransactionRefused, quote: Quote) -> StorefrontError:
    lines = {f"stock:{line.sku}": line for line in quote.overview.lines}
    short = [
        _shortage(lines[refusal.name], _units_left(refusal.item))
        for refusal in refused.starting_with("stock:")
        if refusal.code == "ConditionalCheckFailed"
    ]
    if short:
        return InsufficientStock(short)
    cart = refused.find("cart")
    return CartChanged() if cart is not None and cart.code == "ConditionalCheckFailed" else EditConflict()


def _shortage(line: PricedLine, available: int) -> Shortage:
    title = f"{line.title}, {line.variant_title}" if line.variant_title else line.title
    return Shortage(line.sku, title, available)


def _units_left(raw_stock: dict[str, Any] | None) -> int:
    return int(raw_stock["available"]["N"]) if raw_stock else 0


def _publish(order: Order, publish: Callable[[str], None]) -> None:
    try:
        publish(order.number)
    except PublishFailed as error:
        logger.warning("order.publish_failed", number=order.number, error=str(error.__cause__))
