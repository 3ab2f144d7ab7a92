"""Print a stored invoice as PDF. The same invoice gives the same bytes, today and in ten years."""

import json
from pathlib import Path
from typing import Literal

import structlog

from orders.invoices.coverage import FONTS
from orders.invoices.layout import Page
from orders.invoices.models import Invoice

logger = structlog.get_logger(__name__)

_TEMPLATE = Path(__file__).with_name("document.typ")
# For archives (PDF/A-2a, ISO 19005-2) and for screen readers (PDF/UA-1, ISO 14289-1). Both forbid a letter
# without a picture, so that typst refuses what `coverage` should have written out.
_STANDARDS: list[Literal["a-2a", "ua-1"]] = ["a-2a", "ua-1"]


def render_pdf(invoice: Invoice) -> bytes:
    """Print the document: some 150 ms for a page, and 60 MB of memory.

    What no font can write is printed as its code, and logged as an error.
    """
    # Only the worker prints; typst has 80 MB that nobody else should load.
    import typst

    page = Page(invoice)
    content = json.dumps(page.as_dict(), ensure_ascii=False)
    if page.missing:
        codes = [f"U+{ord(character):04X}" for character in page.missing]
        logger.error("invoice.glyphs_missing", number=invoice.number, characters=codes)
    return typst.compile(
        str(_TEMPLATE),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"document": content},
        timestamp=invoice.issued_at.replace(microsecond=0),
        pdf_standards=[*_STANDARDS],
    )
