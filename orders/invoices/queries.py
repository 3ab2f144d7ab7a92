"""What is asked of DynamoDB about invoices; docs/access-patterns.md has the table."""

from http import HTTPStatus

from cloudcart.dynamo import batch_get
from cloudcart.errors import StorefrontError
from orders.invoices.models import Invoice
from orders.models import Order


class InvoiceNotFound(StorefrontError):
    """There is no invoice of this number, or not for this person: the two read the same."""

    code = "invoice-not-found"
    status_code = HTTPStatus.NOT_FOUND

    def __init__(self, number: str) -> None:
        self.number = number
        super().__init__("We cannot find this invoice.")


def get_invoice(number: str) -> Invoice:
    """Read an invoice or credit note by its number, consistently: one GetItem.

    :raises InvoiceNotFound: if there is none.
    """
    found = Invoice.find(number, consistent=True)
    if found is None:
        raise InvoiceNotFound(number)
    return found


def list_invoices(orders: list[Order]) -> list[Invoice]:
    """List the invoices and credit notes of some orders, by number: one batch read for each 100."""
    numbers = [number for order in orders for number in document_numbers(order)]
    found = batch_get({Invoice: numbers}).all_of(Invoice) if numbers else {}
    return [found[number] for number in numbers if number in found]


def document_numbers(order: Order) -> list[str]:
    """Give the numbers of an order's invoice and credit notes, as far as there are any."""
    invoice = [order.invoice_number] if order.invoice_number else []
    return [*invoice, *(note.number for note in order.credit_notes)]
