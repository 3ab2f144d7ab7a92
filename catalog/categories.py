"""Changes to the tree of categories, and the way of products' cards behind a category that moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

from pynamodb.models import Model

from catalog.listings import cards_for, category_listing
from catalog.models import Card, Category, CategoryTree, Move, Product
from catalog.publishing import SlugTaken, check_tree, left_listings, read_tree
from catalog.tree import Tree
from catalog.validation import ID, InvalidInput, Problem, slug_problems
from cloudcart.dynamo import batch_get
from cloudcart.errors import EditConflict, StorefrontError
from cloudcart.transactions import Transaction, TransactionRefused

# Every level is one more card for each product below it, and one more step in the breadcrumb.
MAX_DEPTH = 6

# The menu's fragment is at /categories/menu/.
RESERVED_SLUGS = frozenset({"menu"})

_ATTEMPTS = 5


class InvalidCategory(InvalidInput):
    """A category is not fit to be stored."""

    code = "invalid-category"


class UnknownCategory(StorefrontError):
    """There is no category with this id."""

    code = "unknown-category"
    status_code = HTTPStatus.NOT_FOUND

    def __init__(self, category_id: str) -> None:
        self.category_id = category_id
        super().__init__("This category does not exist any more.")


class CategoryCycle(StorefrontError):
    """A category would end up below itself."""

    code = "category-cycle"

    def __init__(self, name: str) -> None:
        super().__init__(f"“{name}” cannot be moved into itself or into a category below it.")


class CategoryNotEmpty(StorefrontError):
    """A category that still holds categories or products on sale cannot go."""

    code = "category-not-empty"

    def __init__(self, name: str, *, holds: str) -> None:
        self.holds = holds
        super().__init__(f"“{name}” still has {holds} in it. Move them elsewhere first.")

    @property
    def extra(self) -> dict[str, Any]:
        return {"holds": self.holds}


def save_categories(*, categories: Sequence[Category], beside: Sequence[Model] = ()) -> None:
    """Add categories, or replace those with the same ids, in one write of the tree.

    New ones go to the end of their parent's children; parents may be among them, in any order. Of
    existing ones the place stays (`edit_category` changes it), and a former slug leads on.

    :param beside: new items that are written in the same transaction, or not at all: who of the staff did it.
    :raises InvalidCategory: if a name is missing, a slug is no address, a parent unknown or too deep.
    :raises SlugTaken: if a slug belongs to another category, now or formerly.
    """

    def change(tree: CategoryTree) -> None:
        for category in categories:
            _put(tree, category)
        for category in categories:
            _check(category, Tree(tree.categories))

    _change_tree(change, beside)


def edit_category(*, category: Category, seen: str, beside: Sequence[Model] = ()) -> None:
    """Replace a category by what was made of it, its place included, in one write of the tree.

    If it has another parent now, all that is below comes along: the cards of every product there follow, a
    transaction each; if that is interrupted, `finish_moves` completes it.

    :param seen: the fingerprint of the category that was edited.
    :param beside: new items that are written in the same transaction, or not at all: who of the staff did it.
    :raises UnknownCategory: if there is no such category or parent.
    :raises EditConflict: if somebody else saved the category since it was read.
    :raises InvalidCategory: if the name is missing, the slug is no address, or the tree would become too deep.
    :raises SlugTaken: if the slug belongs to another category, now or formerly.
    :raises CategoryCycle: if the parent is the category itself or below it.
    """
    category_id, parent_id = category.category_id, category.parent_id

    def change(tree: CategoryTree) -> None:
        stored = _get(Tree(tree.categories), category_id)
        if stored.fingerprint != seen:
            raise EditConflict
        _put(tree, category)
        _check(category, Tree(tree.categories))
        if parent_id != stored.parent_id:
            _move(tree, category_id, parent_id)

    finish_moves()
    _change_tree(change, beside)
    finish_moves()


def reorder_categories(*, parent_id: str | None, category_ids: Sequence[str], beside: Sequence[Model] = ()) -> None:
    """Give the children of a category the order of these ids; children not named go behind them.

    :param beside: new items that are written in the same transaction, or not at all: who of the staff did it.
    :raises UnknownCategory: if an id is not one of the children.
    """

    def change(tree: CategoryTree) -> None:
        children = {child.category_id: child for child in Tree(tree.categories).children_of(parent_id)}
        for category_id in category_ids:
            if category_id not in children:
                raise UnknownCategory(category_id)
        named = [children.pop(category_id) for category_id in dict.fromkeys(category_ids)]
        family = [*named, *children.values()]
        others = [category for category in tree.categories if category not in family]
        tree.categories = [*others, *family]

    _change_tree(change, beside)


def delete_category(*, category_id: str, beside: Sequence[Model] = ()) -> None:
    """Remove an empty category; drafts and archived products in it are asked for another when saved.

    :param beside: new items that are written in the same transaction, or not at all: who of the staff did it.
    :raises UnknownCategory: if there is no such category.
    :raises CategoryNotEmpty: if categories or active products are in it.
    """

    def change(tree: CategoryTree) -> None:
        before = Tree(tree.categories)
        category = _get(before, category_id)
        if before.children_of(category_id):
            raise CategoryNotEmpty(category.name, holds="categories")
        if next(_cards_of(category_id, limit=1), None) is not None:
            raise CategoryNotEmpty(category.name, holds="products")
        tree.categories = [other for other in tree.categories if other.category_id != category_id]

    finish_moves()
    _change_tree(change, beside)


def finish_moves() -> int:
    """File the cards of products whose category was moved anew; gives the number of products.

    Two calls a product. Running it twice, or at the same time somewhere else, does no harm.
    """
    tree = read_tree()
    products = 0
    for move in tree.moves:
        for card in _cards_of(move.category_id):
            _file_cards(card.product_id)
            products += 1
        _change_tree(partial(_forget_move, done=move))
    return products


def _change_tree(change: Callable[[CategoryTree], None], beside: Sequence[Model] = ()) -> None:
    for _ in range(_ATTEMPTS):
        tree = read_tree()
        change(tree)
        transaction = Transaction()
        transaction.save("tree", tree)
        transaction.save_beside(beside)
        try:
            transaction.commit()
        except TransactionRefused:
            continue
        return
    raise EditConflict


def _move(tree: CategoryTree, category_id: str, parent_id: str | None) -> None:
    before = Tree(tree.categories)
    category = _get(before, category_id)
    if parent_id is not None and _get(before, parent_id) in before.subtree_of(category_id):
        raise CategoryCycle(category.name)
    left = before.path_to(category.parent_id)
    category.parent_id = parent_id
    after = Tree(tree.categories)
    for moved in after.subtree_of(category_id):
        _check(moved, after)
    kept = after.path_to(category_id)
    listings = [category_listing(ancestor.category_id) for ancestor in left if ancestor not in kept]
    tree.moves.append(Move(category_id=category_id, listings=listings))


def _put(tree: CategoryTree, category: Category) -> None:
    stored = Tree(tree.categories).find(category.category_id)
    if stored is None:
        tree.categories.append(category)
        return
    former = [slug for slug in [*stored.former_slugs, stored.slug] if slug != category.slug]
    category.former_slugs = list(dict.fromkeys(former))
    category.parent_id = stored.parent_id
    tree.categories[tree.categories.index(stored)] = category


def _check(category: Category, tree: Tree) -> None:
    problems = [*slug_problems(category.slug), *_place_problems(category, tree)]
    if category.slug in RESERVED_SLUGS:
        problems.append(Problem("slug", f"The address “{category.slug}” belongs to the shop. Please choose another."))
    if not ID.fullmatch(category.category_id):
        problems.append(Problem("category_id", "The id takes letters, digits and hyphens, 64 at most."))
    if not category.name.strip():
        problems.append(Problem("name", "The category needs a name."))
    if problems:
        raise InvalidCategory(problems)
    for other in tree:
        if other is not category and category.slug in [other.slug, *other.former_slugs]:
            raise SlugTaken(category.slug)


def _place_problems(category: Category, tree: Tree) -> Iterator[Problem]:
    if category.parent_id and tree.find(category.parent_id) is None:
        yield Problem("parent_id", "The category above does not exist any more. Please choose another.")
    path = tree.path_to(category.category_id)
    if path and path[0].parent_id == category.category_id:
        yield Problem("parent_id", "A category cannot be above itself.")
    if len(path) > MAX_DEPTH:
        yield Problem("parent_id", f"Categories go {MAX_DEPTH} levels deep, no deeper.")


def _get(tree: Tree, category_id: str) -> Category:
    category = tree.find(category_id)
    if category is None:
        raise UnknownCategory(category_id)
    return category


def _cards_of(category_id: str, *, limit: int | None = None) -> Iterator[Card]:
    return iter(Card.query(category_listing(category_id), consistent_read=True, limit=limit))


def _forget_move(tree: CategoryTree, *, done: Move) -> None:
    tree.moves = [move for move in tree.moves if move.attribute_values != done.attribute_values]


def _file_cards(product_id: str) -> None:
    for _ in range(_ATTEMPTS):
        stored = batch_get({CategoryTree: [CategoryTree.MAIN], Product: [product_id]}, consistent=True)
        product, tree = stored.find(Product, product_id), stored.find(CategoryTree, CategoryTree.MAIN)
        if product is None or tree is None or not product.is_active:
            return
        transaction = Transaction()
        check_tree(transaction, tree)
        unchanged = (Product.version == product.version) & (Product.availability == product.availability)
        transaction.check("product", Product, product_id, unchanged)
        for listing, card in cards_for(product, Tree(tree.categories)).items():
            transaction.save(f"card:{listing}", card)
        for listing in left_listings(product, tree):
            transaction.delete(f"card:{listing}", Card(listing, product_id))
        try:
            transaction.commit()
        except TransactionRefused:
            continue
        return
    raise EditConflict
