"""Which product of the shop each product of a file is, found by its address or its SKUs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from catalog.models import Slug, Stock
from catalog.publishing import slug_key
from catalog.spreadsheets import own, shopify
from catalog.spreadsheets.cells import make_sku, make_slug, mark_of
from catalog.spreadsheets.drafts import Draft
from catalog.spreadsheets.reading import Reading
from cloudcart.dynamo import BATCH_LIMIT, batch_get


@dataclass(frozen=True)
class Owners:
    """The ids of products by what belongs to them: addresses (former ones too) and SKUs."""

    by_slug: Mapping[str, str]
    by_sku: Mapping[str, str]


def identify(reading: Reading) -> list[Draft]:
    """Give every draft the id of its product, or one that is new, and make the SKUs that the file lacks.

    Rows that only name SKUs of one product become one draft. What is in the file twice fails, and
    says where it was first. One call for each 100 addresses and one for each 100 SKUs.
    """
    owners = find_owners(reading.drafts)
    for draft in reading.drafts:
        if not (draft.issues or draft.skipped):
            _identify(draft, owners, kind=reading.kind)
    drafts = list(_merge(reading.drafts))
    _refuse_doubles(drafts)
    for draft in drafts:
        _make_skus(draft)
    return drafts


def find_owners(drafts: Sequence[Draft]) -> Owners:
    """Look up the addresses and SKUs of these drafts."""
    slugs = list(dict.fromkeys(draft.slug for draft in drafts if draft.slug))
    skus = list(dict.fromkeys(sku for draft in drafts for sku in draft.skus))
    by_slug: dict[str, str] = {}
    by_sku: dict[str, str] = {}
    # In slices, so that never more than 100 items are in memory.
    for start in range(0, len(slugs), BATCH_LIMIT):
        found = batch_get({Slug: [slug_key(slug) for slug in slugs[start : start + BATCH_LIMIT]]}).all_of(Slug)
        by_slug |= {key.partition("#")[2]: slug.target_id for key, slug in found.items()}
    for start in range(0, len(skus), BATCH_LIMIT):
        levels = batch_get({Stock: skus[start : start + BATCH_LIMIT]}).all_of(Stock)
        by_sku |= {sku: level.product_id for sku, level in levels.items()}
    return Owners(by_slug, by_sku)


def _identify(draft: Draft, owners: Owners, *, kind: str) -> None:
    by_sku = next((owners.by_sku[sku] for sku in draft.skus if sku in owners.by_sku), "")
    by_slug = owners.by_slug.get(draft.slug, "")
    if kind == own.NAME:
        _identify_own(draft, by_slug=by_slug, by_sku=by_sku)
        return
    if kind == shopify.NAME:
        # The handle is what Shopify goes by.
        draft.product_id = by_slug or draft.product_id
    else:
        draft.product_id = by_sku or draft.product_id
    if by_slug and by_slug != draft.product_id:
        _mark_slug(draft)


def _identify_own(draft: Draft, *, by_slug: str, by_sku: str) -> None:
    if draft.product_id:
        if by_slug and by_slug != draft.product_id:
            sentence = (
                f"The address “{draft.slug}” belongs to another product. Choose another, or empty the id to change "
                "that product."
            )
            draft.fail(draft.row, draft.column("slug"), sentence)
        return
    draft.product_id = by_slug if draft.slug else by_sku
    draft.keeps_slug = bool(draft.product_id)
    if not draft.product_id and draft.is_found_by_sku and not draft.fields.get("title"):
        sentence = f"No product has the SKU “{draft.name}”. Correct it, or fill in a title to create a product."
        draft.fail(draft.row, "sku", sentence)
    source = draft.slug or draft.name
    draft.product_id = draft.product_id or f"csv-{mark_of(source)}{mark_of(source[::-1])}"


def _mark_slug(draft: Draft) -> None:
    mark = mark_of(draft.product_id)
    draft.slug = f"{draft.slug[:80].strip('-')}-{mark}"


def _merge(drafts: Sequence[Draft]) -> Iterator[Draft]:
    """Join the rows of a price list that are of one product."""
    first: dict[str, Draft] = {}
    for draft in drafts:
        former = first.get(draft.product_id) if draft.is_found_by_sku else None
        if former is None or draft.issues:
            if draft.is_found_by_sku and not draft.issues:
                first[draft.product_id] = draft
            yield draft
        else:
            former.variants.extend(draft.variants)
            former.notes.extend(draft.notes)


def _refuse_doubles(drafts: Sequence[Draft]) -> None:
    products: dict[str, Draft] = {}
    slugs: dict[str, Draft] = {}
    skus: dict[str, int] = {}
    for draft in drafts:
        if draft.issues or draft.skipped:
            continue
        former = products.setdefault(draft.product_id, draft)
        if former is not draft:
            sentence = f"Row {former.row} is of the same product (“{former.name}”). Put the rows of a product together."
            draft.fail(draft.row, draft.column("slug"), sentence)
            continue
        _refuse_doubled_slug(draft, slugs)
        _refuse_doubled_skus(draft, skus)


def _refuse_doubled_slug(draft: Draft, slugs: dict[str, Draft]) -> None:
    former = slugs.setdefault(draft.slug, draft) if draft.slug else draft
    if former is draft:
        return
    if draft.keeps_slug:
        _mark_slug(draft)
    else:
        draft.fail(draft.row, draft.column("slug"), f"The address “{draft.slug}” is used already in row {former.row}.")


def _refuse_doubled_skus(draft: Draft, skus: dict[str, int]) -> None:
    for variant in draft.variants:
        if not variant.sku:
            continue
        row = skus.setdefault(variant.sku, variant.row)
        if row != variant.row:
            draft.fail(variant.row, draft.column("sku"), f"The SKU “{variant.sku}” is used already in row {row}.")


def _make_skus(draft: Draft) -> None:
    stem = draft.slug or make_slug(str(draft.fields.get("title") or "")) or draft.name
    for variant in draft.variants:
        if not variant.sku:
            variant.sku, variant.is_sku_made = make_sku(stem, variant.values), True
