"""A page of a listing as an address shows it: its cards, its order, and links to its neighbors."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest

from catalog import queries
from catalog.models import Card
from catalog.paging import CardPage, Position, Sort, UnknownPosition


@dataclass(frozen=True)
class Browse:
    """What a shopper sees of a listing at `path`, and where to go from there."""

    path: str
    token: str
    page: CardPage

    @property
    def cards(self) -> list[Card]:
        return list(self.page.cards)

    @property
    def sort(self) -> Sort:
        return self.page.sort

    @property
    def sorts(self) -> list[Sort]:
        return list(Sort)

    @property
    def is_first(self) -> bool:
        return self.page.previous_token is None

    @property
    def first_url(self) -> str:
        return self._url(None)

    @property
    def previous_url(self) -> str:
        return self._url(self.page.previous_token) if self.page.previous_token else ""

    @property
    def next_url(self) -> str:
        return self._url(self.page.next_token) if self.page.next_token else ""

    @property
    def canonical_path(self) -> str:
        """Where search engines look for these cards: in one order only, the first page without a token."""
        return self._url(self.token) if self.is_indexable and not self.is_first else self.path

    @property
    def is_indexable(self) -> bool:
        return self.sort is Sort.NEWEST

    def _url(self, token: str | None) -> str:
        query = {} if self.sort is Sort.NEWEST else {"sort": self.sort.value}
        query |= {"page": token} if token else {}
        return f"{self.path}?{urlencode(query)}" if query else self.path


def browse(request: HttpRequest, listing: str) -> Browse:
    """Read the page of a listing that ``?sort=…&page=…`` names. One DynamoDB call.

    :raises Http404: if the token is none of ours, for instance one of another order.
    """
    sort = Sort.from_text(request.GET.get("sort", ""))
    token = request.GET.get("page", "")
    try:
        position = Position.from_token(token, sort) if token else None
    except UnknownPosition as error:
        raise Http404("There is no such page.") from error
    return Browse(request.path, token, queries.list_cards(listing, sort=sort, position=position))
