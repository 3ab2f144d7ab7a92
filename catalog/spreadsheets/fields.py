"""A product's fields as a spreadsheet has them: written into a cell, and read from one. Pure.

A field is unchanged if its cell, read, is what the stored value gives when it is written and read: so whatever
is exported can be imported again without a change, also what a cell cannot hold exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.models import Fact, Product, Status
from catalog.spreadsheets.cells import UnusableCell
from catalog.spreadsheets.columns import PATH_SEPARATOR
from catalog.tree import Tree


@dataclass(frozen=True)
class Field:
    """How one field is written, read, and set; `label` is what a merchant calls it."""

    label: str
    write: Callable[[Product, Tree], str]
    read: Callable[[str], Any]

    def normal(self, product: Product, tree: Tree) -> Any:
        """The stored value as it would be read from its cell."""
        return self.read(self.write(product, tree))


def read_line(text: str) -> str:
    """A text of one line."""
    return " ".join(text.split())


def read_text(text: str) -> str:
    """A text of several lines."""
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")).strip()


def read_status(text: str) -> str:
    """:raises UnusableCell: if it is no status."""
    word = text.strip().casefold()
    if word and word not in Status.ALL:
        raise UnusableCell(f"“{text[:40]}” is not a status. Write {', '.join(Status.ALL[:-1])} or {Status.ALL[-1]}.")
    return word


def read_path(text: str) -> list[str]:
    """The names of a category's path, from the top down."""
    return [name for part in text.split(PATH_SEPARATOR.strip()) if (name := read_line(part))]


def read_slugs(text: str) -> list[str]:
    """Addresses of collections, with commas."""
    return list(dict.fromkeys(slug for part in text.split(",") if (slug := part.strip())))


def read_facts(text: str) -> list[list[str]]:
    """Lines such as “Material: Stoneware”.

    :raises UnusableCell: if a line has no name or no value.
    """
    facts = []
    for line in read_text(text).split("\n"):
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not line.strip():
            continue
        if not (name and colon and value):
            raise UnusableCell(f"“{line.strip()[:40]}” is not a fact. Write a line such as “Material: Stoneware”.")
        facts.append([name, value])
    return facts


def read_rank(text: str) -> int | None:
    """:raises UnusableCell: if it is no whole number."""
    if not text.strip():
        return None
    if not text.strip().isdecimal():
        raise UnusableCell(f"“{text[:40]}” is not a rank. Write a whole number, 1 for the first, or nothing.")
    return int(text.strip())


def write_path(product: Product, tree: Tree) -> str:
    return PATH_SEPARATOR.join(read_line(category.name) for category in tree.path_to(product.category_id))


def write_collections(product: Product, tree: Tree) -> str:
    slugs = {link.collection_id: link.slug for link in tree.collections}
    return ", ".join(slugs[collection_id] for collection_id in product.collection_ids if collection_id in slugs)


def write_facts(product: Product, tree: Tree) -> str:
    facts = [(read_line(fact.name), read_line(fact.value)) for fact in product.facts]
    # What is no fact when it is read again is left out: a line without a name, or without a value.
    return "\n".join(f"{name}: {value}" for name, value in facts if name.split(":")[0].strip() and value)


def _write(name: str) -> Callable[[Product, Tree], str]:
    return lambda product, tree: str(getattr(product, name))


def _write_rank(product: Product, tree: Tree) -> str:
    return "" if product.featured_rank is None else str(product.featured_rank)


FIELDS: Mapping[str, Field] = {
    "title": Field("Title", _write("title"), read_line),
    "subtitle": Field("Subtitle", _write("subtitle"), read_line),
    "description": Field("Description", _write("description"), read_text),
    "facts": Field("Facts", write_facts, read_facts),
    "status": Field("Status", _write("status"), read_status),
    "category": Field("Category", write_path, read_path),
    "collections": Field("Collections", write_collections, read_slugs),
    "featured_rank": Field("Featured rank", _write_rank, read_rank),
    "seo_title": Field("SEO title", _write("seo_title"), read_line),
    "seo_description": Field("SEO description", _write("seo_description"), read_line),
}


def merge_facts(product: Product, wanted: Sequence[Sequence[str]]) -> list[Fact]:
    """The product's facts with those of the file: the same name has one value, and new ones come behind."""
    values = {fact.name: fact.value for fact in product.facts}
    names = {read_line(name).casefold(): name for name in values}
    for name, value in wanted:
        values[names.setdefault(name.casefold(), name)] = value
    return [Fact(name=name, value=value) for name, value in values.items()]
