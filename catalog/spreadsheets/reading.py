"""Read a file of products of any kind that the shop knows: find out which, and what it wants. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from types import ModuleType

from catalog.spreadsheets import own, shopify, woocommerce
from catalog.spreadsheets.decoding import UnreadableSheet, clean_name, read_cells
from catalog.spreadsheets.drafts import Draft
from catalog.spreadsheets.sheet import Sheet


@dataclass(frozen=True)
class Reading:
    """What a file wants; `kind` is whose format it is in, `notes` are sentences on the file as a whole."""

    kind: str
    drafts: list[Draft]
    notes: list[str]

    @property
    def row_count(self) -> int:
        return sum(max(1, len(draft.variants)) for draft in self.drafts)


# The order counts: a header of WooCommerce or Shopify has names of our own columns as well.
_KINDS: tuple[ModuleType, ...] = (shopify, woocommerce, own)
_KNOWN = frozenset({*own.KNOWN, *shopify.KNOWN, *shopify.ALIASES, *woocommerce.KNOWN, *woocommerce.ALIASES})


def read_file(body: bytes, *, currency: str, today: date) -> Reading:
    """Read a file: its kind is told by the names of its columns.

    :param currency: the shop's; prices are in it.
    :param today: by which sales with dates are on or over.
    :raises UnreadableSheet: if it cannot be read at all, with what to do.
    """
    cells = read_cells(body, known=_KNOWN)
    kind = _find_kind(cells.header)
    sheet: Sheet = kind.open_sheet(cells)
    read: Callable[..., list[Draft]] = kind.read_drafts
    drafts = read(sheet, currency=currency, today=today) if kind is woocommerce else read(sheet, currency=currency)
    if not drafts:
        raise UnreadableSheet("The file has the names of columns, and no products below them.")
    return Reading(kind.NAME, drafts, sheet.notes)


def check_file(body: bytes) -> str:
    """Tell whose format a file is in, without reading its rows.

    :raises UnreadableSheet: if it cannot be read at all, with what to do.
    """
    return str(_find_kind(read_cells(body, known=_KNOWN).header).NAME)


def _find_kind(header: list[str]) -> ModuleType:
    names = {clean_name(name) for name in header}
    kind = next((kind for kind in _KINDS if kind.matches(names)), None)
    if kind is None:
        raise UnreadableSheet(_explain_header(header))
    return kind


def _explain_header(header: list[str]) -> str:
    shown = ", ".join(f"“{name.strip()[:30]}”" for name in header[:6] if name.strip())
    return (
        f"The first row names columns that the shop does not know: {shown}. It takes its own export (with sku, slug or "
        "id, and what to change), Shopify's (with Handle and Title) and WooCommerce's (with Type, SKU and Name)."
    )
