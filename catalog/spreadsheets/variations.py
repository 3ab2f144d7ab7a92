"""The variants of WooCommerce's products: attributes that a variation has a value of are options. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from catalog.spreadsheets.cells import UnusableCell, mend_sku, read_flag, read_price, read_units, split_list
from catalog.spreadsheets.drafts import Draft, WantedVariant
from catalog.spreadsheets.fields import read_line
from catalog.spreadsheets.sheet import Row

VARIANT_COLUMNS = (
    *("regular price", "sale price", "date sale price starts", "date sale price ends"),
    *("stock", "in stock?"),
)
_MAX_ATTRIBUTES = 20


@dataclass(frozen=True)
class Attribute:
    """One attribute of a product; an option if variations differ in it, else a fact."""

    name: str
    values: Sequence[str]
    is_option: bool


def list_attributes(row: Row, variations: Sequence[Row]) -> list[Attribute]:
    """The attributes of a product's row, in order."""
    attributes = []
    used = {name.casefold() for variation in variations for name in _stated(variation, row)}
    for at in range(1, _MAX_ATTRIBUTES + 1):
        name = read_line(row.text(f"attribute {at} name"))
        if name:
            values = [read_line(value) for value in split_list(row.text(f"attribute {at} value(s)"))]
            attributes.append(Attribute(name, values, is_option=name.casefold() in used))
    return attributes


def image_urls(row: Row) -> list[str]:
    """The addresses in a row's list of pictures; commas are in addresses as well."""
    return [url.strip() for url in re.split(r",\s*(?=https?:)|\n", row.text("images")) if url.strip()]


def _stated(variation: Row, parent: Row) -> dict[str, str]:
    """A variation's values by the name of the attribute, which files made by hand give to the parent alone."""
    stated = {}
    for at in range(1, _MAX_ATTRIBUTES + 1):
        name = read_line(variation.text(f"attribute {at} name"))
        value = read_line(variation.text(f"attribute {at} value(s)").replace("\\,", ","))
        name = name or (read_line(parent.text(f"attribute {at} name")) if value else "")
        if name:
            stated[name] = value
    return stated


def read_variants(
    draft: Draft, parent: Row, rows: Sequence[Row], attributes: Sequence[Attribute], *, currency: str, today: date
) -> None:
    """Give the draft its options and a variant for each of these rows (a simple product's is its own)."""
    options = [attribute.name for attribute in attributes if attribute.is_option]
    draft.option_names = options if rows != [parent] else []
    if not rows:
        draft.fail(parent.number, parent.title("type"), "The variable product has no variations in the file. Add them.")
    for row in rows:
        stated = {name.casefold(): value for name, value in _stated(row, parent).items()}
        values = [stated.get(name.casefold(), "") for name in draft.option_names]
        for name, value in zip(draft.option_names, values, strict=True):
            if not value:
                sentence = f"The variation is for any {name}. This shop needs one variation for each; write its value."
                draft.fail(row.number, _value_column(row, name), sentence)
        draft.variants.append(_variant(draft, row, values, currency, today))


def _value_column(row: Row, option: str) -> str:
    for at in range(1, _MAX_ATTRIBUTES + 1):
        if read_line(row.text(f"attribute {at} name")).casefold() == option.casefold():
            return row.title(f"attribute {at} value(s)")
    return row.title("attribute 1 value(s)")


def _variant(draft: Draft, row: Row, values: list[str], currency: str, today: date) -> WantedVariant:
    variant = WantedVariant(row.number, values=values)
    sku = row.text("sku")
    variant.sku = mend_sku(sku) if sku else ""
    if variant.sku != sku:
        draft.note(row.number, row.title("sku"), f"The SKU “{sku}” is written {variant.sku} in this shop.")
    _read_prices(draft, row, variant, currency, today)
    variant.stock = row.read(draft, ["stock"], read_units, None)
    if variant.stock is None and row.has("stock") and row.text("in stock?"):
        _guess_stock(draft, row, variant)
    elif variant.stock is not None and variant.stock < 0:
        draft.note(row.number, row.title("stock"), "More are sold than there are; the stock becomes 0.")
        variant.stock = 0
    variant.image_url = next(iter(image_urls(row)), "") if values else ""
    return variant


def _guess_stock(draft: Draft, row: Row, variant: WantedVariant) -> None:
    if row.read(draft, ["in stock?"], read_flag, default=False):
        sentence = "It is in stock without a number of units, which this shop counts. Set the stock after the import."
        draft.note(row.number, row.title("stock"), sentence)
    else:
        variant.stock = 0


def _read_prices(draft: Draft, row: Row, variant: WantedVariant, currency: str, today: date) -> None:
    regular = row.read(draft, ["regular price"], lambda text: read_price(text, currency), None)
    sale = row.read(draft, ["sale price"], lambda text: read_price(text, currency), None)
    variant.clears_compare_at = row.has("sale price")
    variant.unit_amount = regular
    if sale is None or (regular is not None and sale >= regular):
        return
    if not _is_on(draft, row, today):
        return
    variant.unit_amount, variant.compare_at_amount = sale, regular
    variant.clears_compare_at = regular is None


def _is_on(draft: Draft, row: Row, today: date) -> bool:
    """Whether a sale with dates is on today; the shop keeps no dates of sales."""
    starts = row.read(draft, ["date sale price starts"], _read_date, None)
    ends = row.read(draft, ["date sale price ends"], _read_date, None)
    is_on = (starts is None or starts <= today) and (ends is None or today <= ends)
    if starts is not None or ends is not None:
        state = "is on and stays until it is ended here" if is_on else "is not on today and is left out"
        column = row.title("date sale price ends" if ends else "date sale price starts")
        draft.note(row.number, column, f"Sales have no dates in this shop. This one {state}.")
    return is_on


def _read_date(text: str) -> date | None:
    """:raises UnusableCell: if it is no date such as 2026-03-31."""
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise UnusableCell(f"“{text[:40]}” is not a date. Write it as 2026-03-31.") from error
