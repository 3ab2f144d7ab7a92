"""What follows from what happens to an order, each by name: an order carries the names until they are done."""

from collections.abc import Callable, Mapping

from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from catalog import services
from orders import emails, refunds
from orders.gateway import RequestRefused, get_gateway
from orders.invoices import archive, issuing
from orders.models import Order
from orders.reconcile import reconcile


def send_confirmation(order: Order) -> None:
    """Send the mail that confirms the order to its buyer."""
    emails.confirmation(order).send()


def refresh_availability(order: Order, cause: str = "") -> None:
    """Let the cards of the order's products say what is left of them.

    :param cause: what changed the stock, if it was not the order being placed.
    :raises EditConflict: if a product kept changing meanwhile; trying later helps.
    """
    for product_id in dict.fromkeys(line.product_id for line in order.lines):
        services.refresh_availability(product_id=product_id)


def _mail(make: Callable[..., EmailMultiAlternatives]) -> Callable[..., None]:
    def send(order: Order, *arguments: str) -> None:
        make(order, *arguments).send()

    return send


def send_refund(order: Order, refund_id: str) -> None:
    """Have the payment provider send a refund.

    :raises PaymentUnavailable: if it does not answer; trying later helps.
    """
    refunds.send_refund(order=order, refund_id=refund_id, now=timezone.now())


def send_duplicate_back(order: Order, payment_intent_id: str) -> None:
    """Have the payment provider send a second payment back.

    :raises PaymentUnavailable: if it does not answer; trying later helps.
    """
    refunds.send_duplicate_back(order=order, payment_intent_id=payment_intent_id)


def close_page(order: Order, session_id: str) -> None:
    """Keep a page to pay on from taking money for an order that does not want it any more.

    If it is over already, somebody may have paid there, and the provider's word of it may be lost: it is looked at.

    :raises PaymentUnavailable: if the provider does not answer; trying later helps.
    """
    try:
        get_gateway().expire(session_id)
    except RequestRefused:
        reconcile(number=order.number, session_id=session_id, now=timezone.now())


def make_invoice(order: Order) -> None:
    """Give the order its invoice and store the PDF."""
    now = timezone.now()
    archive.store_pdf(invoice=issuing.issue_invoice(order=order, now=now), now=now)


def make_credit_note(order: Order, refund_id: str) -> None:
    """Give a refund its credit note and store the PDF; that of its invoice as well, if nobody did so before."""
    now = timezone.now()
    invoice = issuing.issue_invoice(order=order, now=now)
    if invoice.stored_at is None:
        # Of a payment that was refunded before its order was taken on, nothing else makes the invoice.
        archive.store_pdf(invoice=invoice, now=now)
    archive.store_pdf(invoice=issuing.issue_credit_note(order=order, refund_id=refund_id, now=now), now=now)


# A name like `refund_mail:<refund_id>` is the function under `refund_mail`, given what follows the colon.
# `orders.effect_names` says which of them follow from which event.
EFFECTS: Mapping[str, Callable[..., None]] = {
    "confirmation_mail": send_confirmation,
    "availability": refresh_availability,
    "cancellation_mail": _mail(emails.cancellation),
    "payment_failed_mail": _mail(emails.payment_failed),
    "apology_mail": _mail(emails.apology),
    "shipment_mail": _mail(emails.shipment),
    "refund_mail": _mail(emails.refund),
    "return_mail": _mail(emails.return_news),
    "refund": send_refund,
    "refund_duplicate": send_duplicate_back,
    "close_page": close_page,
    "invoice": make_invoice,
    "credit_note": make_credit_note,
}
