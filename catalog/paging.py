"""Pages of a listing that stay right while products come and go: each begins beside a card, not at a number. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from catalog.models import Card, CardsByNewest, CardsByPrice

PAGE_SIZE = 24

_ID = "[A-Za-z0-9-]{1,64}"
_NEWEST_KEY = re.compile(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{6}}Z#{_ID}")
_PRICE_KEY = re.compile(rf"\d{{12}}#{_ID}")


class UnknownPosition(Exception):
    """The text names no place in a listing."""


class Sort(Enum):
    """The orders a listing can be read in; the value is what stands in the address."""

    NEWEST = "newest"
    PRICE_LOW = "price-low"
    PRICE_HIGH = "price-high"

    @classmethod
    def from_text(cls, text: str) -> Sort:
        """Give the order of that name; the newest first if there is none."""
        return next((sort for sort in cls if sort.value == text), cls.NEWEST)

    @property
    def label(self) -> str:
        return {"newest": "Newest", "price-low": "Price, low to high", "price-high": "Price, high to low"}[self.value]

    @property
    def index(self) -> CardsByNewest | CardsByPrice:
        return Card.by_newest if self is Sort.NEWEST else Card.by_price

    @property
    def attribute(self) -> Any:
        return Card.newest_key if self is Sort.NEWEST else Card.price_key

    @property
    def is_ascending(self) -> bool:
        return self is Sort.PRICE_LOW

    def key_of(self, card: Card) -> str:
        return card.newest_key if self is Sort.NEWEST else card.price_key


@dataclass(frozen=True)
class Position:
    """A place in a sorted listing: right after, or right before, the card with this key."""

    key: str
    is_before: bool = False

    @classmethod
    def from_token(cls, token: str, sort: Sort) -> Position:
        """Read what `to_token` wrote; the key must be one of that order.

        :raises UnknownPosition: if the text is anything else.
        """
        try:
            text = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True).decode("ascii")
        except (binascii.Error, UnicodeError, ValueError) as error:
            raise UnknownPosition from error
        direction, key = text[:1], text[1:]
        shape = _NEWEST_KEY if sort is Sort.NEWEST else _PRICE_KEY
        if direction not in ("<", ">") or not shape.fullmatch(key):
            raise UnknownPosition
        return cls(key, is_before=direction == "<")

    def to_token(self) -> str:
        text = ("<" if self.is_before else ">") + self.key
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@dataclass(frozen=True)
class CardPage:
    """Cards in the order of the listing; a token for each neighbor page, None where there is none."""

    cards: Sequence[Card]
    sort: Sort
    previous_token: str | None = None
    next_token: str | None = None
    # Reading backwards reached the start with fewer cards than a page has: the first page shows more.
    is_cut_short: bool = False


def page_of(cards: Sequence[Card], *, sort: Sort, position: Position | None) -> CardPage:
    """Make a page of what a query gave: up to one card more than fits, in the order it was read.

    :param position: where the query began; None for the first page.
    """
    shown = list(cards[:PAGE_SIZE])
    has_more = len(cards) > PAGE_SIZE
    is_backwards = position is not None and position.is_before
    if is_backwards:
        shown.reverse()
    has_previous = has_more if is_backwards else position is not None
    has_next = is_backwards or has_more
    if not shown:
        return CardPage([], sort, is_cut_short=position is not None)
    return CardPage(
        shown,
        sort,
        previous_token=Position(sort.key_of(shown[0]), is_before=True).to_token() if has_previous else None,
        next_token=Position(sort.key_of(shown[-1])).to_token() if has_next else None,
        is_cut_short=is_backwards and len(shown) < PAGE_SIZE,
    )
