"""The categories as a tree, in memory: who is above, below and beside whom. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from catalog.models import Category, CollectionLink


@dataclass(frozen=True)
class Branch:
    """A category with those right below it."""

    category: Category
    children: Sequence[Category]


class Tree:
    """Categories in a merchant's order, looked up by id, by slug and by their place; and links to collections.

    A category whose parent is unknown counts as a top one, so that nothing is ever out of reach.
    """

    def __init__(self, categories: Iterable[Category] = (), collections: Iterable[CollectionLink] = ()) -> None:
        self.categories: Sequence[Category] = tuple(categories)
        self.collections: Sequence[CollectionLink] = tuple(collections)

    def __iter__(self) -> Iterator[Category]:
        return iter(self.categories)

    def __len__(self) -> int:
        return len(self.categories)

    @property
    def top(self) -> list[Category]:
        return self.children_of(None)

    @property
    def branches(self) -> list[Branch]:
        """The top categories, each with its children."""
        return [Branch(category, self.children_of(category.category_id)) for category in self.top]

    def find(self, category_id: str | None) -> Category | None:
        return self._by_id.get(category_id) if category_id else None

    def find_by_slug(self, slug: str) -> Category | None:
        return self._by_slug.get(slug)

    def find_by_former_slug(self, slug: str) -> Category | None:
        return self._by_former_slug.get(slug)

    def children_of(self, category_id: str | None) -> list[Category]:
        return self._children.get(category_id, [])

    def path_to(self, category_id: str | None) -> list[Category]:
        """The category with everything above it, from the top down; empty if there is no such category."""
        path: list[Category] = []
        category = self.find(category_id)
        while category is not None and category not in path:
            path.insert(0, category)
            category = self.find(category.parent_id)
        return path

    def subtree_of(self, category_id: str) -> list[Category]:
        """The category and everything below it, parents first."""
        category = self.find(category_id)
        found = [] if category is None else [category]
        for parent in found:
            found.extend(child for child in self.children_of(parent.category_id) if child not in found)
        return found

    @cached_property
    def _by_id(self) -> dict[str, Category]:
        return {category.category_id: category for category in self.categories}

    @cached_property
    def _by_slug(self) -> dict[str, Category]:
        return {category.slug: category for category in self.categories}

    @cached_property
    def _by_former_slug(self) -> dict[str, Category]:
        return {slug: category for category in self.categories for slug in category.former_slugs}

    @cached_property
    def _children(self) -> dict[str | None, list[Category]]:
        children: dict[str | None, list[Category]] = {}
        for category in self.categories:
            parent = self._by_id.get(category.parent_id) if category.parent_id else None
            children.setdefault(parent.category_id if parent else None, []).append(category)
        return children
