"""Read the shop's own format: a row for each variant, the product's columns in the first of its rows. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from catalog.spreadsheets.cells import UnusableCell, read_price, read_units, unguard_formula
from catalog.spreadsheets.columns import COLUMNS, PRODUCT_COLUMNS
from catalog.spreadsheets.decoding import Cells
from catalog.spreadsheets.drafts import Draft, WantedImage, WantedVariant
from catalog.spreadsheets.fields import FIELDS
from catalog.spreadsheets.sheet import Row, Sheet, note_unused
from catalog.validation import MAX_OPTIONS

NAME = "CloudCart"
KNOWN = frozenset(COLUMNS)

# An empty cell leaves these as they are; every other field it clears.
_KEPT_IF_EMPTY = frozenset({"title", "status"})


def matches(columns: set[str]) -> bool:
    """Whether a header is of this kind: it names products or variants, and something to say of them."""
    return bool(columns & {"id", "slug", "sku"}) and len(columns & KNOWN) >= 2


def open_sheet(cells: Cells) -> Sheet:
    return Sheet(cells, aliases={}, unescape=unguard_formula)


def read_drafts(sheet: Sheet, *, currency: str) -> list[Draft]:
    """The products of a file, in the order of their first rows."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in sheet.rows():
        groups.setdefault(_key(row), []).append(row)
    drafts = [_draft(key[0], rows, currency) for key, rows in groups.items()]
    unused = note_unused(sheet, set(KNOWN))
    if unused:
        sheet.notes.append(unused)
    return drafts


def _key(row: Row) -> tuple[str, str]:
    for name in ("id", "slug", "sku"):
        if row.text(name):
            return name, row.text(name)
    return "row", str(row.number)


def _draft(found_by: str, rows: Sequence[Row], currency: str) -> Draft:
    first = rows[0]
    name = first.text("title", "slug", "sku", "id") or f"row {first.number}"
    draft = Draft(first.number, name, product_id=first.text("id"), slug=first.text("slug"))
    draft.is_found_by_sku = found_by == "sku"
    draft.columns = {"slug": first.title("slug"), "product_id": first.title("id")}
    for row in rows:
        draft.issues.extend(row.problems)
    if found_by == "row" and not first.text("title"):
        draft.fail(first.number, "sku", "The row says of no product what it is. Fill in sku, slug, id or title.")
    _read_fields(draft, first)
    _compare_rows(draft, rows)
    draft.images = list(_images(first))
    _read_variants(draft, rows, currency)
    return draft


def _read_fields(draft: Draft, first: Row) -> None:
    for name, field in FIELDS.items():
        is_empty = not first.text(name)
        if not first.has(name) or (is_empty and (name in _KEPT_IF_EMPTY or draft.is_found_by_sku)):
            continue
        draft.columns[name] = first.title(name)
        draft.fields[name] = first.read(draft, [name], field.read, None)


def _compare_rows(draft: Draft, rows: Sequence[Row]) -> None:
    first = rows[0]
    for row in rows[1:]:
        for name in (*PRODUCT_COLUMNS, *(f"option{at}_name" for at in range(1, MAX_OPTIONS + 1))):
            if row.text(name) and row.text(name) != first.text(name):
                sentence = f"This differs from row {first.number}, which is of the same product. Make both the same."
                draft.fail(row.number, row.title(name), sentence)


def _images(first: Row) -> Iterator[WantedImage]:
    alts = first.cells.get("image_alts", "").split("\n")
    for at, url in enumerate(first.text("images").split("\n")):
        if url.strip():
            yield WantedImage(url.strip(), " ".join(alts[at].split()) if at < len(alts) else "")


def _read_variants(draft: Draft, rows: Sequence[Row], currency: str) -> None:
    first = rows[0]
    positions = range(1, MAX_OPTIONS + 1)
    draft.states_options = any(first.has(f"option{at}_value") for at in positions)
    draft.option_names = [name for at in positions if (name := " ".join(first.text(f"option{at}_name").split()))]
    draft.columns |= {"unit_amount": first.title("price"), "compare_at_amount": first.title("compare_at_price")}
    draft.columns |= {"values": first.title("option1_value"), "options": first.title("option1_name")}
    draft.columns |= {"sku": first.title("sku"), "title": first.title("title"), "variants": first.title("sku")}
    for row in rows:
        variant = _variant(draft, row, currency)
        if variant is not None:
            draft.variants.append(variant)


def _variant(draft: Draft, row: Row, currency: str) -> WantedVariant | None:
    values = [" ".join(row.text(f"option{at}_value").split()) for at in range(1, MAX_OPTIONS + 1)]
    if not any([row.text("sku", "price", "stock"), *values]):
        return None
    count = len(draft.option_names)
    if any(values[count:]):
        draft.fail(row.number, row.title(f"option{count + 1}_name"), f"The value “{values[count]}” is of no option.")
    price = partial(read_price, currency=currency)
    variant = WantedVariant(row.number, sku=row.text("sku"), values=values[:count])
    variant.unit_amount = row.read(draft, ["price"], price, None)
    variant.compare_at_amount = row.read(draft, ["compare_at_price"], price, None)
    variant.clears_compare_at = row.has("compare_at_price") and variant.compare_at_amount is None
    variant.stock = row.read(draft, ["stock"], _units, None)
    variant.image_url = row.text("variant_image")
    stated = row.text("currency").upper()
    if stated and stated != currency:
        draft.fail(row.number, row.title("currency"), f"The shop sells in {currency}, not in {stated}.")
    return variant


def _units(text: str) -> int | None:
    units = read_units(text)
    if units is not None and units < 0:
        raise UnusableCell("The stock cannot be below zero. Write 0 for what is sold out.")
    return units
