"""What a product must be like before it is stored, said in words for the merchant. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from catalog.listings import MAX_AMOUNT, MAX_RANK
from catalog.models import Option, Product, Status, Variant
from cloudcart.errors import StorefrontError

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# Ids end up in keys behind a "#", SKUs in addresses.
ID = re.compile(r"[A-Za-z0-9-]{1,64}")
SKU = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

MAX_SLUG_LENGTH = 100
MAX_TITLE_LENGTH = 200
# A page with more choices is a form; Shopify's products have three as well.
MAX_OPTIONS = 3
# Of the 400 kB that an item may have, the description gets the smaller part.
MAX_DESCRIPTION_LENGTH = 20_000


@dataclass(frozen=True)
class Problem:
    """One thing to put right: the product's field (``variants.2.sku``) and a sentence."""

    field: str
    sentence: str


class InvalidInput(StorefrontError):
    """What a merchant entered cannot be stored; every problem is named at once."""

    code = "invalid"
    status_code = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(problem.sentence for problem in self.problems))

    @property
    def extra(self) -> dict[str, Any]:
        return {"problems": [{"field": problem.field, "sentence": problem.sentence} for problem in self.problems]}


class InvalidProduct(InvalidInput):
    code = "invalid-product"


def check_product(product: Product, *, currency: str, stock: Mapping[str, int] | None = None) -> None:
    """Check everything about a product that can be told without reading anything else.

    :param currency: the shop's; a cart cannot add up two.
    :param stock: units of SKUs that are new.
    :raises InvalidProduct: with all that is wrong.
    """
    problems = [
        *_identity_problems(product),
        *_text_problems(product),
        *_option_problems(product.options),
        *_variant_problems(product),
        *_stock_problems(product, stock or {}),
    ]
    if product.currency != currency:
        problems.append(Problem("currency", f"The shop sells in {currency}, not in {product.currency}."))
    if problems:
        raise InvalidProduct(problems)


def slug_problems(slug: str) -> Iterator[Problem]:
    """What is wrong with the last part of an address, of a product, category or collection."""
    if not SLUG.fullmatch(slug) or len(slug) > MAX_SLUG_LENGTH:
        yield Problem(
            "slug",
            "The address takes small letters a to z, digits and single hyphens between them, "
            f"{MAX_SLUG_LENGTH} at most.",
        )


def _identity_problems(product: Product) -> Iterator[Problem]:
    if not ID.fullmatch(product.product_id):
        yield Problem("product_id", "The id takes letters, digits and hyphens, 64 at most.")
    yield from slug_problems(product.slug)
    if product.status not in Status.ALL:
        yield Problem("status", f"“{product.status}” is not a status; choose one of {', '.join(Status.ALL)}.")
    if product.featured_rank is not None and not 1 <= product.featured_rank <= MAX_RANK:
        yield Problem("featured_rank", f"The rank among featured products is a number from 1 to {MAX_RANK}.")


def _text_problems(product: Product) -> Iterator[Problem]:
    if not product.title.strip():
        yield Problem("title", "The product needs a title.")
    if len(product.title) > MAX_TITLE_LENGTH:
        yield Problem("title", f"The title is longer than {MAX_TITLE_LENGTH} characters.")
    if len(product.description) > MAX_DESCRIPTION_LENGTH:
        yield Problem("description", f"The description is longer than {MAX_DESCRIPTION_LENGTH} characters.")


def _option_problems(options: Sequence[Option]) -> Iterator[Problem]:
    if len(options) > MAX_OPTIONS:
        yield Problem("options", f"The product has {len(options)} options; {MAX_OPTIONS} is the limit.")
    names = [option.name.strip().casefold() for option in options]
    if len(set(names)) < len(names) or not all(names):
        yield Problem("options", "Every option needs a name of its own.")
    for index, option in enumerate(options):
        values = [value.strip() for value in option.values]
        if not values or not all(values) or len(set(values)) < len(values):
            yield Problem(f"options.{index}", f"“{option.name}” needs values, each of them once and none empty.")


def _variant_problems(product: Product) -> Iterator[Problem]:
    variants = product.variants
    if product.is_active and not variants:
        yield Problem("variants", "A product on sale needs at least one variant.")
    if len(variants) > 1 and not product.options:
        yield Problem("options", "Several variants need an option that tells them apart.")
    elif len({tuple(variant.values) for variant in variants}) < len(variants):
        yield Problem("variants", "Two variants have the same values.")
    if len({variant.sku for variant in variants}) < len(variants):
        yield Problem("variants", "Two variants have the same SKU.")
    for index, variant in enumerate(variants):
        for field, sentence in _problems_of_one(variant, product):
            yield Problem(f"variants.{index}.{field}", sentence)


def _problems_of_one(variant: Variant, product: Product) -> Iterator[tuple[str, str]]:
    if not SKU.fullmatch(variant.sku):
        yield "sku", f"“{variant.sku}” is not a SKU: letters, digits, dots, hyphens and underscores, 64 at most."
    if not 0 <= variant.unit_amount <= MAX_AMOUNT:
        yield "unit_amount", f"The price of {variant.sku} is below zero or far too high."
    if variant.compare_at_amount is not None and variant.compare_at_amount <= variant.unit_amount:
        yield "compare_at_amount", f"The regular price of {variant.sku} must be higher than its price."
    allowed = [option.values for option in product.options]
    if len(variant.values) != len(allowed) or any(
        value not in values for value, values in zip(variant.values, allowed, strict=False)
    ):
        yield "values", f"The values of {variant.sku} do not match the product's options."
    if variant.image_key and product.find_image(variant.image_key) is None:
        yield "image_key", f"{variant.sku} names a picture that the product does not have."


def _stock_problems(product: Product, stock: Mapping[str, int]) -> Iterator[Problem]:
    for sku, units in stock.items():
        if product.find_variant(sku) is None:
            yield Problem("stock", f"There are units for {sku}, which is not a variant of this product.")
        if units < 0:
            yield Problem("stock", f"The stock of {sku} cannot be below zero.")
