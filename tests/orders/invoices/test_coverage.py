import logging
from typing import Any

import pytest
import typst
from structlog.testing import capture_logs

from orders.invoices import coverage, issuing
from orders.invoices.coverage import make_printable
from tests.clock import NOW
from tests.factories import make_product
from tests.orders.carts import make_address, make_line, place_order
from tests.orders.invoices.documents import text_of


def compile_text(text: str) -> bytes:
    """Print a text with the fonts of the invoices, under the standards that forbid a missing picture."""
    page = (
        '#import "families.typ": families\n#set document(title: "x")\n'
        "#set text(font: families(false), fallback: false, size: 4pt)\n#sys.inputs.text"
    )
    # The library types source and root as one type, and takes both.
    source: Any = page.encode()
    return typst.compile(
        source,
        root=str(coverage.FONTS.parent),
        font_paths=[str(coverage.FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"text": text},
        pdf_standards=["a-2a", "ua-1"],
    )


def test_every_character_that_is_promised_has_a_picture() -> None:
    covered = coverage.list_covered()
    assert len(covered) > 45_000
    compile_text(" ".join("".join(covered[start : start + 50]) for start in range(0, len(covered), 50)))


@pytest.mark.parametrize("character", ["🦄", "ก", "अ"])
def test_a_character_without_a_picture_does_not_pass_as_printed(character: str) -> None:
    assert not coverage.is_covered(character)
    with pytest.raises(typst.TypstError, match="could not be displayed"):
        compile_text(f"Hello {character}")


def test_what_no_font_has_is_printed_as_its_code_and_logged() -> None:
    address = make_address(name="Ada 🦄 Lovelace")
    order = place_order(make_line(make_product(title="Mug กa")), shipping_address=address)
    invoice = issuing.issue_invoice(order=order, now=NOW)
    with capture_logs() as logs:
        text = text_of(invoice)
    assert "Ada [U+1F984] Lovelace" in text
    assert "Mug [U+0E01]a" in text
    [event] = [entry for entry in logs if entry["event"] == "invoice.glyphs_missing"]
    assert event["log_level"] == logging.getLevelName(logging.ERROR).lower()
    assert event["number"] == invoice.number
    assert set(event["characters"]) == {"U+1F984", "U+0E01"}


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("Zoe\u0308", "Zoë"),
        ("A\tB\x00", "A B "),
        ("ad\u00adtext", "ad\u00adtext"),
        ("\u845b\U000e0100", "\u845b"),
        ("a\ufeffb", "ab"),
        ("ไ", "[U+0E44]"),
        ("𠮷野家", "𠮷野家"),
    ],
)
def test_texts_are_composed_and_rid_of_what_has_no_picture(written: str, printed: str) -> None:
    assert make_printable(written).text == printed


@pytest.mark.parametrize(
    ("text", "is_right_to_left"),
    [("Ada", False), ("", False), ("12", False), ("דוד", True), ("محمد", True), ("5 רחוב", True), ("Ada דוד", False)],
)
def test_the_first_letter_says_from_where_a_text_is_read(text: str, is_right_to_left: Any) -> None:
    assert make_printable(text).is_right_to_left == is_right_to_left


def test_the_fonts_are_small_enough_for_the_worker() -> None:
    sizes = [file.stat().st_size for file in coverage.FONTS.iterdir()]
    assert len(sizes) > 10
    assert sum(sizes) < 12_000_000
