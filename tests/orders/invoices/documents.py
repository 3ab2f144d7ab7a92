"""Orders to be invoiced, and what their PDFs say."""

import re
from io import BytesIO
from typing import Any

from pypdf import PdfReader

from orders.invoices import issuing, rendering
from orders.invoices.models import Invoice
from orders.models import Order, Refund, RefundLine
from tests.clock import NOW
from tests.factories import make_product
from tests.orders.carts import make_line, place_order


def make_order(**changes: Any) -> Order:
    """Place an order of two mugs at €36.00, delivered for €4.90."""
    mug = make_product(title="Blue mug & saucer", sku="MUG-1", price=3600)
    return place_order(make_line(mug, 2), **changes)


def make_invoice(**changes: Any) -> Invoice:
    return issuing.issue_invoice(order=make_order(**changes), now=NOW)


def add_refund(order: Order, amount: int, *, units: int = 0, **traits: Any) -> Refund:
    lines = [RefundLine(sku="MUG-1", quantity=units)] if units else []
    number = len(order.refunds) + 1
    refund = Refund(
        **{"refund_id": f"r{number}", "amount": amount, "reason": "Broken", "lines": lines, "created_at": NOW, **traits}
    )
    order.refunds.append(refund)
    order.save()
    return refund


def read_pdf(pdf: bytes) -> str:
    """Give the text of all pages, with single spaces."""
    return "\n".join(re.sub(r"[ \xa0\u202f]+", " ", page.extract_text()) for page in PdfReader(BytesIO(pdf)).pages)


def text_of(invoice: Invoice) -> str:
    return read_pdf(rendering.render_pdf(invoice))
