"""The catalog's questions to DynamoDB; docs/access-patterns.md has a row for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from catalog.ledger import StockMovement
from catalog.listings import ALL, HOME, category_listing
from catalog.models import Card, Category, CategoryTree, Collection, CollectionLink, Product, Slug, Stock
from catalog.paging import PAGE_SIZE, CardPage, Position, Sort, page_of
from catalog.publishing import slug_key
from catalog.tree import Tree
from cloudcart.dynamo import batch_get

# Featured cards come first in the home listing, so one query has to reach past them to the new ones.
HOME_CARDS = 40
RELATED_CARDS = 4
# A part of the sitemap stays far below what a Lambda may answer with (6 MB).
SITEMAP_PRODUCTS = 5000
# Rows of a page of the admin.
STOCK_PAGE = 25


@dataclass(frozen=True)
class Home:
    """The home page: featured cards by rank, the newest of the others, categories and collections."""

    featured: Sequence[Card]
    newest: Sequence[Card]
    categories: Sequence[Category]
    collections: Sequence[CollectionLink]

    @property
    def lead(self) -> CollectionLink | None:
        """What the page opens with: the first collection, if it has a picture."""
        first = next(iter(self.collections), None)
        return first if first is not None and first.image else None

    @property
    def other_collections(self) -> Sequence[CollectionLink]:
        return [collection for collection in self.collections if collection is not self.lead]

    @property
    def is_empty(self) -> bool:
        return not (self.featured or self.newest)


@dataclass(frozen=True)
class ProductPage:
    """An active product, units that can be sold by SKU, where it stands in the tree, and cards like it."""

    product: Product
    available: dict[str, int]
    path: Sequence[Category]
    related: Sequence[Card]


def get_tree() -> Tree:
    """All categories and the links to all collections. One call: GetItem on `categories`."""
    return _tree(CategoryTree.find(CategoryTree.MAIN))


def find_home(*, cards: int, tiles: int) -> Home:
    """What the home page shows. Two calls: `listings.newest` of "home", and the tree.

    :param cards: how many featured and how many new cards, at most.
    :param tiles: how many categories and how many collections, at most.
    """
    found = list(_query(HOME, sort=Sort.NEWEST, position=None, limit=HOME_CARDS))
    tree = get_tree()
    return Home(
        featured=[card for card in found if card.is_featured][:cards],
        newest=[card for card in found if not card.is_featured][:cards],
        categories=tree.top[:tiles],
        collections=tree.collections[: tiles // 2 + 1],
    )


def list_cards(listing: str, *, sort: Sort, position: Position | None = None) -> CardPage:
    """A page of 24 cards, from the start or beside a card. One call: `listings.newest` or `.price`."""
    cards = list(_query(listing, sort=sort, position=position, limit=PAGE_SIZE + 1))
    return page_of(cards, sort=sort, position=position)


def find_collection(slug: str) -> Collection | None:
    """The collection at an address, or the signpost (`moved_to`) that stands there. One call."""
    return Collection.find(slug)


def find_product_page(slug: str) -> ProductPage | None:
    """An active product by its present address, with all that its page shows.

    Three calls: `products.by_slug`; its stock and the tree in one batch; `listings.newest` of the
    category above its own, for related products.
    """
    product = next(iter(Product.by_slug.query(slug, limit=1)), None)
    if product is None or not product.is_active:
        return None
    return _product_page(product)


def find_preview(product_id: str) -> ProductPage | None:
    """What the page of a product would show, whatever its status; for the staff alone.

    Two calls: `products`; its stock and the tree in one batch.
    """
    product = Product.find(product_id, consistent=True)
    return _product_page(product, related=()) if product is not None else None


def find_moved_slug(slug: str) -> str | None:
    """The present address of the active product that had this one. Two calls: `slugs`, `products`."""
    guard = Slug.find(slug_key(slug))
    if guard is None or guard.is_current:
        return None
    product = find_products([guard.target_id]).get(guard.target_id)
    return product.slug if product is not None and product.is_active else None


def find_products(product_ids: Sequence[str]) -> dict[str, Product]:
    """Products by id, whatever their status; unknown ids are absent. One call for each 100."""
    return batch_get({Product: product_ids}).all_of(Product)


def list_sitemap_positions() -> list[Position | None]:
    """Where each part of the sitemap of products begins, the oldest products first.

    Reads all cards of "all", a call for each megabyte (some 1,500 cards): for pages that are kept for
    a day, and for nothing else.
    """
    cards = Card.by_newest.query(ALL, attributes_to_get=["newest_key"])
    # A part begins behind the last card of the part before.
    keys = [card.newest_key for index, card in enumerate(cards, 1) if index % SITEMAP_PRODUCTS == 0]
    return [None, *(Position(key) for key in keys)]


def list_sitemap_slugs(position: Position | None) -> list[str]:
    """Addresses of 5,000 products from the oldest, or from behind a position. A call for each megabyte."""
    beyond = Card.newest_key > position.key if position else None
    cards = Card.by_newest.query(ALL, beyond, limit=SITEMAP_PRODUCTS, attributes_to_get=["slug"])
    return [card.slug for card in cards]


def _product_page(product: Product, related: Sequence[Card] | None = None) -> ProductPage:
    skus = [variant.sku for variant in product.variants]
    got = batch_get({CategoryTree: [CategoryTree.MAIN], Stock: skus})
    levels = got.all_of(Stock)
    path = _tree(got.find(CategoryTree, CategoryTree.MAIN)).path_to(product.category_id)
    return ProductPage(
        product=product,
        available={sku: max(0, levels[sku].available) if sku in levels else 0 for sku in skus},
        path=path,
        related=_list_related(product, path) if related is None else related,
    )


def _tree(stored: CategoryTree | None) -> Tree:
    return Tree(stored.categories, stored.collections) if stored else Tree()


def _query(listing: str, *, sort: Sort, position: Position | None, limit: int) -> islice[Card]:
    is_before = position is not None and position.is_before
    is_ascending = sort.is_ascending != is_before
    beyond = None
    if position is not None:
        beyond = sort.attribute > position.key if is_ascending else sort.attribute < position.key
    found = sort.index.query(listing, beyond, scan_index_forward=is_ascending, limit=limit)
    return islice(found, limit)


def _list_related(product: Product, path: Sequence[Category]) -> list[Card]:
    """Cards of the same category first, then of its siblings; what can be bought before what cannot."""
    listing = category_listing(path[max(0, len(path) - 2)].category_id) if path else ALL
    cards = _query(listing, sort=Sort.NEWEST, position=None, limit=PAGE_SIZE)
    others = [card for card in cards if card.product_id != product.product_id]
    others.sort(key=lambda card: (card.is_sold_out, card.category_id != product.category_id))
    return others[:RELATED_CARDS]


@dataclass(frozen=True)
class StockPage:
    """A page of stock levels; ``first`` and ``last`` are the keys beside which the neighbors begin."""

    items: list[Stock]
    has_former: bool
    has_next: bool

    @property
    def first(self) -> str:
        return self.items[0].sku if self.items else ""

    @property
    def last(self) -> str:
        return self.items[-1].sku if self.items else ""


def list_stock(*, prefix: str = "", after: str = "", before: str = "", limit: int = STOCK_PAGE) -> StockPage:
    """Give SKUs in order with what never changes (`sku`, `product_id`). One query of `stock.by_sku`.

    :param prefix: what the SKUs begin with.
    :param after: the SKU behind which the page begins; ``before``: the one ahead of which it ends.
    """
    beginning = before or after
    found = list(
        Stock.by_sku.query(
            Stock.ALL,
            Stock.sku.startswith(prefix) if prefix else None,
            limit=limit + 1,
            scan_index_forward=not before,
            last_evaluated_key={"shelf": {"S": Stock.ALL}, "sku": {"S": beginning}} if beginning else None,
        )
    )
    items, has_more = found[:limit], len(found) > limit
    if before:
        return StockPage(items[::-1], has_former=has_more, has_next=True)
    return StockPage(items, has_former=bool(after), has_next=has_more)


def list_low_stock(*, after: Stock | None = None, limit: int = STOCK_PAGE) -> StockPage:
    """Give what runs low, the fewest units first. One query of the sparse index `stock.low`."""
    beginning = (
        {"low": {"S": Stock.LOW}, "available": {"N": str(after.available)}, "sku": {"S": after.sku}} if after else None
    )
    found = list(Stock.by_low.query(Stock.LOW, limit=limit + 1, last_evaluated_key=beginning))
    return StockPage(found[:limit], has_former=after is not None, has_next=len(found) > limit)


def list_movements(sku: str, *, after: str = "", limit: int = STOCK_PAGE) -> tuple[list[StockMovement], bool]:
    """Give what happened to a SKU, the latest first, and whether there is more. One query.

    :param after: the ``moved_key`` behind which to go on.
    """
    beginning = {"sku": {"S": sku}, "moved_key": {"S": after}} if after else None
    found = list(StockMovement.query(sku, scan_index_forward=False, limit=limit + 1, last_evaluated_key=beginning))
    return found[:limit], len(found) > limit
