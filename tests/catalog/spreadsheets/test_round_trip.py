"""What is exported can be imported again without a change, whatever the products hold."""

import csv
import io
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog import services
from catalog.models import Category, CollectionLink, Fact, Product, Status, Stock
from catalog.spreadsheets.columns import COLUMNS
from catalog.spreadsheets.exporting import product_rows, write_header, write_rows
from catalog.spreadsheets.planning import World, plan_page
from catalog.tree import Tree
from tests.catalog.spreadsheets.files import NOW, bring_in, changes, dry_run, export, outcomes, problems, read
from tests.factories import LONG_AGO, build_product, make_category_tree, make_image, make_product

TREE = Tree(
    [
        Category(category_id="kitchen", slug="kitchen", name="Kitchen"),
        Category(category_id="tea", slug="tea", name="Tea > hot", parent_id="kitchen"),
        Category(category_id="odd", slug="odd", name=" =Odd "),
    ],
    [CollectionLink(collection_id=name, slug=name, name=name) for name in ("gifts", "new")],
)
TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=30)
WORD = st.text(alphabet="=+-@ '\",;:>|\t\n\r&<aéß帽1\\", min_size=1, max_size=8).filter(str.strip)


@st.composite
def products(draw: st.DrawFn) -> Product:
    names = draw(st.lists(WORD, max_size=3, unique_by=lambda word: word.strip().casefold()))
    options = {name: draw(st.lists(WORD, min_size=1, max_size=2, unique_by=str.strip)) for name in names}
    return build_product(
        title=draw(WORD | TEXT.filter(str.strip)),
        subtitle=draw(WORD | TEXT),
        description=draw(WORD | TEXT),
        facts=[Fact(name=draw(WORD | TEXT), value=draw(WORD | TEXT)) for _ in range(draw(st.integers(0, 2)))],
        options=options,
        skus={},
        price=draw(st.integers(0, 10**12 - 2)),
        compare_at=draw(st.none() | st.just(10**12 - 1)),
        status=draw(st.sampled_from(Status.ALL)),
        category=draw(st.sampled_from([None, "tea", "odd"])),
        collections=draw(st.lists(st.sampled_from(["gifts", "new"]), unique=True)),
        images=[make_image(f"products/{at}", alt=draw(WORD | TEXT)) for at in range(draw(st.integers(0, 2)))],
        featured_rank=draw(st.none() | st.integers(1, 999)),
        seo_title=draw(TEXT),
        created_at=LONG_AGO,
        updated_at=LONG_AGO,
        seo_description=draw(WORD | TEXT),
    )


@settings(max_examples=120)
@given(items=st.lists(products(), min_size=1, max_size=3))
def test_an_export_imported_again_changes_nothing(items: list[Product]) -> None:
    levels: dict[str, Stock] = {}
    for at, item in enumerate(items):
        for number, variant in enumerate(item.variants):
            variant.sku = f"{item.slug}-{number}"
            levels[variant.sku] = Stock(variant.sku, product_id=item.product_id, available=at)
    stored = {item.product_id: Product.from_raw_data(item.serialize()) for item in items}
    file = write_header() + "".join(write_rows(product_rows(item, TREE, levels)) for item in items)

    drafts = read(file.encode()).drafts
    entries = [each.entry for each in plan_page(drafts, World(stored, levels, TREE), takes_stock=True, now=NOW)]

    assert problems(entries) == []
    assert changes(entries) == []
    assert {outcome for _, outcome in outcomes(entries)} == {"skipped"}


def test_a_product_is_the_same_after_the_way_through_another_shop() -> None:
    make_category_tree({"kitchen": {"tea": {}}})
    product = make_product(
        title="=Teapot", options={"Size": ["S", "L"]}, sku="POT", category="tea", description="+1\n\nIt pours.", stock=4
    )
    file = export()
    product.status = Status.ARCHIVED
    product.title, product.variants[0].unit_amount = "Other", 1
    services.save_product(product=product, now=LONG_AGO + timedelta(days=1))
    assert outcomes(bring_in(file)) == [("=Teapot", "changed")]

    stored = Product.get(product.product_id)
    assert (stored.title, stored.status, stored.variants[0].unit_amount) == ("=Teapot", "active", 3600)
    assert stored.description == "+1\n\nIt pours."


def test_no_cell_of_an_export_is_a_formula() -> None:
    make_product(title="=HYPERLINK(1)", subtitle="@x", description="-1", seo_title="\tx", sku="A")

    rows = list(csv.reader(io.StringIO(export().decode("utf-8-sig"), newline="")))

    assert tuple(rows[0]) == COLUMNS
    cells = [cell for row in rows[1:] for cell in row]
    assert "'=HYPERLINK(1)" in cells
    assert not [cell for cell in cells if cell.startswith(tuple("=+-@\t\r"))]


def test_drafts_and_products_without_variants_are_exported_too() -> None:
    make_product(title="Draft", status=Status.DRAFT)
    bare = build_product(title="Bare", status=Status.DRAFT)
    bare.variants = []
    services.save_product(product=bare, now=LONG_AGO)

    entries = dry_run(export())

    assert sorted(outcomes(entries)) == [("Bare", "skipped"), ("Draft", "skipped")]
