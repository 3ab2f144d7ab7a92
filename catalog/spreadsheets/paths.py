"""Categories by the names of their path: find them, and make those that are missing. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from catalog.categories import MAX_DEPTH, RESERVED_SLUGS
from catalog.models import Category
from catalog.spreadsheets.cells import make_slug, mark_of
from catalog.spreadsheets.fields import read_line
from catalog.tree import Tree


class TooDeep(ValueError):
    """A path has more levels than the tree takes; the text says so."""


def find_by_path(tree: Tree, path: Sequence[str]) -> Category | None:
    """The category at the end of a path, whatever the capitals; None if a part of it is missing."""
    found: Category | None = None
    for name in path:
        below = tree.children_of(found.category_id if found else None)
        found = next((child for child in below if _same(child.name, name)), None)
        if found is None:
            return None
    return found


def missing_categories(tree: Tree, paths: Iterable[Sequence[str]]) -> list[Category]:
    """The categories that these paths lack, parents first, with ids and addresses that are always the same.

    :raises TooDeep: if a path has more than six levels.
    """
    made: list[Category] = []
    present = tree
    for path in paths:
        if len(path) > MAX_DEPTH:
            raise TooDeep(f"“{' > '.join(path)}” is {len(path)} levels deep; categories go {MAX_DEPTH} levels deep.")
        for depth in range(1, len(path) + 1):
            if find_by_path(present, path[:depth]) is None:
                parent = find_by_path(present, path[: depth - 1]) if depth > 1 else None
                made.append(_make(path[:depth], parent, present))
                present = Tree([*tree, *made])
    return made


def _make(path: Sequence[str], parent: Category | None, tree: Tree) -> Category:
    key = "\n".join(name.casefold() for name in path)
    return Category(
        category_id=f"csv-{mark_of(key)}{mark_of(key[::-1])}",
        slug=_free_slug(path, tree),
        name=path[-1],
        parent_id=parent.category_id if parent else None,
    )


def _free_slug(path: Sequence[str], tree: Tree) -> str:
    mark = mark_of(" > ".join(path).casefold())
    candidates = [make_slug(path[-1]), make_slug(" ".join(path[-2:])), f"{make_slug(path[-1])[:80]}-{mark}".strip("-")]
    for slug in candidates:
        is_taken = tree.find_by_slug(slug) or tree.find_by_former_slug(slug) or slug in RESERVED_SLUGS
        if slug and not is_taken:
            return slug
    return f"category-{mark}"


def _same(one: str, other: str) -> bool:
    return read_line(one).casefold() == read_line(other).casefold()
