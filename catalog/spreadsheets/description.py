"""A product in words, field by field, so that two versions of it can be compared by a person. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from catalog.models import Product
from catalog.spreadsheets.entries import FieldChange, cut
from catalog.spreadsheets.fields import FIELDS
from catalog.tree import Tree
from cloudcart.money import format_amount


def describe(product: Product, tree: Tree) -> dict[str, str]:
    """Every field that an import may change, by its label."""
    return {label: text for label, text in _describe(product, tree) if text}


def compare(old: Mapping[str, str], new: Mapping[str, str]) -> list[FieldChange]:
    """The fields that differ, in the order of the new version; long texts are cut."""
    labels = dict.fromkeys([*new, *old])
    return [
        FieldChange(label, cut(old.get(label, "")), cut(new.get(label, "")))
        for label in labels
        if old.get(label, "") != new.get(label, "")
    ]


def _describe(product: Product, tree: Tree) -> Iterator[tuple[str, str]]:
    yield "Address", product.slug
    for field in FIELDS.values():
        yield field.label, field.write(product, tree)
    for option in product.options:
        yield f"Option {option.name}", ", ".join(option.values)
    for variant in product.variants:
        yield f"Price of {variant.sku}", _price(variant.unit_amount, product.currency)
        yield f"Compare-at price of {variant.sku}", _price(variant.compare_at_amount, product.currency)
        yield f"Values of {variant.sku}", variant.title
        yield f"Picture of {variant.sku}", variant.image_key or ""
    for at, image in enumerate(product.images, 1):
        yield f"Text of picture {at}", image.alt


def _price(amount: int | None, currency: str) -> str:
    return "" if amount is None else format_amount(amount, currency)
