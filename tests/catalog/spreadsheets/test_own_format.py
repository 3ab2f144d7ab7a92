from datetime import timedelta

import pytest

from catalog import services
from catalog.ledger import Reason, StockEntry
from catalog.models import Card, CategoryTree, Product, Stock
from catalog.spreadsheets.applying import apply_page
from catalog.spreadsheets.identity import identify
from catalog.spreadsheets.planning import plan_page, read_world
from tests.catalog.spreadsheets.files import NOW, Rows, bring_in, changes, dry_run, outcomes, problems, read, write
from tests.factories import LONG_AGO, make_category_tree, make_collection, make_product

MUG = {
    "slug": "mug",
    "title": "Mug",
    "status": "active",
    "category": "Kitchen > Mugs",
    "sku": "MUG",
    "price": "12.50",
    "stock": "5",
    "facts": "Material: Stoneware\nVolume: 30 cl",
    "currency": "EUR",
}


def test_a_new_product_is_created_with_its_category_and_stock() -> None:
    entries = bring_in(write([MUG]))

    product = Product.get(entries[0].product_id)
    assert (product.slug, product.is_active, product.variants[0].unit_amount) == ("mug", True, 1250)
    assert [(fact.name, fact.value) for fact in product.facts] == [("Material", "Stoneware"), ("Volume", "30 cl")]
    assert Stock.get("MUG").available == 5
    assert Card.get("all", product.product_id).availability == "low"
    assert [category.slug for category in CategoryTree.get("main").categories] == ["kitchen", "mugs"]
    assert outcomes(dry_run(write([MUG]))) == [("Mug", "skipped")]


def test_a_list_of_prices_needs_only_skus() -> None:
    shirt = make_product(title="Shirt", sku="S", options={"Size": ["S", "L"]}, price=3000)
    mug = make_product(title="Mug", sku="MUG", price=1000, subtitle="Kept")
    file = write([{"sku": "S-S", "price": 35}, {"sku": "MUG", "price": 11}, {"sku": "S-L", "price": 36}])

    entries = bring_in(file)

    assert outcomes(entries) == [("Shirt", "changed"), ("Mug", "changed")]
    assert [variant.unit_amount for variant in Product.get(shirt.product_id).variants] == [3500, 3600]
    assert Product.get(mug.product_id).subtitle == "Kept"
    assert outcomes(dry_run(file)) == [("Shirt", "skipped"), ("Mug", "skipped")]


def test_an_empty_cell_clears_a_field_and_an_absent_column_leaves_it() -> None:
    product = make_product(slug="mug", sku="MUG", subtitle="Old", compare_at=9900, seo_title="Kept")

    bring_in(write([{"slug": "mug", "subtitle": "", "sku": "MUG", "price": "", "compare_at_price": ""}]))

    stored = Product.get(product.product_id)
    assert (stored.subtitle, stored.seo_title) == ("", "Kept")
    assert stored.variants[0].unit_amount == 3600
    assert stored.variants[0].compare_at_amount is None


def test_changes_are_told_field_by_field() -> None:
    make_category_tree({"kitchen": {}})
    make_product(slug="mug", title="Old mug", sku="MUG", price=1000, stock=2, status="draft")

    entries = dry_run(write([{**MUG, "category": "kitchen"}]))

    assert changes(entries) == [
        ("Title", "Old mug", "Mug"),
        ("Facts", "", "Material: Stoneware\nVolume: 30 cl"),
        ("Status", "draft", "active"),
        ("Category", "", "Kitchen"),
        ("Price of MUG", "€10.00", "€12.50"),
        ("Stock of MUG", "2", "5"),
    ]


def test_stock_is_left_alone_if_the_merchant_says_so() -> None:
    make_product(slug="mug", sku="MUG", price=1000, stock=2)

    entries = bring_in(write([{"slug": "mug", "sku": "MUG", "price": "11", "stock": "50"}]), takes_stock=False)

    assert changes(entries) == [("Price of MUG", "€10.00", "€11.00")]
    assert Stock.get("MUG").available == 2


def test_stock_alone_is_set_and_the_cards_say_so() -> None:
    product = make_product(slug="mug", sku="MUG", stock=0)
    assert Card.get("all", product.product_id).is_sold_out

    assert outcomes(bring_in(write([{"sku": "MUG", "stock": 40}]))) == [(product.title, "changed")]

    assert Stock.get("MUG").available == 40
    assert Card.get("all", product.product_id).availability == "in_stock"
    assert Product.get(product.product_id).version == product.version
    entries = [entry for entry in StockEntry.scan() if entry.reason == Reason.IMPORTED]
    assert [[(line.sku, line.available) for line in entry.lines] for entry in entries] == [[("MUG", 40)]]


def test_a_variant_is_added_and_none_is_taken_away() -> None:
    product = make_product(slug="shirt", sku="S", options={"Size": ["S", "L"]})
    row = {"slug": "shirt", "sku": "S-M", "option1_name": "size", "option1_value": "M", "price": "36"}

    bring_in(write([row]))

    stored = Product.get(product.product_id)
    assert [variant.sku for variant in stored.variants] == ["S-S", "S-L", "S-M"]
    assert list(stored.options[0].values) == ["S", "L", "M"]


def test_more_variants_than_can_be_saved_at_once_are_told_and_come_with_two_files() -> None:
    rows = [
        {**MUG, "category": "", "sku": f"M-{at}", "option1_name": "Size", "option1_value": f"{at}"} for at in range(100)
    ]

    assert [(row, column) for row, column, _ in problems(dry_run(write(rows)))] == [(2, "sku")]
    assert outcomes(bring_in(write(rows[:85]))) == [("Mug", "created")]
    assert outcomes(bring_in(write(rows))) == [("Mug", "changed")]
    assert outcomes(dry_run(write(rows))) == [("Mug", "skipped")]


def test_a_product_is_renamed_by_its_id() -> None:
    product = make_product(slug="mug", sku="MUG")

    bring_in(write([{"id": product.product_id, "slug": "cup", "title": "Cup"}]))

    assert Product.get(product.product_id).slug == "cup"


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ({"sku": "NOBODYS", "price": 1}, "sku", "No product has the SKU “NOBODYS”"),
        ({"slug": "new", "title": "New", "sku": "TAKEN", "price": 1}, "sku", "belongs to another product"),
        ({"id": "other", "slug": "taken", "title": "New"}, "slug", "belongs to another product"),
        ({"slug": "taken", "sku": "OTHER", "option1_value": "", "price": 1}, "sku", "Write TAKEN into the file"),
        ({"slug": "New thing", "title": "New"}, "slug", "small letters"),
        ({"slug": "new", "title": "New", "sku": "a b", "price": 1}, "sku", "is not a SKU"),
        ({"slug": "new", "title": "", "sku": "N", "price": 1}, "title", "needs a title"),
        ({"slug": "new", "title": "New", "sku": "N", "price": ""}, "price", "needs a price"),
        ({"slug": "new", "title": "New", "sku": "N", "price": "-1"}, "price", "below zero"),
        ({"slug": "new", "title": "New", "sku": "N", "price": 1, "stock": -1}, "stock", "below zero"),
        ({"slug": "new", "title": "New", "sku": "N", "price": 1, "stock": "1.5"}, "stock", "whole number"),
        ({"slug": "new", "title": "New", "sku": "N", "price": 5, "compare_at_price": 4}, "compare_at_price", "higher"),
        ({"slug": "new", "title": "New", "sku": "N", "price": 1, "currency": "USD"}, "currency", "sells in EUR"),
        ({"slug": "new", "title": "New", "status": "sold"}, "status", "is not a status"),
        ({"slug": "new", "title": "New", "collections": "gifts, gone"}, "collections", "“gone”"),
        ({"slug": "new", "title": "New", "facts": "Stoneware"}, "facts", "“Material: Stoneware”"),
        ({"slug": "new", "title": "New", "featured_rank": "first"}, "featured_rank", "is not a rank"),
        ({"slug": "new", "title": "New", "sku": "N", "price": 1, "option1_value": "S"}, "option1_name", "no option"),
        ({"slug": "new", "title": "x" * 201}, "title", "longer than 200"),
    ],
)
def test_a_mistake_is_told_by_column_with_what_to_do(row: dict[str, object], column: str, words: str) -> None:
    make_collection("gifts")
    make_product(slug="taken", title="Taken", sku="TAKEN")

    entries = dry_run(write([row]))

    assert [entry.outcome for entry in entries] == ["failed"]
    assert [(row, name, words in sentence) for row, name, sentence in problems(entries)] == [(2, column, True)]


def test_what_is_in_the_file_twice_says_where_it_was_first() -> None:
    other = make_product(slug="other", sku="O")
    rows = [
        MUG,
        {**MUG, "slug": "cup", "title": "Cup"},
        {"id": other.product_id, "slug": "", "title": "Other"},
        {"slug": "other", "title": "Other again"},
    ]

    assert [(row, words) for row, _, words in problems(dry_run(write(rows)))] == [
        (3, "The SKU “MUG” is used already in row 2."),
        (5, "Row 4 is of the same product (“Other”). Put the rows of a product together."),
    ]


def test_rows_of_one_product_must_not_contradict_each_other() -> None:
    rows = [{"slug": "mug", "title": "Mug", "sku": "A"}, {"slug": "mug", "title": "Cup", "sku": "B"}]

    assert [(issue.row, issue.column) for issue in read(write(rows)).drafts[0].issues] == [(3, "title")]


def test_a_product_that_was_changed_since_the_dry_run_is_reported_and_not_overwritten() -> None:
    mine, other = make_product(slug="mug", title="Mug", sku="MUG"), make_product(slug="cup", title="Cup", sku="CUP")
    rows = [{"slug": "mug", "title": "Mug by file"}, {"slug": "cup", "title": "Cup by file"}]
    drafts = identify(read(write(rows)))
    planned = [plan.entry for plan in plan_page(drafts, read_world(drafts), takes_stock=True, now=NOW)]
    mine.title = "Mug by hand"
    services.save_product(product=mine, now=LONG_AGO + timedelta(days=1))

    results = apply_page(drafts, planned, takes_stock=True, now=NOW)

    assert [result.outcome for result in results] == ["failed", "changed"]
    assert "changed in the shop since the dry run" in problems(results)[0][2]
    assert Product.get(mine.product_id).title == "Mug by hand"
    assert Product.get(other.product_id).title == "Cup by file"


def test_stock_that_was_sold_from_since_the_dry_run_is_reported_and_not_overwritten() -> None:
    make_product(slug="mug", sku="MUG", stock=9)
    drafts = identify(read(write([{"slug": "mug", "sku": "MUG", "stock": 20}])))
    planned = [plan.entry for plan in plan_page(drafts, read_world(drafts), takes_stock=True, now=NOW)]
    services.set_stock(sku="MUG", available=8, now=NOW)

    results = apply_page(drafts, planned, takes_stock=True, now=NOW)

    assert [sentence for _, _, sentence in problems(results)] == [
        "The stock of MUG has changed since the dry run, and is left as it is now."
    ]
    assert Stock.get("MUG").available == 8


def test_a_page_that_was_interrupted_is_finished_by_doing_it_again() -> None:
    product = make_product(slug="mug", title="Old", sku="MUG", stock=0)
    rows: Rows = [
        {"slug": "mug", "title": "Mug", "sku": "MUG", "stock": 3},
        {**MUG, "slug": "cup", "sku": "CUP", "category": ""},
    ]
    drafts = identify(read(write(rows)))
    planned = [plan.entry for plan in plan_page(drafts, read_world(drafts), takes_stock=True, now=NOW)]

    first = apply_page(drafts, planned, takes_stock=True, now=NOW)
    version = Product.get(product.product_id).version
    again = apply_page(drafts, planned, takes_stock=True, now=NOW)

    assert [entry.as_json() for entry in again] == [entry.as_json() for entry in first]
    assert [entry.outcome for entry in again] == ["changed", "created"]
    assert Product.get(product.product_id).version == version
