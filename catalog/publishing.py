"""What has to be written, together, for a product to be stored: itself, its guards and its cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from catalog.ledger import Reason
from catalog.listings import availability_of, cards_for, listings_of
from catalog.models import Card, CategoryTree, Product, Slug, Stock, Variant
from catalog.overview import describe
from catalog.stock import Posting
from catalog.tree import Tree
from catalog.validation import InvalidProduct, Problem
from cloudcart.dynamo import BatchGot, batch_get
from cloudcart.errors import EditConflict, StorefrontError
from cloudcart.transactions import Transaction, TransactionRefused


class SlugTaken(StorefrontError):
    """The address belongs, now or from former times, to something else."""

    code = "slug-taken"

    def __init__(self, slug: str) -> None:
        self.slug = slug
        super().__init__(f"The address “{slug}” is in use already. Please choose another.")

    @property
    def extra(self) -> dict[str, Any]:
        return {"slug": self.slug}


class SkuTaken(StorefrontError):
    """The SKU belongs to another product."""

    code = "sku-taken"

    def __init__(self, sku: str) -> None:
        self.sku = sku
        super().__init__(f"The SKU “{sku}” belongs to another product. Please choose another.")

    @property
    def extra(self) -> dict[str, Any]:
        return {"sku": self.sku}


class StockReserved(StorefrontError):
    """A variant cannot go while orders that have not shipped hold units of it."""

    code = "stock-reserved"

    def __init__(self, sku: str) -> None:
        self.sku = sku
        super().__init__(f"{sku} has units reserved by orders. It can be removed when these are paid or called off.")

    @property
    def extra(self) -> dict[str, Any]:
        return {"sku": self.sku}


@dataclass(frozen=True)
class Change:
    """A product as it is to be stored, and what is stored now."""

    product: Product
    former: Product | None
    tree: CategoryTree
    # Units of SKUs that are new; absent ones start at zero.
    stock: Mapping[str, int]
    # What is stored of the SKUs of both.
    levels: Mapping[str, Stock]
    now: datetime

    @property
    def removed_skus(self) -> list[str]:
        return [variant.sku for variant in self._former_variants if self.product.find_variant(variant.sku) is None]

    @property
    def new_skus(self) -> list[str]:
        former = {variant.sku for variant in self._former_variants}
        return [variant.sku for variant in self.product.variants if variant.sku not in former]

    @property
    def claims(self) -> set[str]:
        """Names of what the change writes and another product's change might write as well."""
        slugs = {self.product.slug, self.former.slug if self.former else self.product.slug}
        return {*(f"slug:{slug}" for slug in slugs), *(f"stock:{sku}" for sku in self.new_skus + self.removed_skus)}

    @property
    def _former_variants(self) -> Sequence[Variant]:
        return self.former.variants if self.former else []


def slug_key(slug: str) -> str:
    """The guard's key of a product's address."""
    return f"product#{slug}"


def read_stored(products: Sequence[Product]) -> BatchGot:
    """Read what is stored of these products, their stock and the tree: a call for each 100 keys."""
    skus = [variant.sku for product in products for variant in product.variants]
    return batch_get(
        {
            CategoryTree: [CategoryTree.MAIN],
            Product: [product.product_id for product in products],
            Stock: skus,
        },
        consistent=True,
    )


def read_tree() -> CategoryTree:
    """Read the tree to change it, consistently: one call; a new one if there is none yet."""
    return CategoryTree.find(CategoryTree.MAIN, consistent=True) or CategoryTree(CategoryTree.MAIN)


def tree_of(got: BatchGot) -> CategoryTree:
    """Give the tree of a batch that asked for it; a new one if there is none yet."""
    return got.find(CategoryTree, CategoryTree.MAIN) or CategoryTree(CategoryTree.MAIN)


def prepare(product: Product, *, stock: Mapping[str, int], stored: BatchGot, now: datetime) -> Change:
    """Set what follows from the stored state on the product, and give what its change takes.

    :raises InvalidProduct: if its category does not exist.
    """
    tree = tree_of(stored)
    if product.category_id and Tree(tree.categories).find(product.category_id) is None:
        raise InvalidProduct([Problem("category_id", "This category does not exist any more. Please choose another.")])
    product.availability = stored_availability(product, stored, new=stock)
    product.created_at = product.created_at or now
    product.updated_at = now
    describe(product)
    if product.is_active:
        product.published_at = product.published_at or now
    return Change(
        product=product,
        former=stored.find(Product, product.product_id),
        tree=tree,
        stock=stock,
        levels=_levels(product, stored),
        now=now,
    )


def _levels(product: Product, stored: BatchGot) -> dict[str, Stock]:
    former = stored.find(Product, product.product_id)
    removed = [each.sku for each in former.variants if product.find_variant(each.sku) is None] if former else []
    # Only a change that takes variants away asks once more: what they had goes into the ledger.
    gone = batch_get({Stock: removed}, consistent=True).all_of(Stock) if removed else {}
    return stored.all_of(Stock) | gone


def stored_availability(product: Product, stored: BatchGot, *, new: Mapping[str, int] | None = None) -> str:
    """What to say of the product's stock; ``new`` has the units of SKUs that have no item yet."""
    levels = stored.all_of(Stock)
    units = [
        levels[variant.sku].available if variant.sku in levels else (new or {}).get(variant.sku, 0)
        for variant in product.variants
    ]
    return availability_of(units, low_below=settings.LOW_STOCK_THRESHOLD)


def write_change(transaction: Transaction, change: Change) -> None:
    """Add everything that one product's change takes, except `check_tree`."""
    _write_product(transaction, change)
    _write_slugs(transaction, change)
    _write_stock(transaction, change)
    write_cards(transaction, change.product, former=change.former, tree=change.tree)


def check_tree(transaction: Transaction, tree: CategoryTree) -> None:
    """Let the transaction fail if a category was moved since: cards are filed by the tree."""
    unchanged = CategoryTree.version.does_not_exist() if tree.version is None else CategoryTree.version == tree.version
    transaction.check("tree", CategoryTree, CategoryTree.MAIN, unchanged)


def write_cards(transaction: Transaction, product: Product, *, former: Product | None, tree: CategoryTree) -> None:
    """Put the cards that differ from what the former version had, delete those it leaves."""
    categories = Tree(tree.categories)
    cards = cards_for(product, categories)
    former_cards = cards_for(former, categories) if former else {}
    for listing, card in cards.items():
        if listing not in former_cards or former_cards[listing].serialize() != card.serialize():
            transaction.save(f"card:{product.product_id}:{listing}", card)
    for listing in [*former_cards, *(left_listings(former, tree) if former else ())]:
        if listing not in cards:
            transaction.delete(f"card:{product.product_id}:{listing}", Card(listing, product.product_id))


def left_listings(product: Product, tree: CategoryTree) -> list[str]:
    """Listings that still hold the product's card from before a category was moved."""
    path = {category.category_id for category in Tree(tree.categories).path_to(product.category_id)}
    on = set(listings_of(product, Tree(tree.categories)))
    left = [listing for move in tree.moves if move.category_id in path for listing in move.listings]
    return [listing for listing in dict.fromkeys(left) if listing not in on]


def explain(change: Change, refused: TransactionRefused) -> StorefrontError | None:
    """Say which rule stopped the change; None if it may succeed when what is stored is read again.

    The tree or the product's availability changing meanwhile is no fault of the change.
    """
    slug = change.product.slug
    if refused.find(f"slug:{slug}"):
        return SlugTaken(slug)
    for refusal in refused.starting_with("stock:"):
        reason = _explain_stock(change, refusal.name.removeprefix("stock:"), refusal.item)
        if reason is not None:
            return reason
    stale = refused.find(f"product:{change.product.product_id}")
    if stale and _stored_version(stale.item) != change.product.version:
        return EditConflict()
    return None


def _write_product(transaction: Transaction, change: Change) -> None:
    # The cards say what the stock was when it was read; a refresh in between has to be seen.
    unchanged = Product.availability == change.former.availability if change.former else None
    transaction.save(f"product:{change.product.product_id}", change.product, unchanged)


def _write_slugs(transaction: Transaction, change: Change) -> None:
    product, former = change.product, change.former
    if former is not None and former.slug == product.slug:
        return
    is_free = Slug.slug.does_not_exist() | (Slug.target_id == product.product_id)
    guard = Slug(slug_key(product.slug), target_id=product.product_id, is_current=True)
    transaction.save(f"slug:{product.slug}", guard, is_free)
    if former is None:
        return
    left = Slug(slug_key(former.slug), target_id=product.product_id, is_current=False)
    if not former.published_at:
        # Nobody can have a link to what was never on sale.
        transaction.delete(f"slug:{former.slug}", left)
    else:
        transaction.save(f"slug:{former.slug}", left)


def _write_stock(transaction: Transaction, change: Change) -> None:
    owner = change.product.product_id
    closing = Posting(transaction, reason=Reason.CLOSED, now=change.now)
    for sku in change.removed_skus:
        if sku in change.levels:
            closing.close(change.levels[sku])
    closing.write()
    opening = Posting(transaction, reason=Reason.OPENED, now=change.now)
    for sku in change.new_skus:
        if sku in change.levels:
            # The SKU is the product's own from before, with its level, or another's.
            transaction.check(f"stock:{sku}", Stock, sku, Stock.product_id == owner)
        else:
            opening.open(sku, product_id=owner, units=change.stock.get(sku, 0))
    opening.write()


def _explain_stock(change: Change, sku: str, item: dict[str, Any] | None) -> StorefrontError | None:
    """Say what is wrong with a SKU; None if its levels changed since they were read."""
    stored = change.levels.get(sku)
    if sku in change.removed_skus:
        return StockReserved(sku) if stored is not None and stored.reserved else None
    owner = item["product_id"]["S"] if item else stored.product_id if stored else change.product.product_id
    return SkuTaken(sku) if owner != change.product.product_id else None


def _stored_version(item: dict[str, Any] | None) -> int | None:
    return int(item["version"]["N"]) if item else None
