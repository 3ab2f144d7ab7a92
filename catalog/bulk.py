"""Storing many products quickly, by the same rules as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django.conf import settings

from catalog.models import Product
from catalog.publishing import Change, check_tree, prepare, read_stored, write_change
from catalog.services import save_product
from catalog.validation import check_product
from cloudcart.errors import StorageUnavailable, StorefrontError
from cloudcart.transactions import ACTION_LIMIT, Transaction, TransactionRefused

NewStock = Mapping[str, int]


def save_products(*, products: Sequence[tuple[Product, NewStock]], now: datetime) -> dict[str, StorefrontError]:
    """Store many products, each as `save_product` does it, with several in one transaction.

    A transaction that is refused is done again product by product, so that one that cannot be stored
    holds nobody else up. Some hundred products a call keep the reads few.

    :param products: each with the units of its SKUs that are new.
    :raises StorageUnavailable: if DynamoDB cannot be reached; what was stored until then stays.
    :return: what was wrong with those that were not stored, by product id.
    """
    errors: dict[str, StorefrontError] = {}
    changes = list(_changes(products, errors, now=now))
    for pack in _packs(changes):
        for change in [] if _commit(pack) else pack:
            try:
                save_product(product=change.product, stock=change.stock, now=now)
            except StorageUnavailable:
                # No fault of this product, and the next ones would only wait for it too.
                raise
            except StorefrontError as error:
                errors[change.product.product_id] = error
    return errors


def _changes(
    products: Sequence[tuple[Product, NewStock]], errors: dict[str, StorefrontError], *, now: datetime
) -> Iterator[Change]:
    stored = read_stored([product for product, _ in products])
    for product, stock in products:
        try:
            check_product(product, currency=settings.CURRENCY, stock=stock)
            yield prepare(product, stock=stock, stored=stored, now=now)
        except StorefrontError as error:
            errors[product.product_id] = error


def _packs(changes: Sequence[Change]) -> Iterator[list[Change]]:
    """Group changes that fit into one transaction, which takes no item twice."""
    pack: list[Change] = []
    size, claims = 1, set[str]()
    for change in changes:
        alone = Transaction()
        write_change(alone, change)
        if pack and (size + len(alone) > ACTION_LIMIT or claims & change.claims):
            yield pack
            pack, size, claims = [], 1, set()
        pack.append(change)
        size += len(alone)
        claims |= change.claims
    if pack:
        yield pack


def _commit(pack: Sequence[Change]) -> bool:
    transaction = Transaction()
    check_tree(transaction, pack[0].tree)
    for change in pack:
        write_change(transaction, change)
    if len(transaction) > ACTION_LIMIT:
        return False
    try:
        transaction.commit()
    except TransactionRefused:
        return False
    return True
