import io
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import boto3
import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from catalog import services
from catalog.categories import save_categories
from catalog.collections import rename_collection, save_collection
from catalog.demo.store import read_demo_store
from catalog.listings import ALL, HOME
from catalog.models import Availability, Card, Category, CategoryTree, Collection, Product, Status, Stock, Variant
from catalog.seeding import Outcome, StoreContent, Tally, is_interrupted, seed
from cloudcart.dynamo import StoreModel

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)

Snapshot = dict[str, list[str]]


def _ignore_progress(step: str, done: int, total: int | None) -> None:
    """For a test that looks only at what is stored."""


def _seed(content: StoreContent, *, now: datetime = NOW) -> Tally:
    return seed(content, now=now, progress=_ignore_progress)


def _run(**options: object) -> str:
    stdout = io.StringIO()
    call_command("seed", stdout=stdout, **options)
    return stdout.getvalue()


def _snapshot() -> Snapshot:
    return {model.__name__: sorted(str(item.serialize()) for item in model.scan()) for model in StoreModel.registry}


@pytest.fixture
def small_store() -> StoreContent:
    """The demo store with five of its products and their pictures."""
    store = read_demo_store()
    offers = store.offers[:5]
    keys = {image.key for offer in offers for image in offer.product.images}
    return replace(store, offers=offers, pictures={key: store.pictures[key] for key in sorted(keys)})


def test_the_demo_store_is_seeded_whole() -> None:
    output = _run()

    products = list(Product.scan())
    assert len(products) == len(list(Card.query(ALL))) == len(read_demo_store().offers)
    assert {product.status for product in products} == {Status.ACTIVE}
    assert len(CategoryTree.get(CategoryTree.MAIN).categories) == 32
    assert len(list(Collection.scan())) == 3
    assert "Products: 79 created, 0 updated, 0 unchanged." in output


def test_every_size_of_every_picture_is_in_the_bucket_as_webp(small_store: StoreContent) -> None:
    _seed(small_store)

    names = [f"{key}/{width}.webp" for key in small_store.pictures for width in (320, 560, 800)]
    assert len(names) >= 15
    for name in names:
        with default_storage.open(name) as file:
            assert file.read(12)[8:] == b"WEBP"
    head = boto3.client("s3").head_object(Bucket=settings.MEDIA_BUCKET, Key=names[0])
    assert (head["ContentType"], head["CacheControl"]) == ("image/webp", "public, max-age=31536000, immutable")


def test_a_picture_whose_upload_was_cut_off_is_taken_again(small_store: StoreContent) -> None:
    _seed(small_store)
    largest = f"{next(iter(small_store.pictures))}/800.webp"
    default_storage.delete(largest)

    tally = _seed(read_small(small_store))

    assert default_storage.exists(largest)
    assert tally.count("pictures", Outcome.CREATED) == 1


def test_one_product_is_sold_out_and_the_featured_ones_lead_the_home_page() -> None:
    _run()

    cards = list(Card.by_newest.query(HOME, scan_index_forward=False, limit=9))
    assert [card.is_featured for card in cards] == [True] * 8 + [False]
    assert cards[0].title == "Round-belly teapot"
    levels = [card.availability for card in Card.query(ALL)]
    assert (levels.count(Availability.SOLD_OUT), levels.count(Availability.LOW)) == (1, 1)


def test_seeding_twice_changes_nothing_and_says_so() -> None:
    _run()
    before = _snapshot()

    output = _run()

    assert _snapshot() == before
    assert "Nothing has changed" in output
    assert "Products: 0 created, 0 updated, 79 unchanged." in output


def test_what_a_product_should_say_is_brought_back(small_store: StoreContent) -> None:
    _seed(small_store)
    product = Product.get("demo-round-belly-teapot")
    product.title = "Something else"
    services.save_product(product=product, now=NOW)

    tally = _seed(read_small(small_store))

    assert Product.get("demo-round-belly-teapot").title == "Round-belly teapot"
    assert (tally.count("products", Outcome.UPDATED), tally.count("products", Outcome.UNCHANGED)) == (1, 4)


def test_stock_is_given_once_and_then_belongs_to_the_orders(small_store: StoreContent) -> None:
    _seed(small_store)
    services.set_stock(sku="TEAPOT-RASPBERRY", available=3, now=NOW)

    tally = _seed(read_small(small_store))

    assert Stock.get("TEAPOT-RASPBERRY").available == 3
    assert not tally.has_changed_anything


def test_an_address_that_a_merchant_changed_stays(small_store: StoreContent) -> None:
    _seed(small_store)
    product = Product.get("demo-round-belly-teapot")
    product.slug = "the-teapot"
    services.save_product(product=product, now=NOW)
    collection = Collection.get("rainy-sunday")
    rename_collection(collection=collection, slug="wet-sunday")

    tally = _seed(read_small(small_store))

    assert Product.get("demo-round-belly-teapot").slug == "the-teapot"
    assert Collection.get("rainy-sunday").moved_to == "wet-sunday"
    assert not tally.has_changed_anything


def test_categories_and_collections_are_brought_up_to_date(small_store: StoreContent) -> None:
    _seed(small_store)
    kitchen = CategoryTree.get(CategoryTree.MAIN).categories[0]
    kitchen.name = "Scullery"
    save_categories(categories=[kitchen])
    collection = Collection.get("rainy-sunday")
    collection.description = "Rain."
    save_collection(collection=collection)

    tally = _seed(read_small(small_store))

    assert CategoryTree.get(CategoryTree.MAIN).categories[0].name == "Kitchen & table"
    assert Collection.get("rainy-sunday").description.startswith("Tea, a candle")
    assert tally.count("categories", Outcome.UPDATED) == tally.count("collections", Outcome.UPDATED) == 1


def test_a_category_that_has_the_address_already_takes_the_products(small_store: StoreContent) -> None:
    save_categories(categories=[Category(category_id="mine", slug="tea-and-coffee", name="My teas")])

    _seed(small_store)

    tree = CategoryTree.get(CategoryTree.MAIN)
    assert Product.get("demo-round-belly-teapot").category_id == "mine"
    assert [category.name for category in tree.categories if category.slug == "tea-and-coffee"] == ["My teas"]


@pytest.mark.parametrize("step", ["Pictures", "Products"])
def test_an_interrupted_seed_is_continued_to_the_same_end(small_store: StoreContent, step: str) -> None:
    def stop(current: str, done: int, total: int | None) -> None:
        if current == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        seed(read_small(small_store), now=NOW, progress=stop)
    _seed(read_small(small_store))
    continued = _snapshot()

    assert not is_interrupted(small_store)
    assert not _seed(read_small(small_store)).has_changed_anything
    assert _snapshot() == continued
    assert len(continued["Product"]) == 5
    assert len(continued["Collection"]) == 3


def test_a_half_seeded_shop_does_not_count_as_filled(small_store: StoreContent) -> None:
    _seed(replace(small_store, collections=[]))

    output = _run(if_empty=True)

    assert "Products: 74 created, 0 updated, 5 unchanged." in output


def test_a_shop_with_products_of_its_own_is_left_alone_if_asked() -> None:
    mug = Product("mug", slug="mug", title="Mug", currency="EUR", variants=[Variant(sku="MUG", unit_amount=900)])
    services.save_product(product=mug, now=NOW)
    before = _snapshot()

    output = _run(if_empty=True)

    assert _snapshot() == before
    assert output == "The shop has products already; nothing was changed.\n"


def test_an_empty_shop_is_filled_if_asked() -> None:
    assert "79 created" in _run(if_empty=True)


def test_away_from_a_terminal_progress_is_plain_lines() -> None:
    lines = _run().splitlines()

    assert "Products: 79 of 79" in lines
    assert "\x1b" not in "".join(lines)
    assert len(lines) < 20


def test_on_a_terminal_there_is_a_bar(terminal: Callable[[], io.StringIO], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("seed", stdout=terminal())

    assert "Pictures" in capsys.readouterr().out


@pytest.fixture
def terminal() -> Callable[[], io.StringIO]:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    return Terminal


def test_stopping_by_the_keyboard_ends_with_its_own_code() -> None:
    class Impatient(io.StringIO):
        def write(self, text: str) -> int:
            raise KeyboardInterrupt

    with pytest.raises(CommandError, match="Running it again continues") as stopped:
        call_command("seed", stdout=Impatient())
    assert stopped.value.returncode == 130


def test_a_storage_that_does_not_answer_is_told_in_a_sentence() -> None:
    environment = os.environ | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}
    finished = subprocess.run(
        [sys.executable, "manage.py", "seed"], env=environment, capture_output=True, text=True, timeout=60, check=False
    )

    assert finished.returncode == 1
    assert finished.stderr.startswith("CommandError: The shop's storage did not answer as it should")
    assert "Traceback" not in finished.stderr


def read_small(small_store: StoreContent) -> StoreContent:
    """The same content read anew: what was seeded carries the versions of what is stored."""
    store = read_demo_store()
    return replace(store, offers=store.offers[: len(small_store.offers)], pictures=small_store.pictures)
