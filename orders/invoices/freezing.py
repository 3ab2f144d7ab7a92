"""What an invoice or credit note says, taken from its order and the settings at the moment it is issued."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings

from cart.pricing import divide_half_up
from orders.invoices.kinds import Kind
from orders.invoices.models import Buyer, Invoice, InvoiceLine, Seller, TaxLine
from orders.models import Order, OrderLine, Refund
from orders.status import PaymentStatus

# As `orders.payments.PayOnInvoice` promises it to the shopper.
PAYMENT_TERM = timedelta(days=14)
_WHOLE_IN_BASIS_POINTS = 10_000


def freeze_invoice(order: Order, *, number: str, now: datetime) -> Invoice:
    """Make the invoice of a whole order, in memory."""
    rate = _rate(order)
    lines = [_line_of(each, rate, quantity=each.quantity) for each in order.lines]
    if order.shipping_total:
        lines.append(_line(order.shipping_method_name, order.shipping_total, rate))
    taxes = [TaxLine(rate_basis_points=rate, net_amount=order.total - order.tax_total, tax_amount=order.tax_total)]
    invoice = _freeze(order, Kind.INVOICE, number=number, now=now, lines=lines, taxes=taxes, total=order.total)
    if order.payment_status == PaymentStatus.DUE:
        invoice.due_at = now + PAYMENT_TERM
    return invoice


def freeze_credit_note(order: Order, refund: Refund, *, number: str, now: datetime) -> Invoice:
    """Make the credit note of one refund, in memory; its amounts are what goes back to the buyer."""
    rate = _rate(order)
    # Rounded so that the taxes of all credit notes of a refunded order add up to the tax of its invoice.
    before = sum(each.amount for each in _credited(order))
    tax_amount = _tax_in(before + refund.amount, rate) - _tax_in(before, rate)
    net_amount = refund.amount - tax_amount
    sum_of_lines = refund.amount if order.prices_include_tax else net_amount
    note = _freeze(
        order,
        Kind.CREDIT_NOTE,
        number=number,
        now=now,
        lines=_refunded_lines(order, refund, rate, sum_of_lines=sum_of_lines),
        taxes=[TaxLine(rate_basis_points=rate, net_amount=net_amount, tax_amount=tax_amount)],
        total=refund.amount,
    )
    note.refund_id, note.reason, note.corrects = refund.refund_id, refund.reason, order.invoice_number
    return note


def _freeze(
    order: Order,
    kind: Kind,
    *,
    number: str,
    now: datetime,
    lines: Sequence[InvoiceLine],
    taxes: Sequence[TaxLine],
    total: int,
) -> Invoice:
    return Invoice(
        number,
        kind=kind,
        order_number=order.number,
        customer_id=order.customer_id,
        issued_at=now,
        placed_at=order.placed_at,
        store_name=settings.STORE_NAME,
        seller=_seller(),
        buyer=Buyer(address_lines=order.shipping_address.as_lines, country_code=order.shipping_address.country_code),
        lines=list(lines),
        taxes=list(taxes),
        total=total,
        currency=order.currency,
        prices_include_tax=order.prices_include_tax,
        tax_name=settings.TAX_NAME,
        payment_method_name=order.payment_method_name,
        locale=settings.FORMAT_LOCALE,
        time_zone=settings.TIME_ZONE,
    )


def _seller() -> Seller:
    return Seller(
        name=settings.SELLER_NAME,
        address_lines=list(settings.SELLER_ADDRESS),
        vat_id=settings.SELLER_VAT_ID,
        email=settings.STORE_EMAIL,
        web_address=settings.STORE_URL,
        iban=settings.SELLER_IBAN,
        bic=settings.SELLER_BIC,
    )


def _line(title: str, unit_amount: int, rate: int, *, quantity: int = 1, details: Sequence[str] = ()) -> InvoiceLine:
    return InvoiceLine(
        title=title,
        detail=" · ".join(filter(None, details)),
        quantity=quantity,
        unit_amount=unit_amount,
        tax_rate_basis_points=rate,
    )


def _line_of(sold: OrderLine, rate: int, *, quantity: int) -> InvoiceLine:
    return _line(sold.title, sold.unit_amount, rate, quantity=quantity, details=(sold.variant_title, sold.sku))


def _refunded_lines(order: Order, refund: Refund, rate: int, *, sum_of_lines: int) -> list[InvoiceLine]:
    lines = []
    for each in refund.lines:
        sold = order.find_line(each.sku)
        if sold is not None:
            lines.append(_line_of(sold, rate, quantity=each.quantity))
    rest = sum_of_lines - sum(line.amount for line in lines)
    if rest:
        # Delivery that is paid back as well, a part of a price, or what was kept for a used thing.
        title = _rest_title(refund, has_lines=bool(lines), rest=rest)
        lines.append(_line(title, rest, rate))
    return lines


def _rest_title(refund: Refund, *, has_lines: bool, rest: int) -> str:
    if rest < 0:
        return "Not refunded"
    return "Delivery and other amounts" if has_lines else "Refund"


def _credited(order: Order) -> list[Refund]:
    noted = {note.refund_id for note in order.credit_notes}
    return [refund for refund in order.refunds if refund.refund_id in noted]


def _rate(order: Order) -> int:
    return order.tax_rate_basis_points


def _tax_in(amount: int, rate: int) -> int:
    return divide_half_up(amount * rate, _WHOLE_IN_BASIS_POINTS + rate)
