"""Bring the variants of a file into a product, without taking any away. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from catalog.models import Option, Product, Stock, Variant
from catalog.spreadsheets.cells import mark_of
from catalog.spreadsheets.drafts import Draft, WantedVariant

# A product is saved in one transaction of 100 writes, some of which are its cards.
MAX_NEW_VARIANTS = 85


def merge_variants(product: Product, draft: Draft, levels: Mapping[str, Stock]) -> dict[str, WantedVariant]:
    """Set the product's options and variants; gives the wanted variants by the SKU that they have in the shop.

    A variant is the one with the same SKU, or with the same values. Those that the file does not name
    stay. What does not fit fails the draft.

    :param levels: stock items of the SKUs, which tell whose they are.
    """
    if not draft.variants:
        return {}
    placed: dict[str, WantedVariant] = {}
    found = [(wanted, _find(product, draft, wanted)) for wanted in draft.variants]
    if draft.states_options:
        _check_kept(product, draft, [variant.sku for _, variant in found if variant])
    before = {tuple(variant.values) for variant in product.variants}
    for wanted, variant in found:
        sku = variant.sku if variant else _free_sku(wanted, product, levels)
        if sku in placed:
            draft.fail(wanted.row, draft.column("sku"), f"Row {placed[sku].row} is of the same variant, {sku}.")
            continue
        placed[sku] = wanted
        _check_owner(draft, wanted, sku, product, levels)
        _put(product, draft, wanted, variant, sku)
    if draft.states_options:
        product.options = _options(product, draft, before)
    new = sum(variant is None for _, variant in found)
    if new > MAX_NEW_VARIANTS:
        sentence = (
            f"The file adds {new} variants to this product, and {MAX_NEW_VARIANTS} at once is the limit. Import the "
            "first of them, and then the others with a second file."
        )
        draft.fail(draft.row, draft.column("variants"), sentence)
    return placed


def _find(product: Product, draft: Draft, wanted: WantedVariant) -> Variant | None:
    if not wanted.is_sku_made:
        found = product.find_variant(wanted.sku)
        if found is not None or not draft.states_options:
            return found
    if _option_keys(product.options) != [_key(name) for name in draft.option_names]:
        return product.find_variant(wanted.sku)
    values = [_key(value) for value in wanted.values]
    same = next((variant for variant in product.variants if [_key(value) for value in variant.values] == values), None)
    if same is not None and not wanted.is_sku_made:
        sentence = (
            f"This variant has the SKU {same.sku} in the shop and {wanted.sku} in the file. An import does not change "
            f"SKUs: orders and stock go by them. Write {same.sku} into the file."
        )
        draft.fail(wanted.row, draft.column("sku"), sentence)
    return same


def _check_kept(product: Product, draft: Draft, found: Sequence[str]) -> None:
    kept = [variant.sku for variant in product.variants if variant.sku not in found]
    has_other_options = _option_keys(product.options) != [_key(name) for name in draft.option_names]
    if kept and has_other_options:
        sentence = (
            "The file gives this product other options than it has, and does not name its variants "
            f"{', '.join(kept[:5])}. Add them to the file, or remove them from the product first."
        )
        draft.fail(draft.row, draft.column("option1_name"), sentence)


def _check_owner(draft: Draft, wanted: WantedVariant, sku: str, product: Product, levels: Mapping[str, Stock]) -> None:
    level = levels.get(sku)
    if level is not None and level.product_id != product.product_id:
        sentence = f"The SKU “{sku}” belongs to another product of the shop. Give this one a SKU of its own."
        draft.fail(wanted.row, draft.column("sku"), sentence)


def _free_sku(wanted: WantedVariant, product: Product, levels: Mapping[str, Stock]) -> str:
    level = levels.get(wanted.sku)
    if wanted.is_sku_made and level is not None and level.product_id != product.product_id:
        return f"{wanted.sku[:55].rstrip('-._')}-{mark_of(product.product_id)}"
    return wanted.sku


def _put(product: Product, draft: Draft, wanted: WantedVariant, variant: Variant | None, sku: str) -> None:
    if variant is None:
        if wanted.unit_amount is None:
            draft.fail(wanted.row, draft.column("unit_amount"), "A new variant needs a price. Fill it in.")
        if not draft.states_options and product.options:
            sentence = "The product has no variant with this SKU. Correct it, or add columns that say its options."
            draft.fail(wanted.row, draft.column("sku"), sentence)
        variant = Variant(sku=sku, values=list(wanted.values), unit_amount=wanted.unit_amount or 0)
        product.variants.append(variant)
    elif draft.states_options and _differ(variant.values, wanted.values):
        variant.values = list(wanted.values)
    if wanted.unit_amount is not None and wanted.unit_amount != variant.unit_amount:
        variant.unit_amount = wanted.unit_amount
    if wanted.compare_at_amount is not None:
        variant.compare_at_amount = wanted.compare_at_amount
    elif wanted.clears_compare_at and variant.compare_at_amount is not None:
        variant.compare_at_amount = None


def _differ(stored: Sequence[str], wanted: Sequence[str]) -> bool:
    return [_plain(value) for value in stored] != [_plain(value) for value in wanted]


def _options(product: Product, draft: Draft, before: set[tuple[str, ...]]) -> list[Option]:
    """The options with the values that variants have, in the order they were in; new ones come behind."""
    stored = {_key(option.name): option for option in product.options}
    options = []
    for at, name in enumerate(draft.option_names):
        former = stored.get(_key(name))
        wanted = list(dict.fromkeys(variant.values[at] for variant in product.variants if at < len(variant.values)))
        old = list(former.values) if former else []
        left = {values[at] for values in before if at < len(values)} - set(wanted)
        values = [value for value in old if value not in left]
        values += [value for value in wanted if value not in values]
        is_same = former is not None and _plain(former.name) == _plain(name)
        options.append(Option(name=former.name if former and is_same else name, values=values))
    return options


def _option_keys(options: Sequence[Option]) -> list[str]:
    return [_key(option.name) for option in options]


def _plain(text: str) -> str:
    return " ".join(text.split())


def _key(text: str) -> str:
    return _plain(text).casefold()
