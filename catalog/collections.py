"""Changes to collections. Which products are in one is said by the products (`collection_ids`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pynamodb.models import Model

from catalog.models import CategoryTree, Collection, CollectionLink
from catalog.publishing import SlugTaken, tree_of
from catalog.validation import ID, InvalidInput, Problem, slug_problems
from cloudcart.dynamo import batch_get
from cloudcart.errors import EditConflict
from cloudcart.transactions import Transaction, TransactionRefused

_ATTEMPTS = 5


class InvalidCollection(InvalidInput):
    """A collection is not fit to be stored."""

    code = "invalid-collection"


def save_collection(*, collection: Collection, beside: Sequence[Model] = ()) -> None:
    """Store a collection, and the link to it beside the category tree, in one transaction.

    :param beside: new items that are written in the same transaction, or not at all: who of the staff did it.
    :raises InvalidCollection: if the name is missing or the slug is no address.
    :raises SlugTaken: if the slug belongs to another collection, now or formerly.
    :raises EditConflict: if somebody else saved it since it was read.
    """
    _check(collection)
    for _ in range(_ATTEMPTS):
        transaction = Transaction()
        transaction.save("collection", collection)
        transaction.save("tree", _with_link(_read(collection).tree, collection))
        transaction.save_beside(beside)
        try:
            transaction.commit()
        except TransactionRefused as refused:
            if refused.find("collection"):
                raise EditConflict if collection.version else SlugTaken(collection.slug) from refused
        else:
            return
    raise EditConflict


def rename_collection(*, collection: Collection, slug: str, beside: Sequence[Model] = ()) -> Collection:
    """Store a collection at another address and let the former one lead on to it.

    :param beside: new items that are written in the same transaction, or not at all: who of the staff did it.
    :return: the collection under its new address; the one given is not to be used any more.
    :raises InvalidCollection: if the slug is no address.
    :raises SlugTaken: if the slug belongs to another collection, now or formerly.
    :raises EditConflict: if somebody else saved the collection since it was read.
    """
    if slug == collection.slug:
        return collection
    renamed = _at_address(collection, slug)
    _check(renamed)
    for _ in range(_ATTEMPTS):
        stored = _read(renamed)
        if stored.item and stored.item.collection_id != collection.collection_id:
            raise SlugTaken(slug)
        if stored.item:
            # At its former address the collection finds its own signpost, and replaces it.
            renamed.version = stored.item.version
        try:
            _commit_rename(collection, renamed, stored.tree, beside)
        except TransactionRefused as refused:
            if refused.find("signpost"):
                raise EditConflict from refused
        else:
            return renamed
    raise EditConflict


@dataclass(frozen=True)
class _Stored:
    tree: CategoryTree
    item: Collection | None


def _read(collection: Collection) -> _Stored:
    got = batch_get({CategoryTree: [CategoryTree.MAIN], Collection: [collection.slug]}, consistent=True)
    return _Stored(tree_of(got), got.find(Collection, collection.slug))


def _at_address(collection: Collection, slug: str) -> Collection:
    attributes = {**collection.serialize(), "slug": {"S": slug}}
    del attributes["version"]
    return Collection.from_raw_data(attributes)


def _commit_rename(former: Collection, renamed: Collection, tree: CategoryTree, beside: Sequence[Model]) -> None:
    signpost = Collection(
        former.slug, moved_to=renamed.slug, collection_id=former.collection_id, version=former.version
    )
    transaction = Transaction()
    transaction.save("signpost", signpost)
    transaction.save("collection", renamed)
    transaction.save("tree", _with_link(tree, renamed))
    transaction.save_beside(beside)
    transaction.commit()


def _check(collection: Collection) -> None:
    problems = list(slug_problems(collection.slug))
    if not collection.name.strip():
        problems.append(Problem("name", "The collection needs a name."))
    if not ID.fullmatch(collection.collection_id or ""):
        problems.append(Problem("collection_id", "The id takes letters, digits and hyphens, 64 at most."))
    if problems:
        raise InvalidCollection(problems)


def _with_link(tree: CategoryTree, collection: Collection) -> CategoryTree:
    link = CollectionLink(
        collection_id=collection.collection_id,
        slug=collection.slug,
        name=collection.name,
        description=collection.description,
        image=collection.image,
    )
    ids = [other.collection_id for other in tree.collections]
    if collection.collection_id in ids:
        tree.collections[ids.index(str(collection.collection_id))] = link
    else:
        tree.collections.append(link)
    return tree
