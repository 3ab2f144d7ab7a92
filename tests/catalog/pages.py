"""Reading the shop's pages in tests."""

from typing import Protocol
from xml.etree.ElementTree import Element

import html5lib


class HasContent(Protocol):
    @property
    def content(self) -> bytes: ...


def parse(response: HasContent) -> Element:
    """The page as a tree of elements, parsed as browsers do, refusing what the standard calls an error."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    page: Element = parser.parse(response.content.decode())
    return page


def titles(page: Element) -> list[str]:
    """The titles of the product cards, in order."""
    return [text_of(link) for link in page.iterfind(".//a[@class='product-card__link']")]


def find(page: Element, tag: str, **attributes: str) -> Element | None:
    """The first element with this tag and these attributes (`class_` for a class among others)."""
    for element in page.iter(tag):
        if all(_has(element, name.rstrip("_"), value) for name, value in attributes.items()):
            return element
    return None


def href(page: Element, tag: str, **attributes: str) -> str | None:
    element = find(page, tag, **attributes)
    return None if element is None else element.get("href")


def text_of(element: Element | None) -> str:
    """What a person reads of an element, with single spaces; empty if it is not there."""
    return "" if element is None else " ".join(" ".join(element.itertext()).split())


def _has(element: Element, name: str, value: str) -> bool:
    found = element.get(name) or ""
    return value in found.split() if name in ("class", "rel") else found == value
