"""Carry out what a dry run said: new and changed products by versioned writes, then their stock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from django.conf import settings

from catalog import bulk, services
from catalog.categories import save_categories
from catalog.listings import availability_of
from catalog.models import Product
from catalog.publishing import read_tree
from catalog.spreadsheets.drafts import Draft, Issue
from catalog.spreadsheets.entries import Entry, Outcome, StockChange
from catalog.spreadsheets.paths import missing_categories
from catalog.spreadsheets.planning import Plan, World, plan_page, read_world
from catalog.spreadsheets.stocktaking import StockMoved, take_stock
from catalog.tree import Tree
from cloudcart.errors import EditConflict, StorefrontError

# Sets the stock of one SKU: `take_stock` with who does it and when.
Take = Callable[..., None]

_COLUMNS = {"slug-taken": "slug", "sku-taken": "sku"}
_CHANGED = "The product was changed in the shop since the dry run, and is left as it is now. Import the file once more."


def create_categories(paths: Sequence[Sequence[str]]) -> int:
    """Add the categories that these paths lack, in one write; gives their number. Doing it again adds nothing.

    :raises InvalidCategory: if the tree cannot take them.
    """
    missing = missing_categories(Tree(read_tree().categories), paths)
    if missing:
        save_categories(categories=missing)
    return len(missing)


def apply_page(
    drafts: Sequence[Draft], planned: Sequence[Entry], *, takes_stock: bool, now: datetime, actor: str = ""
) -> list[Entry]:
    """Write what the dry run planned for a page, and say what became of each product.

    Products are stored as `catalog.bulk.save_products` does it, on condition that they have the version
    that the dry run read. A page that was interrupted is finished by doing it again: what is stored
    already is found to be as it should be.

    :param actor: the e-mail address of who imports, for the stock's ledger.
    """
    world = read_world(drafts, consistent=True)
    plans = plan_page(drafts, world, takes_stock=takes_stock, now=now)
    results = [_result(plan, expected) for plan, expected in zip(plans, planned, strict=True)]
    pairs = [(plan, result) for plan, result in zip(plans, results, strict=True) if _is_due(result)]
    changed = [(plan.product, plan.new_stock) for plan, _ in pairs if plan.product is not None]
    errors = bulk.save_products(products=changed, now=now) if changed else {}
    for plan, result in pairs:
        error = errors.get(plan.draft.product_id)
        if error is not None:
            _fail_to_save(result, plan.draft, error)
        else:
            _set_stock(plan, result, world, partial(take_stock, actor=actor, now=now))
    return results


def _is_due(result: Entry) -> bool:
    return result.outcome in {Outcome.CREATED, Outcome.CHANGED}


def _result(plan: Plan, expected: Entry) -> Entry:
    """The planned entry, failed if the shop is not any more what the dry run saw."""
    result = Entry.from_json(expected.as_json())
    if not _is_due(expected):
        return result
    if plan.entry.issues:
        _fail(result, plan.entry.issues)
    elif plan.product is not None and plan.entry.version != expected.version:
        _fail(result, [Issue(expected.row, "", _CHANGED)])
    return result


def _fail(result: Entry, issues: list[Issue]) -> None:
    result.outcome, result.issues = Outcome.FAILED, issues
    result.changes, result.stock, result.pictures = [], [], []


def _fail_to_save(result: Entry, draft: Draft, error: StorefrontError) -> None:
    column = draft.column(_COLUMNS[error.code]) if error.code in _COLUMNS else ""
    sentence = _CHANGED if isinstance(error, EditConflict) else str(error)
    _fail(result, [Issue(result.row, column, sentence)])


def _set_stock(plan: Plan, result: Entry, world: World, take: Take) -> None:
    """Set the stock of SKUs that were there before; one that was sold from since the dry run is reported."""
    expected = set(result.stock)
    moved = [change for change in plan.entry.stock if change not in expected or not _took(change, plan, take)]
    for change in moved:
        result.changes = [field for field in result.changes if field.label != f"Stock of {change.sku}"]
        result.notes.append(Issue(result.row, plan.draft.column("stock"), str(StockMoved(change.sku))))
    if moved and not (result.changes or result.pictures):
        result.outcome, result.issues, result.notes = Outcome.FAILED, result.notes, []
    if result.stock:
        _refresh(plan, [change for change in plan.entry.stock if change not in moved], world)


def _took(change: StockChange, plan: Plan, take: Take) -> bool:
    try:
        take(change=change, product_id=plan.draft.product_id)
    except StockMoved:
        return False
    return True


def _refresh(plan: Plan, done: Sequence[StockChange], world: World) -> None:
    """Let the cards say what the stock is; costs nothing if they say it already."""
    product = plan.product or world.products[plan.draft.product_id]
    if _availability(product, done, world) != product.availability:
        services.refresh_availability(product_id=product.product_id)


def _availability(product: Product, done: Sequence[StockChange], world: World) -> str:
    levels: Mapping[str, int] = {sku: level.available for sku, level in world.levels.items()} | {
        change.sku: change.new for change in done
    }
    units = [levels.get(variant.sku, 0) for variant in product.variants]
    return availability_of(units, low_below=settings.LOW_STOCK_THRESHOLD)
