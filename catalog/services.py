"""Every change to products and their stock. Categories and collections have modules of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.conf import settings
from pynamodb.models import Model

from catalog.ledger import Reason
from catalog.models import CategoryTree, Product, Stock
from catalog.publishing import (
    check_tree,
    explain,
    prepare,
    read_stored,
    stored_availability,
    tree_of,
    write_cards,
    write_change,
)
from catalog.stock import Posting
from catalog.validation import InvalidProduct, Problem, check_product
from cloudcart.errors import EditConflict, StorefrontError
from cloudcart.transactions import ACTION_LIMIT, Refusal, Transaction, TransactionRefused

_ATTEMPTS = 5


class TooManyChanges(StorefrontError):
    """A product changes more parts at once than one transaction can write (100)."""

    code = "too-many-changes"

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(
            f"Saving this changes {count} things at once, and {ACTION_LIMIT} is the limit. "
            "Add or remove variants in smaller steps."
        )

    @property
    def extra(self) -> dict[str, Any]:
        return {"count": self.count, "limit": ACTION_LIMIT}


class StockTooLow(StorefrontError):
    """More units are to be taken away than there are; ``available`` are left."""

    code = "stock-too-low"

    def __init__(self, sku: str, *, available: int, wanted: int) -> None:
        self.sku, self.available, self.wanted = sku, available, wanted
        units = "unit is" if available == 1 else "units are"
        super().__init__(f"{wanted} cannot be taken from {sku}: only {available} {units} available.")

    @property
    def extra(self) -> dict[str, Any]:
        return {"sku": self.sku, "available": self.available, "wanted": self.wanted}


class UnknownSku(StorefrontError):
    """No product has this SKU."""

    code = "unknown-sku"
    status_code = HTTPStatus.NOT_FOUND

    def __init__(self, sku: str) -> None:
        self.sku = sku
        super().__init__(f"There is no product with the SKU “{sku}”.")


def save_product(
    *, product: Product, stock: Mapping[str, int] | None = None, now: datetime, beside: Sequence[Model] = ()
) -> Product:
    """Store a product with everything that follows from it, in one transaction.

    That is: the product (if nobody saved it since it was read), the guard of its address (after a
    rename the former address leads on), the stock items of new variants, and its cards on every
    listing it belongs on. `updated_at`, `published_at` (when first active) and `availability` are set
    here. Two calls: one batch read, one transaction.

    :param stock: units of SKUs that are new; the level of an existing SKU is never touched.
    :param beside: new items that are written in the same transaction, or not at all: who of the staff did it.
    :raises InvalidProduct: if the product is not fit to be stored, with every problem.
    :raises SlugTaken: if its address belongs to another product, now or formerly.
    :raises SkuTaken: if a SKU belongs to another product.
    :raises StockReserved: if a removed variant has units reserved by orders.
    :raises EditConflict: if the product was saved by somebody else since it was read.
    :raises TooManyChanges: if more than 100 items would change.
    """
    stock = stock or {}
    check_product(product, currency=settings.CURRENCY, stock=stock)
    for _ in range(_ATTEMPTS):
        change = prepare(product, stock=stock, stored=read_stored([product]), now=now)
        transaction = Transaction()
        write_change(transaction, change)
        check_tree(transaction, change.tree)
        transaction.save_beside(beside)
        if len(transaction) > ACTION_LIMIT:
            raise TooManyChanges(len(transaction))
        try:
            transaction.commit()
        except TransactionRefused as refused:
            reason = explain(change, refused)
            if reason is not None:
                raise reason from refused
        else:
            return product
    raise EditConflict


def set_stock(
    *,
    sku: str,
    available: int,
    now: datetime,
    reason: Reason = Reason.COUNTED,
    note: str = "",
    actor: str = "",
) -> None:
    """Say how many units of a SKU can be sold; units reserved by orders are not among them.

    One read and one transaction with the ledger's entry, then the cards. The number that is stored
    already changes nothing and is not noted.

    :param actor: the e-mail address of who says so; empty for the shop itself.
    :raises UnknownSku: if no product has the SKU.
    :raises InvalidProduct: if the number is below zero.
    :raises EditConflict: if others kept changing the level meanwhile.
    """
    if available < 0:
        raise InvalidProduct([Problem("stock", f"The stock of {sku} cannot be below zero.")])
    for _ in range(_ATTEMPTS):
        stored = get_stock(sku)
        if stored.available != available:
            transaction = Transaction()
            posting = Posting(transaction, reason=reason, now=now, note=note, actor=actor)
            posting.move(sku, available=available - stored.available, condition=Stock.available == stored.available)
            posting.write()
            try:
                transaction.commit()
            except TransactionRefused:
                continue
        refresh_availability(product_id=stored.product_id)
        return
    raise EditConflict


def adjust_stock(
    *,
    sku: str,
    change: int,
    reason: Reason,
    now: datetime,
    note: str = "",
    actor: str = "",
    entry_id: str | None = None,
) -> Stock:
    """Add units to what can be sold of a SKU, or take some away; gives the levels afterwards.

    One transaction with the ledger's entry, one read, then the cards.

    :param change: units, negative if there are fewer.
    :param actor: the e-mail address of who says so; empty for the shop itself.
    :param entry_id: names what happens once: the same id again changes nothing.
    :raises UnknownSku: if no product has the SKU.
    :raises StockTooLow: if fewer units are available than are to be taken away.
    :raises EditConflict: if too many others wanted the same stock at the same moment.
    """
    transaction = Transaction()
    posting = Posting(transaction, reason=reason, now=now, note=note, actor=actor, entry_id=entry_id)
    posting.move(sku, available=change)
    posting.write()
    try:
        transaction.commit()
    except TransactionRefused as refused:
        if entry_id is not None and refused.find(f"ledger:{entry_id}"):
            return get_stock(sku)
        raise _explain_adjustment(refused.find(f"stock:{sku}"), sku, change) from refused
    stored = get_stock(sku)
    refresh_availability(product_id=stored.product_id)
    return stored


def _explain_adjustment(refusal: Refusal | None, sku: str, change: int) -> StorefrontError:
    if refusal is None or refusal.code != "ConditionalCheckFailed":
        return EditConflict()
    if refusal.item is None:
        return UnknownSku(sku)
    return StockTooLow(sku, available=int(refusal.item["available"]["N"]), wanted=-change)


def get_stock(sku: str) -> Stock:
    """Give the levels of a SKU as they are now: one read.

    :raises UnknownSku: if no product has the SKU.
    """
    stored = Stock.find(sku, consistent=True)
    if stored is None:
        raise UnknownSku(sku)
    return stored


def refresh_availability(*, product_id: str) -> bool:
    """Let the product and its cards say what the stock is now; True if they said something else.

    Two calls when nothing changed (the product, its stock), one transaction more when it did. The
    product's version stays: a merchant who edits it meanwhile has nothing to reconcile.

    :raises EditConflict: if the product kept changing meanwhile; trying later helps.
    """
    for _ in range(_ATTEMPTS):
        read = Product.find(product_id, consistent=True)
        if read is None:
            return False
        stored = read_stored([read])
        product = stored.find(Product, product_id)
        availability = stored_availability(read, stored)
        if availability == read.availability:
            return False
        if product is None or product.version != read.version:
            continue
        if _commit_availability(product, availability, former=read, tree=tree_of(stored)):
            return True
    raise EditConflict


def _commit_availability(product: Product, availability: str, *, former: Product, tree: CategoryTree) -> bool:
    transaction = Transaction()
    check_tree(transaction, tree)
    unchanged = (Product.version == former.version) & (Product.availability == former.availability)
    item = Product(product.product_id)
    # PynamoDB increments a version even in updates that do not check it.
    item._version_attribute_name = None
    transaction.update(
        f"product:{product.product_id}",
        item,
        [Product.availability.set(availability)],
        unchanged,
        versioned=False,
    )
    product.availability = availability
    write_cards(transaction, product, former=former, tree=tree)
    try:
        transaction.commit()
    except TransactionRefused:
        return False
    return True
