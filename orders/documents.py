"""The invoice and credit notes of an order, as its pages list them. Pure."""

from dataclasses import dataclass

from orders import links
from orders.models import Order


@dataclass(frozen=True)
class Document:
    """One PDF: what it is called in a sentence, its number (empty until it has one), and the path that opens it."""

    title: str
    number: str
    path: str


def list_documents(order: Order) -> list[Document]:
    """List what there is or soon will be, the invoice first."""
    invoice = [Document("invoice", order.invoice_number or "", links.document_path(order))] if order.has_invoice else []
    notes = [
        Document("credit note", note.number, links.document_path(order, note.number)) for note in order.credit_notes
    ]
    return [*invoice, *notes]
