from catalog import services
from catalog.models import CategoryTree, Product, Stock
from tests.catalog.spreadsheets.files import bring_in, changes, dry_run, outcomes, problems, read, write
from tests.factories import LONG_AGO, make_product

# The names until 2025, and those since.
OLD = {
    "Handle": "linen-shirt",
    "Title": "Linen shirt",
    "Body (HTML)": "<p>Light.</p><p>Washed.</p>",
    "Vendor": "Weavers",
    "Type": "Clothing",
    "Tags": "linen, summer",
    "Published": "true",
    "Option1 Name": "Size",
    "Option1 Value": "S",
    "Option2 Name": "Color",
    "Option2 Value": "Sand",
    "Variant SKU": "LS-S",
    "Variant Price": "60.00",
    "Variant Compare At Price": "80.00",
    "Variant Inventory Qty": "4",
    "Image Src": "https://pictures.example/front.jpg",
    "Image Position": "2",
    "Image Alt Text": "From the front",
    "SEO Title": "Linen shirt | Weavers",
    "SEO Description": "A light shirt.",
    "Status": "active",
}
NEW = {
    "Title": "Linen shirt",
    "URL handle": "linen-shirt",
    "Description": "<p>Light.</p><p>Washed.</p>",
    "Vendor": "Weavers",
    "Product category": "",
    "Type": "Clothing",
    "Tags": "linen, summer",
    "Published on online store": "TRUE",
    "Status": "Active",
    "SKU": "LS-S",
    "Option1 name": "Size",
    "Option1 value": "S",
    "Option2 name": "Color",
    "Option2 value": "Sand",
    "Price": "60.00",
    "Compare-at price": "80.00",
    "Inventory quantity": "4",
    "Product image URL": "https://pictures.example/front.jpg",
    "Image position": "2",
    "Image alt text": "From the front",
    "SEO title": "Linen shirt | Weavers",
    "SEO description": "A light shirt.",
}
MEDIUM = {"Handle": "linen-shirt", "Option1 Value": "M", "Option2 Value": "Sand", "Variant Price": "60.00"}
PICTURE = {"Handle": "linen-shirt", "Image Src": "https://pictures.example/back.jpg", "Image Position": "1"}
CANDLE = {
    "Handle": "candle",
    "Title": "Candle",
    "Option1 Name": "Title",
    "Option1 Value": "Default Title",
    "Variant Price": "9",
    "Variant Inventory Qty": "-2",
    "Published": "false",
    "Variant Compare At Price": "0",
}


def test_a_product_of_several_rows_comes_in_with_its_variants() -> None:
    entries = bring_in(write([OLD, MEDIUM, PICTURE]))

    assert outcomes(entries) == [("Linen shirt", "created")]
    assert entries[0].pictures == ["https://pictures.example/back.jpg", "https://pictures.example/front.jpg"]
    product = Product.get(entries[0].product_id)
    assert (product.slug, product.status, product.description) == ("linen-shirt", "active", "Light.\n\nWashed.")
    assert [(option.name, list(option.values)) for option in product.options] == [
        ("Size", ["S", "M"]),
        ("Color", ["Sand"]),
    ]
    assert [(each.sku, each.unit_amount, each.compare_at_amount) for each in product.variants] == [
        ("LS-S", 6000, 8000),
        ("linen-shirt-m-sand", 6000, None),
    ]
    assert [(fact.name, fact.value) for fact in product.facts] == [("Brand", "Weavers")]
    assert Stock.get("LS-S").available == 4
    assert [category.name for category in CategoryTree.get("main").categories] == ["Clothing"]


def test_the_new_names_of_the_columns_say_the_same() -> None:
    old, new = read(write([OLD])), read(write([NEW]))

    assert (old.kind, new.kind) == ("Shopify", "Shopify")
    assert old.drafts[0].fields == new.drafts[0].fields
    assert old.drafts[0].variants == new.drafts[0].variants
    assert old.drafts[0].images == new.drafts[0].images


def test_a_second_import_changes_nothing_but_asks_for_pictures_that_are_missing() -> None:
    without_pictures = [{**OLD, "Image Src": ""}, MEDIUM, CANDLE]
    bring_in(write(without_pictures))

    assert outcomes(dry_run(write(without_pictures))) == [("Linen shirt", "skipped"), ("Candle", "skipped")]
    assert changes(dry_run(write([OLD]))) == [("Picture to fetch", "", "https://pictures.example/front.jpg")]


def test_a_product_without_options_has_one_variant_and_oversold_stock_becomes_none() -> None:
    entries = bring_in(write([CANDLE]))
    product = Product.get(entries[0].product_id)

    assert (product.status, len(product.options), len(product.variants)) == ("draft", 0, 1)
    assert Stock.get("candle").available == 0
    assert [note.sentence for note in entries[0].notes] == ["More are sold than there are; the stock becomes 0."]
    assert product.variants[0].compare_at_amount is None


def test_a_product_of_the_shop_with_that_address_is_changed_and_keeps_what_the_file_does_not_say() -> None:
    product = make_product(slug="candle", title="Old candle", sku="candle", price=500, seo_title="Kept", stock=7)
    file = write([{"Handle": "candle", "Title": "Candle", "Variant Price": "9"}])

    assert changes(dry_run(file)) == [("Title", "Old candle", "Candle"), ("Price of candle", "€5.00", "€9.00")]
    bring_in(file)
    stored = Product.get(product.product_id)
    assert (stored.title, stored.seo_title, stored.variants[0].unit_amount) == ("Candle", "Kept", 900)
    assert Stock.get("candle").available == 7


def test_a_product_that_moved_to_another_address_is_found_by_its_former_one() -> None:
    entries = bring_in(write([OLD]))
    product = Product.get(entries[0].product_id)
    product.slug = "shirt"
    services.save_product(product=product, now=LONG_AGO)

    assert outcomes(dry_run(write([{**OLD, "Image Src": ""}]))) == [("Linen shirt", "skipped")]


def test_skus_that_the_shop_does_not_take_are_mended_and_told() -> None:
    entries = bring_in(write([{**CANDLE, "Variant SKU": "CA 1/2"}]))

    assert Product.get(entries[0].product_id).variants[0].sku == "CA-1-2"
    assert "“CA 1/2” is written CA-1-2" in entries[0].notes[0].sentence
    assert outcomes(dry_run(write([{**CANDLE, "Variant SKU": "CA 1/2"}]))) == [("Candle", "skipped")]


def test_gift_cards_are_skipped_with_a_reason() -> None:
    entries = dry_run(write([{**CANDLE, "Gift Card": "true"}]))

    assert [(entry.outcome, entry.reason) for entry in entries] == [
        ("skipped", "Gift cards are not sold in this shop.")
    ]


def test_rows_with_mistakes_are_told_by_row_and_column_and_hold_nobody_up() -> None:
    rows = [
        {**CANDLE, "Handle": "", "Title": ""},
        {**CANDLE, "Handle": "a", "Title": "A", "Variant Price": "cheap"},
        {**CANDLE, "Handle": "b", "Title": "B", "Variant Price": ""},
        {**CANDLE, "Handle": "c", "Title": "", "Variant Price": "1"},
        {**CANDLE, "Handle": "d", "Title": "D", "Status": "sold"},
        {**CANDLE, "Handle": "e", "Title": "E", "Variant SKU": "SAME"},
        {**CANDLE, "Handle": "f", "Title": "F", "Variant SKU": "SAME"},
        {**CANDLE, "Handle": "g", "Title": "G", "Option2 Value": "Blue"},
        {**CANDLE, "Handle": "Grün & Blau", "Title": "Fine"},
    ]
    entries = bring_in(write(rows))

    assert [outcome for _, outcome in outcomes(entries)] == ["failed"] * 5 + ["created"] + ["failed"] * 2 + ["created"]
    assert [(row, column) for row, column, _ in problems(entries)] == [
        (2, "Handle"),
        (3, "Variant Price"),
        (4, "Variant Price"),
        (5, "Title"),
        (6, "Status"),
        (8, "Variant SKU"),
        (9, "Option1 Name"),
    ]
