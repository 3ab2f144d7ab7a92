"""Invoices and credit notes as they are stored: everything that the document says, frozen."""

from pynamodb.attributes import (
    BooleanAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)

from cloudcart.dynamo import IntegerAttribute, StoredMap, StoreModel, list_of_texts
from cloudcart.item_reading import ListOfMaps
from orders.invoices.kinds import Kind
from orders.parts import maybe_text, maybe_time


class Seller(StoredMap):
    """Who sells, as the law wants it named."""

    name = UnicodeAttribute()
    address_lines = list_of_texts()
    vat_id = UnicodeAttribute(default="")
    email = UnicodeAttribute(default="")
    web_address = UnicodeAttribute(default="")
    iban = UnicodeAttribute(default="")
    bic = UnicodeAttribute(default="")


class Buyer(StoredMap):
    """Who bought; ``address_lines`` begin with the name."""

    address_lines = list_of_texts()
    country_code = UnicodeAttribute(default="")


class InvoiceLine(StoredMap):
    """One row; amounts are minor units, with tax in them or not as the whole document has it."""

    title = UnicodeAttribute()
    detail = UnicodeAttribute(default="")
    quantity = IntegerAttribute(default=1)
    unit_amount = IntegerAttribute()
    tax_rate_basis_points = IntegerAttribute()

    @property
    def amount(self) -> int:
        return self.unit_amount * self.quantity


class TaxLine(StoredMap):
    """The tax of one rate (1900 is 19 %); both amounts are minor units."""

    rate_basis_points = IntegerAttribute()
    net_amount = IntegerAttribute()
    tax_amount = IntegerAttribute()


class Invoice(StoreModel):
    """An invoice, or the credit note that takes part of one back. It is never changed.

    ``stored_at`` and ``sha256`` are added when its PDF lies in the bucket; the PDF can be made again from
    the item, byte for byte, by the version of the shop that made it.
    """

    class Meta:
        table = "invoices"

    number = UnicodeAttribute(hash_key=True)
    kind = UnicodeAttribute()
    order_number = UnicodeAttribute()
    customer_id = maybe_text()
    # Of a credit note: the refund that it is about, why, and the invoice that it corrects.
    refund_id = maybe_text()
    reason = UnicodeAttribute(default="")
    corrects = maybe_text()
    issued_at = UTCDateTimeAttribute()
    placed_at = UTCDateTimeAttribute()
    due_at = maybe_time()
    store_name = UnicodeAttribute()
    seller = Seller()
    buyer = Buyer()
    lines: ListOfMaps[InvoiceLine] = ListOfMaps(of=InvoiceLine)
    taxes: ListOfMaps[TaxLine] = ListOfMaps(of=TaxLine)
    total = IntegerAttribute()
    currency = UnicodeAttribute()
    prices_include_tax = BooleanAttribute()
    tax_name = UnicodeAttribute()
    payment_method_name = UnicodeAttribute(default="")
    # In which way it writes amounts and days, whatever the shop does later.
    locale = UnicodeAttribute()
    time_zone = UnicodeAttribute()
    stored_at = maybe_time()
    sha256 = maybe_text()

    @property
    def is_credit_note(self) -> bool:
        return self.kind == Kind.CREDIT_NOTE

    @property
    def title(self) -> str:
        return Kind(self.kind).label

    @property
    def file_name(self) -> str:
        return f"{self.number}.pdf"


class InvoiceSeries(StoreModel):
    """The last number that a series gave: ``INV-2026`` -> 41. It is counted up by whoever stores number 42."""

    class Meta:
        table = "invoice-series"

    series = UnicodeAttribute(hash_key=True)
    last = IntegerAttribute()
