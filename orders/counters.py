"""The sums behind the dashboard, kept by the stream, so that a page adds up nothing.

Each order has a mark of the version that was counted last, and of what it added then. A change is counted in
one transaction with the mark, if its version is a higher one: a record that comes twice, late or after a newer
one changes nothing (docs/adr/0026-counters-with-a-mark-for-each-order.md).
"""

import json
from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.update import Action
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from cloudcart.dynamo import IntegerAttribute, StoreModel
from cloudcart.errors import EditConflict
from cloudcart.streams import Image
from cloudcart.transactions import Transaction, TransactionRefused
from orders import sales
from orders.sales import Contribution, Delta

logger = structlog.get_logger(__name__)

_ATTEMPTS = 10


class BestSellers(GlobalSecondaryIndex["SalesCounter"]):
    """Sparse: only a product's counters have ``product_amount``."""

    class Meta:
        index_name = "best"
        projection = AllProjection()

    counter = UnicodeAttribute(hash_key=True)
    product_amount = IntegerAttribute(range_key=True)


class SalesCounter(StoreModel):
    """One sum; amounts are minor units. Of a generation there are the counters

    ``<generation>#sums``, with parts like ``day#2026-11-26`` and ``stage#to_ship``, and
    ``<generation>#products:2026-11``, whose parts are ids of products.
    """

    class Meta:
        table = "sales-counters"

    counter = UnicodeAttribute(hash_key=True)
    part = UnicodeAttribute(range_key=True)
    orders = IntegerAttribute(default=0)
    units = IntegerAttribute(default=0)
    amount = IntegerAttribute(default=0)
    product_amount = IntegerAttribute(null=True)
    title = UnicodeAttribute(default="")
    # Only of the one item that says which generation is shown, and which is being made.
    active = UnicodeAttribute(null=True)
    building = UnicodeAttribute(null=True)
    best = BestSellers()


class CountedOrder(StoreModel):
    """Up to which version an order is counted in a generation, and what it added (JSON of `sales.to_item`)."""

    class Meta:
        table = "counted-orders"

    generation = UnicodeAttribute(hash_key=True)
    number = UnicodeAttribute(range_key=True)
    version = IntegerAttribute()
    contribution = UnicodeAttribute()


FIRST_GENERATION = "first"
_SELECTOR = ("generations", "selector")


def find_generations() -> tuple[str, str | None]:
    """Give the generation that is shown and the one that is being made, if any. One read."""
    try:
        selector = SalesCounter.get(*_SELECTOR, consistent_read=True)
    except SalesCounter.DoesNotExist:
        return FIRST_GENERATION, None
    return selector.active or FIRST_GENERATION, selector.building


def list_sums(generation: str, *, since: date) -> list[SalesCounter]:
    """Give the sums of each day since then that had a sale, and of each stage. One query."""
    parts = SalesCounter.part.between(sales.day_part(since.isoformat()), sales.stage_part("~"))
    return list(SalesCounter.query(f"{generation}#{sales.SUMS}", parts))


def list_best(generation: str, *, month: str, limit: int) -> list[SalesCounter]:
    """Give the products of a month (``2026-11``) by their sales, the most first. One query of `best`."""
    counter = f"{generation}#{sales.products_counter(month)}"
    return list(
        SalesCounter.best.query(counter, SalesCounter.product_amount > 0, scan_index_forward=False, limit=limit)
    )


def count_order(*, old: Image | None, new: Image | None) -> None:
    """Let the counters follow one change of an order; a read, and for each generation a read and a transaction.

    A change that alters no sum costs nothing.

    :raises EditConflict: if others kept counting the same order; the record comes again.
    """
    zone = ZoneInfo(settings.TIME_ZONE)
    former = sales.contribution_of(old, zone=zone) if old else None
    present = sales.contribution_of(new, zone=zone) if new else None
    if former == present:
        return
    image = new or old or {}
    version = int(image["version"]) + (0 if new else 1)
    for generation in filter(None, find_generations()):
        count(generation, image["number"], version, present)


def count(generation: str, number: str, version: int, present: Contribution | None) -> bool:
    """Count what an order adds as of ``version``, unless a later one was counted; tells whether it was.

    :param present: None if the order is gone.
    :raises EditConflict: if others kept counting the same order.
    """
    for _ in range(_ATTEMPTS):
        mark = _find_mark(generation, number)
        if mark is not None and mark.version >= version:
            return False
        if _write(generation, number, version, mark, present):
            return True
    raise EditConflict


def _find_mark(generation: str, number: str) -> CountedOrder | None:
    try:
        return CountedOrder.get(generation, number, consistent_read=True)
    except CountedOrder.DoesNotExist:
        return None


def _write(generation: str, number: str, version: int, mark: CountedOrder | None, present: Contribution | None) -> bool:
    former = sales.from_item(json.loads(mark.contribution)) if mark and mark.contribution else None
    counted = json.dumps(sales.to_item(present)) if present else ""
    transaction = Transaction()
    unchanged = CountedOrder.version == mark.version if mark else CountedOrder.number.does_not_exist()
    transaction.save("mark", CountedOrder(generation, number, version=version, contribution=counted), unchanged)
    for (counter, part), delta in sales.differences(former, present).items():
        item = SalesCounter(f"{generation}#{counter}", part)
        transaction.update(f"{counter}:{part}", item, _additions(delta))
    try:
        transaction.commit()
    except TransactionRefused:
        return False
    return True


def _additions(delta: Delta) -> list[Action]:
    added: list[Action] = [
        SalesCounter.orders.add(delta.orders),
        SalesCounter.units.add(delta.units),
        SalesCounter.amount.add(delta.amount),
    ]
    if delta.title:
        added += [SalesCounter.product_amount.add(delta.amount), SalesCounter.title.set(delta.title)]
    return added


def rebuild(*, generation: str, orders: Iterable[Image]) -> int:
    """Make all counters anew from the orders, while the shop runs; gives how many orders were counted.

    The new generation is announced before the orders are read: whatever changes from then on is counted in both,
    and what changed before is in the orders. Then it is shown, and the former one is deleted.

    :param generation: an id that was never used, such as the time.
    :param orders: all orders, read consistently after this call has begun (so an iterator, not a list).
    """
    zone = ZoneInfo(settings.TIME_ZONE)
    _select(building=generation)
    number = 0
    for order in orders:
        count(generation, order["number"], order["version"], sales.contribution_of(order, zone=zone))
        number += 1
    former, _ = find_generations()
    _select(active=generation)
    logger.info("counters.rebuilt", generation=generation, former=former, orders=number)
    _delete_others(generation)
    return number


def _select(*, active: str | None = None, building: str | None = None) -> None:
    actions: list[Action] = [SalesCounter.building.set(building) if building else SalesCounter.building.remove()]
    if active:
        actions.append(SalesCounter.active.set(active))
    SalesCounter(*_SELECTOR).update(actions)


def _delete_others(kept: str) -> None:
    """Delete every other generation: the former one, and what is left of one whose making was broken off."""
    with SalesCounter.batch_write() as batch:
        for item in SalesCounter.scan():
            if item.counter != _SELECTOR[0] and item.counter.split("#")[0] != kept:
                batch.delete(item)
    with CountedOrder.batch_write() as marks:
        for mark in CountedOrder.scan(CountedOrder.generation != kept):
            marks.delete(mark)
