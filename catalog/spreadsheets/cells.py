"""What is in one cell: prices, numbers, flags, lists; and cells that a spreadsheet must not run. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from babel.numbers import get_currency_precision
from django.utils.text import slugify

from catalog.listings import MAX_AMOUNT
from catalog.validation import MAX_SLUG_LENGTH, SKU
from cloudcart.money import to_major, to_minor

MAX_UNITS = 1_000_000_000
MAX_SKU_LENGTH = 64

# What spreadsheet programs take for the beginning of a formula, the wide forms too.
_FORMULA = "=+-@\t\r\n＝＋－＠"
_YES = {"true", "yes", "y", "1", "active", "x"}
_NO = {"false", "no", "n", "0", "-1", ""}
_SEPARATORS = re.compile(r"[.,'’\s\u00a0\u202f]")


class UnusableCell(ValueError):
    """A cell does not hold what its column is for; the text says what to write instead."""


def guard_formula(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run as a formula; `unguard_formula` takes it away again."""
    return f"'{text}" if _is_formula(text) else text


def unguard_formula(text: str) -> str:
    """The text before `guard_formula`. An apostrophe before anything else is a part of the text."""
    return text[1:] if text.startswith("'") and _is_formula(text) else text


def _is_formula(text: str) -> bool:
    return text.lstrip("'").startswith(tuple(_FORMULA))


def write_price(amount: int | None, currency: str) -> str:
    """Minor units as a price with a point: 3600, "EUR" -> "36.00"; nothing for None."""
    return "" if amount is None else f"{to_major(amount, currency):f}"


def read_price(text: str, currency: str) -> int | None:
    """A price as people write it, in minor units: "1.234,50 €", "12.5", "€ 36"; None if the cell is empty.

    :raises UnusableCell: if it is no price, below zero, far too high, too exact, or could mean two.
    """
    number = text.strip().replace(currency, "").strip("€$£¥ \u00a0\u202f")
    if not number:
        if text.strip():
            raise UnusableCell(f"“{text[:40]}” is not a price. Write a number such as 12.50.")
        return None
    try:
        value = Decimal(_with_point(number, currency))
    except InvalidOperation as error:
        raise UnusableCell(f"“{text[:40]}” is not a price. Write a number such as 12.50.") from error
    if not value.is_finite():
        raise UnusableCell(f"“{text[:40]}” is not a price. Write a number such as 12.50.")
    if value < 0:
        raise UnusableCell(f"The price {text[:40]} is below zero.")
    if value > MAX_AMOUNT:
        raise UnusableCell(f"The price {text[:40]} is far too high.")
    return _minor(value, text, currency)


def _minor(value: Decimal, text: str, currency: str) -> int:
    try:
        amount = to_minor(value, currency)
    except ValueError as error:
        places = get_currency_precision(currency)
        raise UnusableCell(
            f"The price {text[:40]} is more exact than {currency} is. Round it to {places} decimal places."
        ) from error
    if amount > MAX_AMOUNT:
        raise UnusableCell(f"The price {text[:40]} is far too high.")
    return amount


def _with_point(number: str, currency: str) -> str:
    """Bring "1.234,50", "1,234.50", "1'234.50" and "12,5" to the one form that Python reads."""
    separators = [match.group() for match in _SEPARATORS.finditer(number)]
    marks = [mark for mark in separators if mark in ".,"]
    if not marks:
        return _without_groups(number)
    last = marks[-1]
    whole, _, fraction = number.rpartition(last)
    if marks.count(last) > 1:
        # One mark several times stands between thousands, and there is no fraction.
        return _without_groups(number)
    is_alone = len(separators) == 1
    if is_alone and re.fullmatch(r"[1-9]\d{0,2}", whole) and len(fraction) == 3 and get_currency_precision(currency):
        raise UnusableCell(
            f"“{number}” may mean {whole}{fraction} or {whole}.{fraction}. Write it with two decimal places."
        )
    if is_alone and not get_currency_precision(currency) and len(fraction) == 3:
        return whole + fraction
    return f"{_without_groups(whole)}.{fraction}"


def _without_groups(number: str) -> str:
    """The digits of "1.234.567"; a number whose separators stand elsewhere stays, and is none."""
    is_grouped = re.fullmatch(r"-?\d{1,3}(?P<mark>[.,'’\s])\d{3}((?P=mark)\d{3})*", number)
    return _SEPARATORS.sub("", number) if is_grouped else number


def read_units(text: str) -> int | None:
    """A number of units; None if the cell is empty. "12.0" is 12, since spreadsheets write it so.

    :raises UnusableCell: if it is no whole number, or absurd. Below zero is left to the caller.
    """
    if not text.strip():
        return None
    try:
        value = Decimal(text.strip().replace(",", "."))
    except InvalidOperation as error:
        raise UnusableCell(f"“{text[:40]}” is not a number of units. Write a whole number such as 12.") from error
    if not value.is_finite() or value != value.to_integral_value():
        raise UnusableCell(f"“{text[:40]}” is not a whole number of units.")
    if abs(value) > MAX_UNITS:
        raise UnusableCell(f"{text[:40]} units are more than the shop can count; {MAX_UNITS:,} is the limit.")
    return int(value)


def read_flag(text: str) -> bool:
    """Yes or no, in the usual spellings.

    :raises UnusableCell: if it is neither.
    """
    word = text.strip().casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise UnusableCell(f"“{text[:40]}” is neither yes nor no. Write TRUE or FALSE.")


def split_list(text: str) -> list[str]:
    """The parts of a list with commas; a comma that belongs to a part has a backslash before it."""
    parts = [part.replace("\\,", ",").strip() for part in re.split(r"(?<!\\),", text)]
    return list(dict.fromkeys(part for part in parts if part))


def make_slug(text: str) -> str:
    """An address of some text; empty if nothing of it can be in one."""
    return re.sub(r"[-_]+", "-", slugify(text))[:MAX_SLUG_LENGTH].strip("-")


def mark_of(text: str) -> str:
    """A short mark that is always the same for the same text."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def mend_sku(text: str) -> str:
    """The nearest text that is a SKU: what a SKU does not take becomes a hyphen; too long ones get a mark."""
    mended = re.sub(r"[^A-Za-z0-9._-]+", "-", text.strip()).strip("-._")
    if len(mended) > MAX_SKU_LENGTH:
        mended = f"{mended[: MAX_SKU_LENGTH - 9]}-{mark_of(text)}"
    return mended if SKU.fullmatch(mended) else mark_of(text)


def make_sku(name: str, values: Sequence[str]) -> str:
    """A SKU for a variant that the file gives none, the same every time the file is read."""
    stem = make_slug(name) or mark_of(name)
    text = "-".join([stem, *(make_slug(value) or mark_of(value) for value in values)])
    return mend_sku(text)
