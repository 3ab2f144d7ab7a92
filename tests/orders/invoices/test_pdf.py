from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from orders.invoices import issuing, rendering
from orders.invoices.models import Invoice
from orders.models import Order
from orders.status import PaymentStatus
from tests.clock import NOW
from tests.factories import make_product
from tests.orders.carts import make_address, make_line, place_order
from tests.orders.invoices.documents import add_refund, make_invoice, make_order, read_pdf, text_of


def test_it_names_seller_buyer_order_lines_tax_and_what_to_pay_until_when(settings: Any) -> None:
    settings.SELLER_NAME, settings.SELLER_ADDRESS = "Ada's Pottery", ["Torstrasse 1", "10115 Berlin"]
    settings.SELLER_VAT_ID, settings.SELLER_IBAN = "DE123456789", "DE02 1203 0000"
    invoice = make_invoice()
    text = text_of(invoice)
    assert "Ada's Pottery · Torstrasse 1 · 10115 Berlin" in text
    assert "VAT id DE123456789" in text
    assert "Ada Lovelace\nTorstrasse 1\n10115 Berlin\nGermany" in text
    assert "INV-2099-000001" in text
    assert "2 March 2099" in text
    assert invoice.order_number in text
    assert "Blue mug & saucer" in text
    assert "MUG-1" in text
    assert "Standard delivery" in text
    # 7690 holds 19 %: 7690 × 1900 / 11900 = 1227.8.
    assert [amount in text for amount in ("€36.00", "€72.00", "€4.90", "€64.62", "€12.28", "€76.90")] == [True] * 6
    assert "19% VAT" in text
    assert "Please transfer €76.90 to IBAN DE02 1203 0000 by 16 March 2099" in text


def test_tax_that_comes_on_top_is_added_to_the_net_amount(settings: Any) -> None:
    settings.PRICES_INCLUDE_TAX, settings.TAX_RATE_BASIS_POINTS = False, 775
    text = text_of(make_invoice())
    assert [amount in text for amount in ("€76.90", "€5.96", "€82.86")] == [True] * 3
    assert "7.75% VAT" in text
    assert "Prices of items include" not in text


def test_what_is_paid_already_asks_for_nothing() -> None:
    order = make_order()
    order.payment_status = PaymentStatus.PAID
    order.save()
    text = text_of(issuing.issue_invoice(order=order, now=NOW))
    assert "There is nothing left to pay." in text
    assert "Please transfer" not in text


def test_the_same_invoice_gives_the_same_bytes_whatever_the_shop_is_called_by_then(settings: Any) -> None:
    invoice = make_invoice()
    first = rendering.render_pdf(invoice)
    settings.STORE_NAME, settings.SELLER_NAME, settings.FORMAT_LOCALE = "Other", "Other", "de_DE"
    settings.TAX_NAME, settings.TIME_ZONE, settings.SELLER_ADDRESS = "Tax", "Asia/Tokyo", ["Elsewhere"]
    assert rendering.render_pdf(Invoice.get(invoice.number)) == first


def test_the_frozen_invoice_outlives_changes_of_its_order() -> None:
    order = make_order()
    invoice = issuing.issue_invoice(order=order, now=NOW)
    before = rendering.render_pdf(invoice)
    order.email, order.shipping_address = "erased@example.com", make_address(name="Erased")
    order.save()
    assert rendering.render_pdf(Invoice.get(invoice.number)) == before


def test_a_credit_note_says_what_goes_back_and_which_invoice_it_corrects() -> None:
    order = make_order()
    issuing.issue_invoice(order=order, now=NOW)
    add_refund(order, 3600 + 490, units=1)
    text = text_of(issuing.issue_credit_note(order=order, refund_id="r1", now=NOW))
    assert "Credit note" in text
    assert "For invoice INV-2099-000001" in text
    assert "Delivery and other amounts" in text
    assert [amount in text for amount in ("€36.00", "€4.90", "€34.37", "€6.53", "€40.90")] == [True] * 5
    assert "Reason: Broken" in text
    assert "Please transfer" not in text


def test_a_refund_of_a_mere_amount_and_one_that_keeps_something_back_add_up() -> None:
    order = make_order()
    add_refund(order, 1000)
    add_refund(order, 3000, units=1)
    plain = issuing.issue_credit_note(order=order, refund_id="r1", now=NOW)
    assert [(line.title, line.amount) for line in plain.lines] == [("Refund", 1000)]
    kept = issuing.issue_credit_note(order=order, refund_id="r2", now=NOW)
    assert [line.amount for line in kept.lines] == [3600, -600]


@pytest.mark.parametrize("prices_include_tax", [True, False])
@pytest.mark.parametrize("amounts", [(1, 1, 1), (333, 333, 334), (3601, 17)])
def test_the_taxes_of_all_credit_notes_add_up_to_the_tax_of_the_invoice(
    settings: Any, *, prices_include_tax: bool, amounts: tuple[int, ...]
) -> None:
    settings.PRICES_INCLUDE_TAX = prices_include_tax
    order = make_order()
    invoice = issuing.issue_invoice(order=order, now=NOW)
    for amount in (*amounts, order.total - sum(amounts)):
        add_refund(order, amount)
    notes = [issuing.issue_credit_note(order=order, refund_id=each.refund_id, now=NOW) for each in [*order.refunds]]
    assert sum(note.taxes[0].tax_amount for note in notes) == invoice.taxes[0].tax_amount
    assert sum(note.total for note in notes) == invoice.total
    assert all(note.taxes[0].net_amount + note.taxes[0].tax_amount == note.total for note in notes)


def test_fifty_lines_are_paged_with_their_heading_and_the_sums_stay_together() -> None:
    products = [make_product(title=f"Mug number {number}", price=100 + number) for number in range(1, 51)]
    order = place_order(*[make_line(product) for product in products])
    pdf = rendering.render_pdf(issuing.issue_invoice(order=order, now=NOW))
    pages = [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]
    assert len(pages) == 3
    assert [("Unit price" in page, f"Page {number} of 3" in page) for number, page in enumerate(pages, 1)] == [
        (True, True)
    ] * 3
    assert "Mug number 50" in pages[2]
    assert "Total" in pages[2]
    assert "Please transfer" in pages[2]


def test_the_pdf_is_a4_titled_and_made_for_archives_and_screen_readers() -> None:
    invoice = make_invoice()
    reader = PdfReader(BytesIO(rendering.render_pdf(invoice)))
    page = reader.pages[0].mediabox
    assert (round(page.width), round(page.height)) == (595, 842)
    assert reader.metadata is not None
    assert reader.metadata.title == f"Invoice {invoice.number}"
    assert reader.metadata.creation_date == NOW
    root: Any = reader.trailer["/Root"]
    metadata = root["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata


SCRIPTS = {
    "DE": "Łukasz Żółć Nguyễn Ølberg",
    "GR": "Ελένη Παπαδοπούλου",
    "UA": "Олена Шевченко",
    "JP": "髙橋 花子 さくら ﾊﾅｺ",
    "CN": "王小明 龙马 繁體中文",
    "KR": "김철수 똠방각하",
    "AE": "محمد بن عبد الله",
    "IL": "דוד בן גוריון",
}


@pytest.mark.parametrize("country", SCRIPTS)
def test_names_of_every_script_are_printed_and_can_be_searched_for(settings: Any, country: str) -> None:
    settings.SHIPPING_COUNTRIES = [*SCRIPTS]
    name = SCRIPTS[country]
    address = make_address(name=name, country_code=country, city="Berlin")
    order = place_order(make_line(make_product(title=f"For {name}")), shipping_address=address)
    text = text_of(issuing.issue_invoice(order=order, now=NOW))
    # Compared letter by letter: a reader of PDF may give runs of another direction in another order.
    missing = {letter for letter in name.replace(" ", "") if letter not in text}
    assert missing == set()
    assert "[U+" not in text


def test_terms_of_payment_are_those_that_the_checkout_promises() -> None:
    assert make_invoice().due_at == NOW + timedelta(days=14)


def test_a_stored_pdf_reads_like_a_fresh_one(order: Order) -> None:
    invoice = issuing.issue_invoice(order=order, now=NOW)
    assert read_pdf(rendering.render_pdf(invoice)) == text_of(Invoice.get(invoice.number))


@pytest.fixture
def order() -> Order:
    return make_order()
