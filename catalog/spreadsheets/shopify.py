"""Read Shopify's product CSV, with the names that columns had until 2025 and the ones since. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from catalog.models import Status
from catalog.spreadsheets.cells import make_slug, mark_of, mend_sku, read_flag, read_price, read_units
from catalog.spreadsheets.decoding import Cells
from catalog.spreadsheets.drafts import Draft, WantedImage, WantedVariant
from catalog.spreadsheets.fields import read_line, read_path
from catalog.spreadsheets.markup import to_text
from catalog.spreadsheets.sheet import Row, Sheet, note_unused

NAME = "Shopify"

# The names since 2025, in small letters, and the older ones that the rest of this module uses.
ALIASES = {
    "url handle": "handle",
    "description": "body (html)",
    "body html": "body (html)",
    "published on online store": "published",
    "sku": "variant sku",
    "price": "variant price",
    "compare-at price": "variant compare at price",
    "compare at price": "variant compare at price",
    "inventory tracker": "variant inventory tracker",
    "inventory quantity": "variant inventory qty",
    "variant inventory quantity": "variant inventory qty",
    "product image url": "image src",
    "image source": "image src",
    "variant image url": "variant image",
}
KNOWN = {
    *("handle", "title", "body (html)", "vendor", "product category", "type", "published", "status", "gift card"),
    *("option1 name", "option1 value", "option2 name", "option2 value", "option3 name", "option3 value"),
    *("variant sku", "variant price", "variant compare at price", "variant inventory qty", "variant image"),
    *("image src", "image position", "image alt text", "seo title", "seo description"),
}
# Columns that every export fills in and that say nothing a merchant would miss.
_SILENT = {
    *("variant grams", "variant inventory policy", "variant fulfillment service", "variant requires shipping"),
    *("variant taxable", "variant weight unit", "variant inventory tracker", "charge tax", "fulfillment service"),
    *("continue selling when out of stock", "requires shipping", "weight unit for display", "weight value (grams)"),
}
# Where the file says what a problem may be about.
_PLACES = {
    "slug": "handle",
    "title": "title",
    "sku": "variant sku",
    "stock": "variant inventory qty",
    "unit_amount": "variant price",
    "compare_at_amount": "variant compare at price",
    "options": "option1 name",
    "option1_name": "option1 name",
    "values": "option1 value",
    "variants": "option1 value",
}
_STATUSES = {"active": Status.ACTIVE, "draft": Status.DRAFT, "archived": Status.ARCHIVED, "unlisted": Status.DRAFT}


def matches(columns: set[str]) -> bool:
    """Whether a header is of this kind."""
    names = {ALIASES.get(name, name) for name in columns}
    return "handle" in names and bool(
        names & {"title", "body (html)", "variant price", "variant sku", "option1 value", "variant inventory qty"}
    )


def open_sheet(cells: Cells) -> Sheet:
    return Sheet(cells, aliases=ALIASES)


def read_drafts(sheet: Sheet, *, currency: str) -> list[Draft]:
    """The products of a file: rows with the same handle are one, wherever they are."""
    groups: dict[str, list[Row]] = {}
    handle = ""
    for row in sheet.rows():
        # Files edited by hand leave the handle out in further rows of a product.
        is_further = not row.text("handle") and not row.text("title")
        handle = handle if is_further else row.text("handle") or f"row:{row.number}"
        groups.setdefault(handle or f"row:{row.number}", []).append(row)
    drafts = [_draft(name, rows, currency) for name, rows in groups.items()]
    sheet.notes.extend(_notes(sheet))
    return drafts


def _notes(sheet: Sheet) -> Iterator[str]:
    if sheet.is_used("tags"):
        yield "Tags are left out: the shop has collections, which a merchant picks by hand."
    unused = note_unused(sheet, {*KNOWN, *ALIASES, *_SILENT, "tags"})
    if unused:
        yield unused


def _draft(handle: str, rows: Sequence[Row], currency: str) -> Draft:
    first = next((row for row in rows if row.text("title")), rows[0])
    is_nameless = handle.startswith("row:")
    draft = Draft(rows[0].number, first.text("title") or handle, keeps_slug=True, states_options=True)
    stem = first.text("title") if is_nameless else handle
    draft.slug = make_slug(stem) or f"product-{mark_of(stem)}"
    draft.product_id = f"shopify-{mark_of(stem)}{mark_of(stem[::-1])}"
    draft.columns = {name: first.title(column) for name, column in _PLACES.items()}
    for row in rows:
        draft.issues.extend(row.problems)
    if is_nameless and not first.text("title"):
        draft.fail(
            first.number, first.title("handle"), "The row has neither a handle nor a title, so it is no product."
        )
    if first.read(draft, ["gift card"], read_flag, default=False):
        draft.skipped = "Gift cards are not sold in this shop."
    _read_fields(draft, first)
    draft.images = _images(rows)
    _read_variants(draft, rows, first, currency)
    return draft


def _read_fields(draft: Draft, first: Row) -> None:
    def put(name: str, value: object, *columns: str) -> None:
        # An empty cell leaves what the shop has: exports of a part of the columns are usual.
        if value:
            draft.fields[name] = value
            draft.columns[name] = first.title(*columns)

    put("title", read_line(first.text("title")), "title")
    put("description", to_text(first.text("body (html)")), "body (html)")
    put("category", _category(first), "type")
    put("seo_title", read_line(first.text("seo title")), "seo title")
    put("seo_description", read_line(first.text("seo description")), "seo description")
    put("status", _status(draft, first), "status")
    vendor = read_line(first.text("vendor"))
    put("brand", [["Brand", vendor]] if vendor else None, "vendor")


def _category(first: Row) -> list[str]:
    return read_path(first.text("type")) or read_path(first.text("product category"))


def _status(draft: Draft, first: Row) -> str:
    word = first.text("status").casefold()
    if word and word not in _STATUSES:
        draft.fail(first.number, first.title("status"), f"“{word[:40]}” is no status. Write active, draft or archived.")
        return ""
    if word == "unlisted":
        draft.note(first.number, first.title("status"), "Unlisted products become drafts.")
    if first.text("published") and not first.read(draft, ["published"], read_flag, default=True):
        return _STATUSES.get(word, Status.DRAFT) if word != "active" else Status.DRAFT
    return _STATUSES.get(word, Status.ACTIVE if first.text("published") else "")


def _images(rows: Sequence[Row]) -> list[WantedImage]:
    found = [
        (_position(row, at), at, WantedImage(row.text("image src"), read_line(row.text("image alt text"))))
        for at, row in enumerate(rows)
        if row.text("image src")
    ]
    images = {image.url: image for _, _, image in sorted(found, key=lambda entry: entry[:2])}
    for row in rows:
        url = row.text("variant image")
        if url:
            images.setdefault(url, WantedImage(url))
    return list(images.values())


def _position(row: Row, at: int) -> int:
    text = row.text("image position")
    return int(text) if text.isdecimal() else at + 1


def _read_variants(draft: Draft, rows: Sequence[Row], first: Row, currency: str) -> None:
    names = [read_line(first.text(f"option{at} name")) for at in (1, 2, 3)]
    # A product without options has one called "Title" with the value "Default Title".
    is_plain = names[0].casefold() in {"", "title"} and not any(names[1:])
    draft.option_names = [] if is_plain else [name for name in names if name]
    for row in rows:
        values = [read_line(row.text(f"option{at} value")) for at in (1, 2, 3)]
        is_variant = any([*values, row.text("variant price"), row.text("variant sku")])
        # Further rows of a product that have only a picture are no variants.
        if is_variant or (row is first and row.has("variant price")):
            is_default = is_plain and values[0].casefold() in {"", "default title"} and not any(values[1:])
            kept = [] if is_default else values
            draft.variants.append(_variant(draft, row, kept[: max(len(draft.option_names), _used(kept))], currency))


def _used(values: Sequence[str]) -> int:
    return max((at for at, value in enumerate(values, 1) if value), default=0)


def _variant(draft: Draft, row: Row, values: list[str], currency: str) -> WantedVariant:
    price: Callable[[str], int | None] = partial(read_price, currency=currency)
    variant = WantedVariant(row.number, values=values)
    if len(values) > len(draft.option_names):
        draft.fail(row.number, row.title("option1 name"), f"The value “{values[-1]}” is of an option without a name.")
    sku = row.text("variant sku").lstrip("'")
    variant.sku = mend_sku(sku) if sku else ""
    if variant.sku != sku:
        draft.note(row.number, row.title("variant sku"), f"The SKU “{sku}” is written {variant.sku} in this shop.")
    variant.unit_amount = row.read(draft, ["variant price"], price, None)
    compare_at = row.read(draft, ["variant compare at price"], price, None)
    # Shopify keeps former prices of 0, or no higher than the price, and shows none of them.
    is_sale = compare_at is not None and variant.unit_amount is not None and compare_at > variant.unit_amount
    variant.compare_at_amount = compare_at if is_sale else None
    variant.clears_compare_at = row.has("variant compare at price") and not is_sale
    variant.stock = row.read(draft, ["variant inventory qty"], read_units, None)
    if variant.stock is not None and variant.stock < 0:
        draft.note(row.number, row.title("variant inventory qty"), "More are sold than there are; the stock becomes 0.")
        variant.stock = 0
    variant.image_url = row.text("variant image")
    return variant
