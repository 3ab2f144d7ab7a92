"""Read WooCommerce's product CSV: simple products, and variable ones with their variations. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from catalog.models import Status
from catalog.spreadsheets.cells import make_slug, mark_of, read_flag, split_list
from catalog.spreadsheets.decoding import Cells
from catalog.spreadsheets.drafts import Draft, WantedImage
from catalog.spreadsheets.fields import read_line, read_path
from catalog.spreadsheets.markup import to_text
from catalog.spreadsheets.sheet import Row, Sheet, note_unused
from catalog.spreadsheets.variations import VARIANT_COLUMNS, Attribute, image_urls, list_attributes, read_variants

NAME = "WooCommerce"
ALIASES = {
    "visibility in catalogue": "visibility in catalog",
    "brand": "brands",
    "crosssells": "cross-sells",
}
KNOWN = {
    *("id", "type", "sku", "name", "published", "visibility in catalog", "short description", "description"),
    *("categories", "images", "parent", "brands", *VARIANT_COLUMNS),
}
# Columns that every export fills in and that say nothing a merchant would miss.
_SILENT = {
    *("is featured?", "tax status", "tax class", "backorders allowed?", "sold individually?", "position"),
    *("allow customer reviews?", "low stock amount", "download limit", "download expiry days"),
}
_SKIPPED = {
    "external": "It is sold on another site (an external product), which this shop does not do.",
    "grouped": "It only groups other products; those are imported, the group is not.",
    "subscription": "Subscriptions are not sold in this shop.",
    "variable-subscription": "Subscriptions are not sold in this shop.",
    "bundle": "Bundles are not sold in this shop.",
    "composite": "Bundles are not sold in this shop.",
}
# Where the file says what a problem may be about.
_PLACES = {
    "slug": "name",
    "title": "name",
    "sku": "sku",
    "stock": "stock",
    "unit_amount": "regular price",
    "compare_at_amount": "regular price",
    "options": "attribute 1 name",
    "option1_name": "attribute 1 name",
    "values": "attribute 1 value(s)",
    "variants": "attribute 1 value(s)",
}
_SHORT = 120


def matches(columns: set[str]) -> bool:
    """Whether a header is of this kind."""
    return {"type", "name"} <= columns and bool(columns & {"id", "sku"}) and "handle" not in columns


def open_sheet(cells: Cells) -> Sheet:
    return Sheet(cells, aliases=ALIASES)


def read_drafts(sheet: Sheet, *, currency: str, today: date) -> list[Draft]:
    """The products of a file; variations go to the product that their column “Parent” names, wherever they are."""
    products: list[Row] = []
    variations: dict[str, list[Row]] = {}
    for row in sheet.rows():
        if "variation" in _types(row):
            variations.setdefault(row.text("parent").casefold(), []).append(row)
        else:
            products.append(row)
    drafts = []
    for row in products:
        own = [variation for name in _names(row) for variation in variations.pop(name, [])]
        drafts.append(_draft(row, sorted(own, key=lambda variation: variation.number), currency, today))
    drafts.extend(_orphan(row) for rows in variations.values() for row in rows)
    sheet.notes.extend(_notes(sheet))
    return drafts


def _notes(sheet: Sheet) -> Iterator[str]:
    if sheet.is_used("tags"):
        yield "Tags are left out: the shop has collections, which a merchant picks by hand."
    silent = {*_SILENT, "tags"} | {name for name in sheet.columns if name.startswith("attribute ")}
    unused = note_unused(sheet, {*KNOWN, *ALIASES, *silent})
    if unused:
        yield unused


def _types(row: Row) -> list[str]:
    return [word.strip().casefold() for word in row.text("type").split(",")]


def _names(row: Row) -> list[str]:
    """What a variation may call its parent."""
    names = [f"id:{row.text('id')}" if row.text("id") else "", row.text("sku").casefold()]
    return [name for name in names if name]


def _orphan(row: Row) -> Draft:
    draft = Draft(row.number, row.text("name", "sku") or f"row {row.number}", issues=list(row.problems))
    parent = row.text("parent")
    sentence = (
        f"The file has no product “{parent[:40]}” that this variation belongs to. Add its row, or correct the parent."
        if parent
        else "The variation does not say which product it belongs to. Write the product's SKU, or id: and its ID."
    )
    draft.fail(row.number, row.title("parent"), sentence)
    return draft


def _draft(row: Row, variations: Sequence[Row], currency: str, today: date) -> Draft:
    title = read_line(row.text("name"))
    draft = Draft(row.number, title or row.text("sku", "id") or f"row {row.number}", keeps_slug=True)
    draft.issues = [issue for each in (row, *variations) for issue in each.problems]
    stem = f"id:{row.text('id')}" if row.text("id") else row.text("sku") or title
    draft.product_id = f"woo-{mark_of(stem)}{mark_of(stem[::-1])}"
    draft.slug = make_slug(title) or f"product-{mark_of(stem)}"
    draft.states_options = True
    draft.columns = {name: row.title(column) for name, column in _PLACES.items()}
    draft.skipped = next((_SKIPPED[word] for word in _types(row) if word in _SKIPPED), "")
    if not draft.skipped:
        attributes = list_attributes(row, variations)
        _read_fields(draft, row, attributes)
        draft.images = _images(row, variations)
        is_variable = "variable" in _types(row)
        read_variants(draft, row, variations if is_variable else [row], attributes, currency=currency, today=today)
    return draft


def _read_fields(draft: Draft, row: Row, attributes: Sequence[Attribute]) -> None:
    def put(name: str, value: object, column: str) -> None:
        # An empty cell leaves what the shop has: exports of a part of the columns are usual.
        if value:
            draft.fields[name] = value
            draft.columns[name] = row.title(column)

    short, text = _html(row, "short description"), _html(row, "description")
    is_subtitle = bool(text) and len(short) <= _SHORT and "\n" not in short
    put("title", read_line(row.text("name")), "name")
    put("subtitle", short if is_subtitle else "", "short description")
    put("description", text if is_subtitle else f"{short}\n\n{text}".strip(), "description")
    put("category", _category(draft, row), "categories")
    put("status", _status(draft, row), "published")
    brand = read_line(row.text("brands"))
    facts = [["Brand", brand]] if brand else []
    facts += [[each.name, ", ".join(each.values)] for each in attributes if not each.is_option and each.values]
    put("brand", facts, "brands")


def _html(row: Row, column: str) -> str:
    # WooCommerce writes line breaks as \n, and reads them as WordPress does: an empty line is a paragraph.
    return to_text(row.text(column).replace("\\n", "\n"), keeps_lines=True)


def _category(draft: Draft, row: Row) -> list[str]:
    paths = [read_path(part) for part in split_list(row.text("categories"))]
    paths = [path for path in paths if path and path != ["Uncategorized"]]
    if not paths:
        return []
    deepest = max(paths, key=len)
    # A category above the chosen one is implied by it.
    others = [path for path in paths if path != deepest[: len(path)]]
    if others:
        left = ", ".join(" > ".join(path) for path in others)
        sentence = f"A product is in one category here: {' > '.join(deepest)}. Left out: {left}."
        draft.note(row.number, row.title("categories"), sentence)
    return deepest


def _status(draft: Draft, row: Row) -> str:
    if row.text("visibility in catalog").casefold() == "hidden":
        draft.note(row.number, row.title("visibility in catalog"), "Hidden products become drafts.")
        return Status.DRAFT
    if not row.text("published"):
        return ""
    return Status.ACTIVE if row.read(draft, ["published"], read_flag, default=False) else Status.DRAFT


def _images(row: Row, variations: Sequence[Row]) -> list[WantedImage]:
    urls = [url for each in (row, *variations) for url in image_urls(each)]
    return [WantedImage(url) for url in dict.fromkeys(urls)]
