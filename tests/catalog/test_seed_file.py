import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog import services
from catalog.categories import save_categories
from catalog.listings import ALL, category_listing
from catalog.models import Card, Category, CategoryTree, Product, Stock, Variant
from cloudcart.dynamo import StoreModel

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_rows(*rows: str) -> Path:
        path = tmp_path / "products.yaml"
        path.write_text("".join(f"- {row}\n" for row in rows), encoding="utf-8")
        return path

    return write_rows


def _row(product_id: str, name: str = "Teapot", category: str = "kitchen", more: str = "") -> str:
    return f"{{id: {product_id}, name: {name}, category: {category}, price: 12.5, current_stock: 3{more}}}"


def _run(path: Path) -> str:
    stdout = io.StringIO()
    call_command("seed", file=path, stdout=stdout)
    return stdout.getvalue()


def _run_with_bad_rows(path: Path) -> tuple[str, list[str]]:
    stderr = io.StringIO()
    with pytest.raises(CommandError) as left_out:
        call_command("seed", file=path, stdout=io.StringIO(), stderr=stderr)
    assert left_out.value.returncode == 1
    return str(left_out.value), stderr.getvalue().splitlines()


def test_rows_become_products_with_a_price_a_stock_and_a_picture(write: Write) -> None:
    output = _run(write(_row("a1", more=", style: bowls, description: For tea.")))

    product = Product.get("a1")
    assert (product.slug, product.title, product.subtitle) == ("teapot", "Teapot", "Bowls")
    assert [(variant.sku, variant.unit_amount) for variant in product.variants] == [("a1", 1250)]
    assert product.images[0].alt == "A stand-in for a picture of Teapot"
    assert Stock.get("a1").available == 3
    assert "Products: 1 created, 0 updated, 0 unchanged." in output


def test_categories_are_made_of_the_words_in_the_rows(write: Write) -> None:
    _run(write(_row("a1", category="salty snacks"), _row("a2", "Cup", "Salty Snacks"), _row("a3", "Map", "books")))

    tree = CategoryTree.get(CategoryTree.MAIN)
    assert [(category.name, category.slug) for category in tree.categories] == [
        ("Books", "books"),
        ("Salty snacks", "salty-snacks"),
    ]
    assert all(category.image for category in tree.categories)
    assert [card.product_id for card in Card.query(category_listing("salty-snacks"))] == ["a1", "a2"]


def test_words_in_other_scripts_get_addresses_too(write: Write) -> None:
    _run(write(_row("a1", "急須", "台所")))

    product = Product.get("a1")
    assert product.title == "急須"
    assert product.slug.startswith("product-")
    assert [category.name for category in CategoryTree.get(CategoryTree.MAIN).categories] == ["台所"]


def test_a_category_that_exists_is_used_and_left_as_it_is(write: Write) -> None:
    mine = Category(category_id="k1", slug="kitchen", name="Kitchen & table", description="All of it.")
    save_categories(categories=[mine])

    _run(write(_row("a1")))

    assert Product.get("a1").category_id == "k1"
    assert [category.name for category in CategoryTree.get(CategoryTree.MAIN).categories] == ["Kitchen & table"]


def test_loading_a_list_twice_changes_nothing(write: Write) -> None:
    path = write(_row("a1"), _row("a2"), _row("a3", "Cup", "tableware", ", featured: true"))
    _run(path)
    before = {model: sorted(str(item.serialize()) for item in model.scan()) for model in StoreModel.registry}

    output = _run(path)

    assert {model: sorted(str(item.serialize()) for item in model.scan()) for model in before} == before
    assert "Nothing has changed" in output


def test_a_changed_row_changes_its_product_and_keeps_its_address(write: Write) -> None:
    _run(write(_row("a1"), _row("a2", "Cup")))

    output = _run(write(_row("a1", "Large teapot"), _row("a2", "Cup")))

    product = Product.get("a1")
    assert (product.title, product.slug) == ("Large teapot", "teapot")
    assert "Products: 0 created, 1 updated, 1 unchanged." in output


def test_products_of_one_name_get_addresses_of_their_own(write: Write) -> None:
    _run(write(_row("a1"), _row("a2"), _row("a3")))

    first, *others = (Product.get(product_id).slug for product_id in ("a1", "a2", "a3"))
    assert first == "teapot"
    assert all(slug.startswith("teapot-") for slug in others)
    assert len(set(others)) == 2


def test_a_name_that_the_shop_has_already_gets_an_address_of_its_own(write: Write) -> None:
    mine = Product("mine", slug="teapot", title="Teapot", currency="EUR", variants=[Variant(sku="T", unit_amount=900)])
    services.save_product(product=mine, now=NOW)

    _run(write(_row("a1")))

    assert Product.get("mine").slug == "teapot"
    assert Product.get("a1").slug.startswith("teapot-")


def test_bad_rows_are_reported_by_line_and_the_rest_is_in_the_shop(write: Write) -> None:
    path = write(
        _row("a1"),
        "{id: a2, category: kitchen, price: 4}",
        "text",
        _row("a1", "Twice"),
        _row("a3", "Cup"),
    )

    summary, lines = _run_with_bad_rows(path)

    assert lines == [
        "Line 2 was left out: the name is missing.",
        "Line 3 was left out: the row is not a mapping of fields, such as “name: Teapot”.",
        "Line 4 was left out: the id “a1” is used already in line 1.",
    ]
    assert summary == "3 rows were left out; the other 2 are in the shop."
    assert [card.product_id for card in Card.query(ALL)] == ["a1", "a3"]


def test_a_row_that_the_catalog_refuses_is_reported_by_its_line(write: Write) -> None:
    mine = Product("mine", slug="mine", title="Mine", currency="EUR", variants=[Variant(sku="a2", unit_amount=900)])
    services.save_product(product=mine, now=NOW)

    summary, lines = _run_with_bad_rows(write(_row("a1"), _row("a2", "Cup"), _row("a3", "Plate")))

    assert lines == [
        "Line 2 was left out: The SKU “a2” belongs to another product. Please choose another.",
    ]
    assert summary == "1 row was left out; the other 2 are in the shop."
    assert [card.product_id for card in Card.query(ALL)] == ["a1", "a3"]


def test_a_file_that_cannot_be_read_is_told_in_a_sentence_and_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"There is no file .*nowhere\.yaml\.") as refused:
        call_command("seed", file=tmp_path / "nowhere.yaml")

    assert refused.value.returncode == 1
    assert list(Product.scan()) == []


def test_a_hundred_rows_and_more_are_stored(write: Write) -> None:
    output = _run(write(*(_row(f"a{number}", f"Teapot {number}") for number in range(230))))

    assert "Products: 230 created" in output
    assert len(list(Card.query(ALL))) == 230
