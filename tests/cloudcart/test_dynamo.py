from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import CategoryTree, Slug, Stock
from cloudcart import money
from cloudcart.dynamo import IntegerAttribute, batch_get, count_calls
from cloudcart.transactions import ACTION_LIMIT, Transaction, TransactionRefused


def test_one_request_reads_several_tables() -> None:
    Stock("mug", product_id="p1", available=3).save()
    CategoryTree(CategoryTree.MAIN).save()
    with count_calls() as log:
        got = batch_get({Stock: ["mug", "mug", "unknown"], CategoryTree: [CategoryTree.MAIN]})
    assert log.count == 1
    assert list(got.all_of(Stock)) == ["mug"]
    assert got.find(Stock, "unknown") is None
    tree = got.find(CategoryTree, CategoryTree.MAIN)
    assert tree is not None
    assert tree.categories == []


def test_more_than_a_hundred_keys_take_a_second_request() -> None:
    with Stock.batch_write() as batch:
        for number in range(130):
            batch.save(Stock(f"sku-{number}", product_id="p", available=number))
    with count_calls() as log:
        got = batch_get({Stock: [f"sku-{number}" for number in range(130)]})
    assert log.count == 2
    assert len(got.all_of(Stock)) == 130


def test_reading_nothing_asks_nothing() -> None:
    with count_calls() as log:
        got = batch_get({Stock: []})
    assert log.count == 0
    assert got.all_of(Stock) == {}


def test_calls_in_an_inner_block_count_in_the_outer_one_too() -> None:
    with count_calls() as outer:
        with count_calls() as inner:
            Stock.count("mug")
        Stock.count("mug")
    assert (inner.count, outer.count) == (1, 2)


@pytest.mark.parametrize("value", [1.0, "1", True, Decimal(1)])
def test_money_is_never_anything_but_a_whole_number(value: object) -> None:
    with pytest.raises(TypeError, match="whole number"):
        IntegerAttribute().serialize(value)


def test_collisions_are_tried_again_until_every_writer_is_through() -> None:
    Stock("mug", product_id="p1", available=100).save()

    def take_one(number: int) -> None:
        transaction = Transaction()
        transaction.save("guard", Slug(f"order-{number}", target_id="mug"), Slug.slug.does_not_exist())
        transaction.update("stock", Stock("mug"), [Stock.available.add(-1)], Stock.available >= 1)
        transaction.commit()

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(take_one, range(60)))
    assert Stock.get("mug").available == 40
    assert len(list(Slug.scan())) == 60


def test_a_repeated_token_writes_once() -> None:
    Stock("mug", product_id="p1", available=10).save()
    for _ in range(2):
        transaction = Transaction(token="3b0f2c1e-one-attempt")
        transaction.update("stock", Stock("mug"), [Stock.available.add(-1)], Stock.available >= 1)
        transaction.commit()
    assert Stock.get("mug").available == 9


def test_failures_are_named_whatever_the_order_of_the_calls() -> None:
    Stock("a", product_id="p", available=0).save()
    Slug("taken", target_id="p").save()
    transaction = Transaction()
    transaction.update("take-a", Stock("a"), [Stock.available.add(-1)], Stock.available >= 1)
    transaction.save("free-slug", Slug("free", target_id="p"), Slug.slug.does_not_exist())
    transaction.delete("drop-b", Stock("b"), Stock.sku.exists())
    transaction.check("slug-is-mine", Slug, "taken", Slug.target_id == "another")
    with pytest.raises(TransactionRefused) as caught:
        transaction.commit()
    assert {refusal.name for refusal in caught.value.refusals} == {"take-a", "drop-b", "slug-is-mine"}
    assert caught.value.find("free-slug") is None
    assert [refusal.name for refusal in caught.value.starting_with("drop-")] == ["drop-b"]
    assert Slug.count("free") == 0


def test_too_many_actions_are_refused_before_anything_is_sent() -> None:
    transaction = Transaction()
    for number in range(ACTION_LIMIT + 1):
        transaction.save(f"slug-{number}", Slug(f"slug-{number}", target_id="p"))
    with count_calls() as log, pytest.raises(ValueError, match="100 actions"):
        transaction.commit()
    assert log.count == 0


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [(3600, "EUR", "€36.00"), (3600, "JPY", "JP¥3,600"), (-5, "EUR", "-€0.05"), (0, "EUR", "€0.00")],
)
def test_amounts_are_written_with_their_currency(amount: int, currency: str, text: str) -> None:
    assert money.format_amount(amount, currency) == text


@given(st.integers(-(10**12), 10**12), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_minor_units_survive_the_way_to_major_and_back(amount: int, currency: str) -> None:
    assert money.to_minor(money.to_major(amount, currency), currency) == amount


def test_a_fraction_of_a_cent_is_refused() -> None:
    with pytest.raises(ValueError, match="more decimal places than EUR"):
        money.to_minor(Decimal("1.005"), "EUR")
