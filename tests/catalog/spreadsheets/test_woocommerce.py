import pytest

from catalog.models import CategoryTree, Product, Stock
from tests.catalog.spreadsheets.files import bring_in, changes, dry_run, outcomes, problems, read, write
from tests.factories import make_product

MUG = {
    "ID": "11",
    "Type": "simple",
    "SKU": "MUG-1",
    "Name": "Stoneware mug",
    "Published": "1",
    "Is featured?": "0",
    "Visibility in catalog": "visible",
    "Short description": "Holds 30 cl",
    "Description": "Thrown by hand.\\n\\n<strong>Dishwasher</strong> safe.",
    "In stock?": "1",
    "Stock": "12",
    "Weight (kg)": "0.4",
    "Sale price": "14,90",
    "Regular price": "18,90",
    "Categories": "Kitchen > Mugs, Kitchen, Gifts",
    "Images": "https://pictures.example/mug.jpg, https://pictures.example/mug,side.jpg",
    "Attribute 1 name": "Material",
    "Attribute 1 value(s)": "Stoneware, Glaze",
}
SHIRT = {
    "ID": "20",
    "Type": "variable",
    "SKU": "SHIRT",
    "Name": "Shirt",
    "Published": "1",
    "Attribute 1 name": "Size",
    "Attribute 1 value(s)": "S, M",
    "Attribute 2 name": "Fabric",
    "Attribute 2 value(s)": "Linen",
}
SMALL = {
    "ID": "21",
    "Type": "variation",
    "SKU": "SHIRT-S",
    "Published": "1",
    "Parent": "SHIRT",
    "Regular price": "40",
    "Stock": "3",
    "Attribute 1 name": "Size",
    "Attribute 1 value(s)": "S",
    "Images": "https://pictures.example/small.jpg",
}
MEDIUM = {**SMALL, "ID": "22", "SKU": "", "Parent": "id:20", "Attribute 1 value(s)": "M", "Stock": "0", "Images": ""}


def test_a_simple_product_comes_in_with_sale_category_and_facts() -> None:
    entries = bring_in(write([MUG]))

    assert outcomes(entries) == [("Stoneware mug", "created")]
    product = Product.get(entries[0].product_id)
    assert (product.slug, product.status, product.subtitle) == ("stoneware-mug", "active", "Holds 30 cl")
    assert product.description == "Thrown by hand.\n\nDishwasher safe."
    assert [(each.sku, each.unit_amount, each.compare_at_amount) for each in product.variants] == [
        ("MUG-1", 1490, 1890)
    ]
    assert [(fact.name, fact.value) for fact in product.facts] == [("Material", "Stoneware, Glaze")]
    assert Stock.get("MUG-1").available == 12
    tree = CategoryTree.get("main").categories
    assert [(each.name, each.slug) for each in tree] == [("Kitchen", "kitchen"), ("Mugs", "mugs")]
    assert product.category_id == tree[1].category_id
    assert entries[0].pictures == ["https://pictures.example/mug.jpg", "https://pictures.example/mug,side.jpg"]
    assert [note.sentence for note in entries[0].notes] == [
        "A product is in one category here: Kitchen > Mugs. Left out: Gifts."
    ]


def test_what_is_not_used_is_told() -> None:
    reading = read(write([MUG]))

    assert reading.kind == "WooCommerce"
    assert reading.notes == ["The shop has no use for these columns, and leaves them out: “Weight (kg)”."]


def test_variations_become_variants_of_the_product_they_name_wherever_they_are() -> None:
    entries = bring_in(write([SMALL, SHIRT, MUG, MEDIUM]))

    assert outcomes(entries) == [("Shirt", "created"), ("Stoneware mug", "created")]
    product = Product.get(entries[0].product_id)
    assert [(option.name, list(option.values)) for option in product.options] == [("Size", ["S", "M"])]
    assert [(each.sku, each.title, each.unit_amount) for each in product.variants] == [
        ("SHIRT-S", "S", 4000),
        ("shirt-m", "M", 4000),
    ]
    assert [(fact.name, fact.value) for fact in product.facts] == [("Fabric", "Linen")]


def test_variations_that_leave_the_name_of_the_attribute_to_their_parent_are_understood() -> None:
    rows = [SHIRT, {**SMALL, "Attribute 1 name": ""}, {**MEDIUM, "Attribute 1 name": ""}]

    entries = bring_in(write(rows))

    assert outcomes(entries) == [("Shirt", "created")]
    assert [each.title for each in Product.get(entries[0].product_id).variants] == ["S", "M"]


def test_a_second_import_changes_nothing() -> None:
    file = write([{**MUG, "Images": ""}, SHIRT, {**SMALL, "Images": ""}, MEDIUM])
    bring_in(file)

    entries = dry_run(file)

    assert changes(entries) == []
    assert outcomes(entries) == [("Stoneware mug", "skipped"), ("Shirt", "skipped")]


def test_a_product_is_found_by_its_sku() -> None:
    product = make_product(title="Old mug", sku="MUG-1", price=1890, stock=12)

    entries = dry_run(write([MUG]))

    assert [(entry.product_id, entry.outcome) for entry in entries] == [(product.product_id, "changed")]
    assert ("Title", "Old mug", "Stoneware mug") in changes(entries)


def test_two_products_of_one_name_have_two_addresses() -> None:
    file = write([{**MUG, "Images": ""}, {**MUG, "ID": "12", "SKU": "", "Images": ""}])
    entries = bring_in(file)

    slugs = [Product.get(entry.product_id).slug for entry in entries]
    assert slugs[0] == "stoneware-mug"
    assert slugs[1].startswith("stoneware-mug-")
    assert outcomes(dry_run(file)) == [("Stoneware mug", "skipped")] * 2


@pytest.mark.parametrize(
    ("kind", "words"), [("external", "another site"), ("grouped", "groups other products"), ("bundle", "Bundles")]
)
def test_kinds_that_the_shop_does_not_sell_are_skipped_with_a_reason(kind: str, words: str) -> None:
    entries = dry_run(write([{**MUG, "Type": kind}]))

    assert entries[0].outcome == "skipped"
    assert words in entries[0].reason


@pytest.mark.parametrize(
    ("starts", "ends", "price", "words"),
    [
        ("", "2026-03-31", 1490, "stays until it is ended here"),
        ("2026-04-01", "", 1890, "is not on today"),
        ("2026-01-01 00:00:00", "2026-02-01 00:00:00", 1890, "is not on today"),
    ],
)
def test_a_sale_with_dates_counts_on_its_days(starts: str, ends: str, price: int, words: str) -> None:
    row = {**MUG, "Date sale price starts": starts, "Date sale price ends": ends}
    draft = read(write([row])).drafts[0]

    assert draft.variants[0].unit_amount == price
    assert words in " ".join(note.sentence for note in draft.notes)


def test_stock_that_is_not_counted_is_told() -> None:
    entries = bring_in(write([{**MUG, "Stock": ""}, {**MUG, "ID": "12", "SKU": "B", "Stock": "", "In stock?": "0"}]))

    assert "without a number of units" in " ".join(note.sentence for note in entries[0].notes)
    assert Stock.get("B").available == 0


def test_hidden_and_unpublished_products_become_drafts() -> None:
    rows = [{**MUG, "Visibility in catalog": "hidden"}, {**MUG, "ID": "12", "SKU": "B", "Published": "-1"}]

    assert [draft.fields["status"] for draft in read(write(rows)).drafts] == ["draft", "draft"]


def test_mistakes_are_told_by_row_and_column() -> None:
    deep = " > ".join("abcdefg")
    rows = [
        {**SMALL, "Parent": "NOBODY"},
        {**SMALL, "Parent": ""},
        SHIRT,
        {**SMALL, "Attribute 1 value(s)": ""},
        {**SHIRT, "ID": "30", "SKU": "EMPTY"},
        {**MUG, "Regular price": "1.5.5"},
        {**MUG, "ID": "40", "SKU": "D", "Categories": deep, "Name": "Deep"},
        {**MUG, "ID": "41", "SKU": "E", "Date sale price ends": "next week"},
    ]
    entries = dry_run(write(rows))

    assert sorted((row, column) for row, column, _ in problems(entries)) == [
        (2, "Parent"),
        (3, "Parent"),
        (5, "Attribute 1 value(s)"),
        (6, "Type"),
        (7, "Regular price"),
        (8, "Categories"),
        (9, "Date sale price ends"),
    ]


def test_more_options_than_the_shop_has_are_refused_in_words() -> None:
    names = {f"Attribute {at} name": f"Option {at}" for at in range(1, 5)}
    values = {f"Attribute {at} value(s)": "x" for at in range(1, 5)}

    entries = dry_run(write([{**SHIRT, **names, **values}, {**SMALL, **names, **values}]))

    assert [sentence for _, _, sentence in problems(entries)] == ["The product has 4 options; 3 is the limit."]
