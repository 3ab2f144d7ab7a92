import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalog import services, stock, verification
from catalog.ledger import Reason, StockEntry, StockMovement
from catalog.models import Stock
from catalog.services import StockTooLow, UnknownSku
from cloudcart import streams
from cloudcart.transactions import Transaction, TransactionRefused
from tests.factories import LONG_AGO, make_product
from tests.stream import follow

OPERATIONS = 1000


def lines_of(entry: StockEntry) -> dict[str, tuple[int, int]]:
    return {line.sku: (line.available, line.reserved) for line in entry.lines}


def entries(reason: Reason) -> list[StockEntry]:
    return [entry for entry in StockEntry.scan() if entry.reason == reason]


def levels(sku: str) -> tuple[int, int]:
    item = Stock.get(sku)
    return item.available, item.reserved


def sell(transaction: Transaction, **order: Any) -> None:
    stock.move_for_order(transaction, reason=Reason.SOLD, reserved=-1, **order)


def release(transaction: Transaction, **order: Any) -> None:
    stock.move_for_order(transaction, reason=Reason.RELEASED, available=1, reserved=-1, **order)


def restock(transaction: Transaction, **order: Any) -> None:
    stock.restock(transaction, part="refund-1", **order)


def commit(act: Callable[..., None], **arguments: object) -> None:
    transaction = Transaction()
    act(transaction, now=LONG_AGO, **arguments)
    transaction.commit()


def test_a_new_product_opens_the_ledger_with_its_first_stock() -> None:
    make_product(sku="POT", options={"Size": ["Small", "Large", "Huge"]}, stock={"POT-Small": 3, "POT-Large": 9})
    [entry] = entries(Reason.OPENED)
    assert lines_of(entry) == {"POT-Small": (3, 0), "POT-Large": (9, 0)}
    assert (entry.at, entry.order_number or "", entry.actor) == (LONG_AGO, "", "")


def test_saving_a_product_without_new_variants_writes_no_entry() -> None:
    product = make_product(sku="POT", stock=3)
    services.save_product(product=product, now=LONG_AGO + timedelta(days=1))
    assert len(list(StockEntry.scan())) == 1


def test_what_a_removed_variant_still_had_leaves_the_ledger() -> None:
    product = make_product(sku="POT", options={"Size": ["Small", "Large"]}, stock=4)
    services.set_stock(sku="POT-Large", available=7, now=LONG_AGO)
    product.variants = product.variants[:1]
    services.save_product(product=product, now=LONG_AGO + timedelta(days=1))
    [entry] = entries(Reason.CLOSED)
    assert lines_of(entry) == {"POT-Large": (-7, 0)}
    assert verification.verify_stock().differences == ()


def test_an_order_reserves_then_sells_and_takes_back_each_once() -> None:
    make_product(sku="POT", stock=10)
    order = {"quantities": {"POT": 3}, "order_number": "CC-1"}
    commit(stock.reserve, **order)
    assert levels("POT") == (7, 3)
    commit(sell, **order)
    assert levels("POT") == (7, 0)
    commit(restock, **order)
    assert levels("POT") == (10, 0)
    with pytest.raises(TransactionRefused) as refused:
        commit(restock, **order)
    assert refused.value.find("ledger:order:CC-1:restocked:refund-1")
    assert levels("POT") == (10, 0)
    [back] = entries(Reason.RESTOCKED)
    assert (back.order_number, lines_of(back)) == ("CC-1", {"POT": (3, 0)})


def test_an_order_that_is_called_off_gives_back_what_it_had() -> None:
    make_product(sku="POT", stock=10)
    order = {"quantities": {"POT": 3}, "order_number": "CC-1"}
    commit(stock.reserve, **order)
    commit(release, **order)
    assert levels("POT") == (10, 0)
    with pytest.raises(TransactionRefused):
        commit(release, **order)
    assert levels("POT") == (10, 0)


def test_nobody_sells_or_gives_back_more_than_is_reserved() -> None:
    make_product(sku="POT", stock=10)
    commit(stock.reserve, quantities={"POT": 1}, order_number="CC-1")
    for act in (sell, release):
        with pytest.raises(TransactionRefused) as refused:
            commit(act, quantities={"POT": 2}, order_number="CC-1")
        assert refused.value.find("stock:POT")
    assert levels("POT") == (9, 1)


def test_what_is_not_sold_any_more_is_not_taken_back() -> None:
    with pytest.raises(TransactionRefused):
        commit(restock, quantities={"GONE": 1}, order_number="CC-1")
    assert list(Stock.scan()) == []
    assert list(StockEntry.scan()) == []


def test_an_adjustment_says_why_and_by_whom() -> None:
    make_product(sku="POT", stock=10)
    services.adjust_stock(
        sku="POT", change=-4, reason=Reason.DAMAGED, note="Shelf fell", actor="ann@example.com", now=LONG_AGO
    )
    assert levels("POT") == (6, 0)
    [entry] = entries(Reason.DAMAGED)
    assert lines_of(entry) == {"POT": (-4, 0)}
    assert (entry.note, entry.actor) == ("Shelf fell", "ann@example.com")


def test_more_than_there_is_cannot_be_taken_away() -> None:
    make_product(sku="POT", stock=1)
    with pytest.raises(StockTooLow, match="2 cannot be taken from POT: only 1 unit is available") as caught:
        services.adjust_stock(sku="POT", change=-2, reason=Reason.LOST, now=LONG_AGO)
    assert caught.value.extra == {"sku": "POT", "available": 1, "wanted": 2}
    assert levels("POT") == (1, 0)
    with pytest.raises(UnknownSku):
        services.adjust_stock(sku="NO-SUCH", change=2, reason=Reason.RECEIVED, now=LONG_AGO)


def test_counting_notes_the_difference_and_nothing_if_there_is_none() -> None:
    make_product(sku="POT", stock=10)
    services.set_stock(sku="POT", available=7, now=LONG_AGO, note="Inventory", actor="ann@example.com")
    services.set_stock(sku="POT", available=7, now=LONG_AGO)
    [entry] = entries(Reason.COUNTED)
    assert lines_of(entry) == {"POT": (-3, 0)}


def test_an_entry_is_filed_under_each_of_its_skus_once_however_often_it_comes() -> None:
    make_product(sku="POT", stock=10)
    make_product(sku="MUG", stock=10)
    changes = follow("stock-ledger")
    commit(stock.reserve, quantities={"POT": 3, "MUG": 1}, order_number="CC-1")
    records = changes()
    assert streams.dispatch(records + records) == []
    found = {(item.sku, item.available, item.reserved, item.order_number) for item in StockMovement.scan()}
    assert found == {("POT", -3, 3, "CC-1"), ("MUG", -1, 1, "CC-1")}
    assert len(list(StockMovement.scan())) == 2


def test_a_thousand_random_changes_leave_the_levels_the_sum_of_the_ledger() -> None:
    rng = random.Random(20261126)
    skus = [make_product(sku=sku, stock=20).variants[0].sku for sku in ("A", "B", "C", "D")]
    orders: dict[str, dict[str, int]] = {}
    outcomes = Counter[tuple[str, str]]()

    def place(number: str) -> None:
        quantities = {sku: rng.randint(1, 3) for sku in rng.sample(skus, rng.randint(1, 3))}
        commit(stock.reserve, quantities=quantities, order_number=number)
        orders[number] = quantities

    def settle(act: Callable[..., None]) -> None:
        # Now and then an order that was settled before: it must not count twice.
        number = rng.choice(list(orders))
        commit(act, quantities=orders[number], order_number=number)

    for index in range(OPERATIONS):
        kind = rng.choice([*("place", "sell", "release", "restock", "adjust") * 3, "set"])
        try:
            if kind == "place" or not orders:
                place(f"CC-{index}")
            elif kind in {"sell", "release", "restock"}:
                settle({"sell": sell, "release": release, "restock": restock}[kind])
            elif kind == "adjust":
                posting = Transaction()
                change = stock.Posting(posting, reason=Reason.RECEIVED, now=LONG_AGO)
                change.move(rng.choice(skus), available=rng.choice([-5, -1, 2, 8]))
                change.write()
                posting.commit()
            else:
                services.set_stock(sku=rng.choice(skus), available=rng.randint(0, 30), now=LONG_AGO)
            outcomes[kind, "done"] += 1
        except TransactionRefused:
            outcomes[kind, "refused"] += 1
    found = verification.verify_stock()
    assert (found.differences, found.unsettled, found.skus) == ((), (), 4)
    assert {kind for kind, how in outcomes if how == "done"} >= {"place", "sell", "release", "restock", "adjust", "set"}
    assert {kind for kind, how in outcomes if how == "refused"} >= {"sell", "release", "restock"}
    assert all(item.available >= 0 and item.reserved >= 0 for item in Stock.scan())


def test_the_command_says_that_all_is_well() -> None:
    make_product(sku="POT", stock=10)
    out = StringIO()
    call_command("verify_stock", stdout=out)
    assert out.getvalue() == "All 1 SKUs agree with the 1 entries of the ledger.\n"


def test_the_command_says_which_levels_differ_and_ends_with_an_error() -> None:
    make_product(sku="POT", stock=10)
    make_product(sku="MUG", stock=10)
    Stock("POT").update([Stock.available.add(-1), Stock.reserved.set(4)])
    out = StringIO()
    with pytest.raises(CommandError, match="1 of 2 SKUs differs from the ledger") as caught:
        call_command("verify_stock", stdout=out)
    assert caught.value.returncode == 1
    assert out.getvalue() == ("POT: 9 available, but the ledger says 10; 4 reserved, but the ledger says 0.\n")


def test_a_ledger_that_fell_behind_is_corrected_with_a_note() -> None:
    Stock("OLD", product_id="p1", available=12, reserved=2).save()
    out = StringIO()
    call_command("verify_stock", correct="From before the ledger", stdout=out)
    assert "The ledger was corrected for 1 SKU." in out.getvalue()
    [entry] = entries(Reason.CORRECTED)
    assert (lines_of(entry), entry.note) == ({"OLD": (12, 2)}, "From before the ledger")
    assert levels("OLD") == (12, 2)
    assert verification.verify_stock().differences == ()
