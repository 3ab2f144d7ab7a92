"""All products as a CSV file in the shop's own format, a page at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.models import Product, Stock, Variant
from catalog.queries import get_tree
from catalog.spreadsheets.cells import guard_formula, write_price
from catalog.spreadsheets.columns import COLUMNS
from catalog.spreadsheets.fields import FIELDS
from catalog.spreadsheets.pictures import picture_address
from catalog.tree import Tree
from cloudcart.dynamo import batch_get

# A page of products: some 300 kB read, one or two calls for their stock.
PAGE_SIZE = 100

Key = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class ExportedPage:
    """Lines of the file, how many products they are of, and where the next page begins (None: nowhere)."""

    lines: str
    product_count: int
    next_key: Key | None


def write_header() -> str:
    """The first line. The mark before it lets Excel take the file for UTF-8."""
    return "\ufeff" + write_rows([dict(zip(COLUMNS, COLUMNS, strict=True))])


def export_page(key: Key | None = None, *, tree: Tree | None = None) -> ExportedPage:
    """The next hundred products, whatever their status, in the order of the table.

    One call for the products (a scan: only for commands and tasks), one for each 100 SKUs, and one for
    the tree unless it is given.
    """
    found = Product.scan(limit=PAGE_SIZE, page_size=PAGE_SIZE, last_evaluated_key=key)
    products = list(found)
    tree = get_tree() if tree is None else tree
    levels = batch_get({Stock: [variant.sku for product in products for variant in product.variants]}).all_of(Stock)
    lines = write_rows(row for product in products for row in product_rows(product, tree, levels))
    return ExportedPage(lines, len(products), found.last_evaluated_key)


def export_all() -> Iterator[ExportedPage]:
    """Every page in turn; never more than one is in memory."""
    tree = get_tree()
    page = export_page(tree=tree)
    yield page
    while page.next_key:
        page = export_page(page.next_key, tree=tree)
        yield page


def product_rows(product: Product, tree: Tree, levels: Mapping[str, Stock]) -> Iterator[dict[str, str]]:
    """The rows of one product: one for each variant, at least one. The first has the product's fields."""
    cells = {"id": product.product_id, "slug": product.slug, "currency": product.currency}
    first = {name: field.write(product, tree) for name, field in FIELDS.items()}
    first["images"] = "\n".join(picture_address(image) for image in product.images)
    first["image_alts"] = "\n".join(" ".join(image.alt.split()) for image in product.images)
    variants: Sequence[Variant | None] = product.variants or [None]
    for at, variant in enumerate(variants):
        row = cells | (first if at == 0 else {"title": first["title"]})
        for number, option in enumerate(product.options, 1):
            row[f"option{number}_name"] = option.name
        yield row | (_variant_cells(product, variant, levels) if variant else {})


def _variant_cells(product: Product, variant: Variant, levels: Mapping[str, Stock]) -> dict[str, str]:
    level = levels.get(variant.sku)
    image = product.find_image(variant.image_key) if variant.image_key else None
    cells = {f"option{at}_value": value for at, value in enumerate(variant.values, 1)}
    return cells | {
        "sku": variant.sku,
        "price": write_price(variant.unit_amount, product.currency),
        "compare_at_price": write_price(variant.compare_at_amount, product.currency),
        "stock": str(level.available) if level else "",
        "variant_image": picture_address(image) if image else "",
    }


def write_rows(rows: Iterable[Mapping[str, str]]) -> str:
    """Lines of CSV, in which no cell is a formula."""
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    for row in rows:
        writer.writerow([guard_formula(row.get(column, "")) for column in COLUMNS])
    return target.getvalue()
