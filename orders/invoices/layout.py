"""What document.typ prints, as plain values: the words, amounts and days of an invoice. Pure."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_currency, format_percent

from cloudcart.money import to_major
from orders.invoices.coverage import make_printable
from orders.invoices.models import Invoice

Text = dict[str, Any]


class Page:
    """The page of one document; ``missing`` collects the characters that no font has."""

    def __init__(self, invoice: Invoice) -> None:
        self._invoice = invoice
        self._zone = ZoneInfo(invoice.time_zone)
        self.missing: dict[str, None] = {}

    def as_dict(self) -> dict[str, Any]:
        invoice = self._invoice
        return {
            "title": invoice.title,
            "number": invoice.number,
            "language": "en",
            "is-japanese": invoice.buyer.country_code == "JP",
            "store": self._plain(invoice.store_name),
            "sender": self._text(" · ".join([invoice.seller.name, *invoice.seller.address_lines])),
            "buyer": [self._text(line) for line in invoice.buyer.address_lines],
            "facts": [[label, self._text(value)] for label, value in self._facts()],
            "columns": ["", "Item", "Quantity", "Unit price", invoice.tax_name, "Amount"],
            "lines": [self._line(line) for line in invoice.lines],
            "sums": list(self._sums()),
            "total": ["Total credit" if invoice.is_credit_note else "Total", self._amount(invoice.total)],
            "notes": [self._text(note) for note in self._notes()],
            "footer": [[self._text(line) for line in column] for column in self._footer()],
        }

    def _facts(self) -> Iterator[tuple[str, str]]:
        invoice = self._invoice
        yield f"{invoice.title} number", invoice.number
        yield f"{invoice.title} date", self._day(invoice.issued_at)
        if invoice.corrects:
            yield "For invoice", invoice.corrects
        yield "Order", invoice.order_number
        yield "Ordered on", self._day(invoice.placed_at)
        if not invoice.is_credit_note and invoice.payment_method_name:
            yield "Payment", invoice.payment_method_name
        if invoice.due_at:
            yield "Payable by", self._day(invoice.due_at)

    def _line(self, line: Any) -> dict[str, Any]:
        return {
            "title": self._text(line.title),
            "detail": self._text(line.detail),
            "quantity": str(line.quantity),
            "unit": self._amount(line.unit_amount),
            "rate": self._percent(line.tax_rate_basis_points),
            "amount": self._amount(line.amount),
        }

    def _sums(self) -> Iterator[list[str]]:
        for tax in self._invoice.taxes:
            rate = self._percent(tax.rate_basis_points)
            yield ["Net amount", self._amount(tax.net_amount)]
            yield [f"{rate} {self._plain(self._invoice.tax_name)}", self._amount(tax.tax_amount)]

    def _notes(self) -> Iterator[str]:
        invoice = self._invoice
        if invoice.prices_include_tax:
            yield f"Prices of items include {invoice.tax_name}."
        if invoice.is_credit_note:
            yield f"This takes back part or all of invoice {invoice.corrects}."
            if invoice.reason:
                yield f"Reason: {invoice.reason}"
        elif invoice.due_at:
            account = f" to {_account(invoice)}" if invoice.seller.iban else ""
            yield (
                f"Please transfer {self._amount(invoice.total)}{account} by {self._day(invoice.due_at)}, "
                f"quoting {invoice.number}."
            )
        else:
            yield "Paid, with thanks. There is nothing left to pay."

    def _footer(self) -> Iterator[list[str]]:
        seller = self._invoice.seller
        yield [seller.name, *seller.address_lines]
        yield [line for line in (seller.email, seller.web_address) if line]
        yield [
            f"{label} {value}"
            for label, value in (
                (f"{self._invoice.tax_name} id", seller.vat_id),
                ("IBAN", seller.iban),
                ("BIC", seller.bic),
            )
            if value
        ]

    def _text(self, text: str) -> Text:
        printable = make_printable(text)
        self.missing.update(dict.fromkeys(printable.missing))
        return {"text": printable.text, "rtl": printable.is_right_to_left}

    def _plain(self, text: str) -> str:
        return str(self._text(text)["text"])

    def _amount(self, amount: int) -> str:
        currency = self._invoice.currency
        return self._plain(format_currency(to_major(amount, currency), currency, locale=self._invoice.locale))

    def _percent(self, basis_points: int) -> str:
        return self._plain(format_percent(Decimal(basis_points) / 10_000, "#,##0.##%", locale=self._invoice.locale))

    def _day(self, moment: datetime) -> str:
        return self._plain(format_date(moment.astimezone(self._zone), "long", locale=self._invoice.locale))


def _account(invoice: Invoice) -> str:
    return f"IBAN {invoice.seller.iban}" + (f" (BIC {invoice.seller.bic})" if invoice.seller.bic else "")
