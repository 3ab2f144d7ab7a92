"""What an import would change: every product of a page of a file, compared with the shop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings

from catalog.models import Category, CategoryTree, Fact, Product, Status, Stock
from catalog.spreadsheets.cells import make_slug, mark_of
from catalog.spreadsheets.description import compare, describe
from catalog.spreadsheets.drafts import Draft, WantedVariant
from catalog.spreadsheets.entries import Entry, FieldChange, Outcome, StockChange
from catalog.spreadsheets.fields import FIELDS, merge_facts
from catalog.spreadsheets.paths import TooDeep, find_by_path, missing_categories
from catalog.spreadsheets.pictures import merge_pictures
from catalog.spreadsheets.variants import merge_variants
from catalog.tree import Tree
from catalog.validation import InvalidProduct, check_product
from cloudcart.dynamo import batch_get


@dataclass(frozen=True)
class World:
    """What the shop has of what a page of a file is about."""

    products: Mapping[str, Product]
    levels: Mapping[str, Stock]
    tree: Tree


@dataclass
class Plan:
    """One product as it is to be stored, with the units of its new SKUs; no product if it stays as it is."""

    draft: Draft
    entry: Entry
    product: Product | None = None
    new_stock: dict[str, int] = field(default_factory=dict)
    categories: list[Category] = field(default_factory=list)


def read_world(drafts: Sequence[Draft], *, consistent: bool = False) -> World:
    """Read the products, the stock and the tree: a call for each 100 keys."""
    usable = [draft for draft in drafts if draft.product_id and not draft.issues and not draft.skipped]
    found = batch_get({Product: [draft.product_id for draft in usable]}, consistent=consistent).all_of(Product)
    skus = [sku for draft in usable for sku in draft.skus]
    skus += [variant.sku for product in found.values() for variant in product.variants]
    got = batch_get({CategoryTree: [CategoryTree.MAIN], Stock: skus}, consistent=consistent)
    stored = got.find(CategoryTree, CategoryTree.MAIN)
    tree = Tree(stored.categories, stored.collections) if stored else Tree()
    return World(found, got.all_of(Stock), tree)


def plan_page(drafts: Sequence[Draft], world: World, *, takes_stock: bool, now: datetime) -> list[Plan]:
    """Say what would become of each of these products; nothing is written.

    :param takes_stock: whether numbers of units in the file count.
    """
    return [_plan(draft, world, takes_stock=takes_stock, now=now) for draft in drafts]


def _plan(draft: Draft, world: World, *, takes_stock: bool, now: datetime) -> Plan:
    entry = Entry(draft.row, draft.name, draft.product_id, Outcome.SKIPPED, notes=draft.notes)
    plan = Plan(draft, entry)
    if draft.skipped:
        entry.reason = draft.skipped
    elif not draft.issues:
        _compare(plan, world, takes_stock=takes_stock, now=now)
    if draft.issues:
        entry.outcome, entry.issues, plan.product = Outcome.FAILED, draft.issues, None
        entry.changes, entry.stock, entry.pictures = [], [], []
    return plan


def _compare(plan: Plan, world: World, *, takes_stock: bool, now: datetime) -> None:
    draft, entry = plan.draft, plan.entry
    former = world.products.get(draft.product_id)
    product = Product.from_raw_data(former.serialize()) if former else _new_product(draft, now)
    plan.categories = _add_categories(draft, world.tree)
    tree = Tree([*world.tree.categories, *plan.categories], world.tree.collections)
    _set_fields(product, draft, tree)
    placed = merge_variants(product, draft, world.levels)
    entry.pictures = merge_pictures(product, draft, placed)
    plan.new_stock, entry.stock = _stock(placed, world.levels, takes_stock=takes_stock)
    _check(product, draft, plan.new_stock, placed)
    if draft.issues:
        return
    entry.name = product.title or draft.name
    entry.version = former.version if former else None
    entry.changes = compare(describe(former, world.tree) if former else {}, describe(product, tree))
    if former is None:
        plan.product, entry.outcome = product, Outcome.CREATED
        entry.changes += [FieldChange(f"Stock of {sku}", "", str(units)) for sku, units in plan.new_stock.items()]
    elif former.serialize() != product.serialize():
        plan.product, entry.outcome = product, Outcome.CHANGED
    elif entry.stock or entry.pictures:
        entry.outcome = Outcome.CHANGED
    entry.changes += [FieldChange(f"Stock of {change.sku}", str(change.old), str(change.new)) for change in entry.stock]
    entry.changes += [FieldChange("Picture to fetch", "", url) for url in entry.pictures]


def _new_product(draft: Draft, now: datetime) -> Product:
    slug = draft.slug or make_slug(str(draft.fields.get("title") or "")) or f"product-{mark_of(draft.product_id)}"
    return Product(
        draft.product_id,
        slug=slug,
        title="",
        status=Status.DRAFT,
        currency=settings.CURRENCY,
        created_at=now,
        updated_at=now,
    )


def _add_categories(draft: Draft, tree: Tree) -> list[Category]:
    path = draft.fields.get("category")
    if not path:
        return []
    try:
        return missing_categories(tree, [path])
    except TooDeep as error:
        draft.fail(draft.row, draft.column("category"), str(error))
        return []


def _set_fields(product: Product, draft: Draft, tree: Tree) -> None:
    if draft.slug and not draft.keeps_slug and draft.slug != product.slug:
        product.slug = draft.slug
    for name, value in draft.fields.items():
        if name == "brand":
            facts = merge_facts(product, value)
            if [(fact.name, fact.value) for fact in facts] != [(fact.name, fact.value) for fact in product.facts]:
                product.facts = facts
        elif FIELDS[name].normal(product, tree) != value:
            _set(product, draft, name, value, tree)


def _set(product: Product, draft: Draft, name: str, value: Any, tree: Tree) -> None:
    if name == "facts":
        product.facts = [Fact(name=fact, value=text) for fact, text in value]
    elif name == "category":
        category = find_by_path(tree, value)
        product.category_id = category.category_id if category else None
    elif name == "collections":
        product.collection_ids = _collection_ids(draft, value, tree)
    else:
        setattr(product, name, value)


def _collection_ids(draft: Draft, slugs: Sequence[str], tree: Tree) -> list[str]:
    ids = {link.slug: link.collection_id for link in tree.collections}
    for slug in slugs:
        if slug not in ids:
            sentence = f"There is no collection with the address “{slug}”. Add it to the shop first, or leave it out."
            draft.fail(draft.row, draft.column("collections"), sentence)
    return [ids[slug] for slug in slugs if slug in ids]


def _stock(
    placed: Mapping[str, WantedVariant], levels: Mapping[str, Stock], *, takes_stock: bool
) -> tuple[dict[str, int], list[StockChange]]:
    """Units of SKUs that are new, and changes of those that are there."""
    wanted = {sku: variant.stock for sku, variant in placed.items() if variant.stock is not None and takes_stock}
    new = {sku: units for sku, units in wanted.items() if sku not in levels}
    changes = [
        StockChange(sku, levels[sku].available, units)
        for sku, units in wanted.items()
        if sku in levels and levels[sku].available != units
    ]
    return new, changes


def _check(product: Product, draft: Draft, stock: Mapping[str, int], placed: Mapping[str, WantedVariant]) -> None:
    try:
        check_product(product, currency=settings.CURRENCY, stock=stock)
    except InvalidProduct as error:
        if draft.issues:
            return
        for problem in error.problems:
            part, _, rest = problem.field.partition(".")
            row, column = draft.row, draft.column(part)
            if part == "variants" and rest:
                at, _, name = rest.partition(".")
                wanted = placed.get(product.variants[int(at)].sku)
                row, column = (wanted.row if wanted else row), draft.column(name)
            draft.fail(row, column, problem.sentence)
