"""The demo store, read from the YAML files beside this module."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import yaml
from babel.numbers import get_currency_precision
from django.conf import settings

from catalog.demo.pictures import Picture, Subject
from catalog.models import Category, Collection, Fact, Option, Product, Status, Variant
from catalog.seeding import Offer, StoreContent
from catalog.tiles import Pose, Tint
from cloudcart.money import to_minor

FOLDER = Path(__file__).parent
# The order in which departments are shown, and the files of their products.
DEPARTMENTS = ("kitchen", "home", "desk", "sound", "clothing", "outdoors", "garden", "play")
OPENING = time(9, 0, tzinfo=UTC)

Row = Mapping[str, Any]


def read_demo_store() -> StoreContent:
    """The whole demo store: categories (parents first), products and collections, with all their pictures."""
    plan = _read("store")
    rows = [row for name in DEPARTMENTS for row in _read(name)["products"]]
    galleries = {row["slug"]: _gallery(row) for row in rows}
    groups = {row["id"]: _group_picture(row["picture"]) for row in (*plan["categories"], *plan["collections"])}
    pictures = [*groups.values(), *(picture for gallery in galleries.values() for picture in gallery.values())]
    return StoreContent(
        categories=list(_categories(plan["categories"], groups, galleries)),
        collections=[_collection(row, groups[row["id"]]) for row in plan["collections"]],
        offers=[_offer(row, galleries[row["slug"]]) for row in rows],
        pictures={picture.key: picture for picture in pictures},
    )


def _read(name: str) -> Row:
    with (FOLDER / f"{name}.yaml").open(encoding="utf-8") as file:
        return cast("Row", yaml.load(file, yaml.CSafeLoader))


def _categories(
    rows: Sequence[Row], groups: Mapping[str, Picture], galleries: Mapping[str, Mapping[str, Picture]]
) -> Iterator[Category]:
    for row in rows:
        yield _category(row, groups[row["id"]])
        for child in row["children"]:
            portrait = next(iter(galleries[child["pictured_by"]].values()))
            yield _category(child, portrait, parent_id=row["id"])


def _category(row: Row, picture: Picture, *, parent_id: str | None = None) -> Category:
    return Category(
        category_id=row["id"],
        slug=row["slug"],
        name=row["name"],
        description=row["description"],
        parent_id=parent_id,
        image=picture.as_image(),
        seo_title=row.get("seo_title", ""),
        seo_description=row.get("seo_description", ""),
    )


def _collection(row: Row, picture: Picture) -> Collection:
    return Collection(
        row["slug"],
        collection_id=row["id"],
        name=row["name"],
        description=row["description"],
        image=picture.as_image(),
        seo_title=row.get("seo_title", ""),
        seo_description=row.get("seo_description", ""),
    )


def _group_picture(row: Row) -> Picture:
    subjects = tuple(Subject(render) for render in row["renders"])
    return Picture(subjects, "trio" if len(subjects) > 1 else "solo", row["tone"], row["alt"])


def _gallery(row: Row) -> dict[str, Picture]:
    """The product's pictures in order: one for each color (under its name), then the scenes (numbered)."""
    pose = Pose(row.get("pose", Pose.STANDING.value))
    subjects = {color: Subject(row["render"], tint) for color, tint in _tints(row).items()}
    gallery = {
        color: Picture((subject,), "solo", row["tone"], row["alt"].format(color=color.lower()), pose)
        for color, subject in subjects.items()
    }
    for number, scene in enumerate(row.get("gallery", ()), 1):
        shown = _shown(scene, list(subjects.values()))
        gallery[str(number)] = Picture(shown, scene["scene"], scene["tone"], scene["alt"], pose)
    return gallery


def _tints(row: Row) -> dict[str, Tint]:
    within = row.get("color_range")
    colors = row.get("colors", {"": {}})
    return {color: Tint(within=tuple(within) if within else None, **tint) for color, tint in colors.items()}


def _shown(scene: Row, subjects: Sequence[Subject]) -> tuple[Subject, ...]:
    match scene["scene"]:
        case "pair":
            return subjects[0], Subject(scene["with"])
        case "trio" | "scatter":
            return tuple(subjects)
        case _:
            return (subjects[0],)


def _offer(row: Row, gallery: Mapping[str, Picture]) -> Offer:
    published_at = datetime.combine(row["published"], OPENING)
    variant_rows = row.get("variants") or [row]
    product = Product(
        f"demo-{row['slug']}",
        slug=row["slug"],
        title=row["title"],
        subtitle=row["subtitle"],
        description=row["description"],
        facts=[Fact(name=name, value=str(value)) for name, value in row["facts"].items()],
        status=Status.ACTIVE,
        category_id=row["category"],
        collection_ids=list(row.get("collections", ())),
        currency=settings.CURRENCY,
        options=[_option(name, variant_rows) for name in row.get("options", ())],
        variants=[_variant(variant_row, row, gallery) for variant_row in variant_rows],
        images=[picture.as_image() for picture in gallery.values()],
        featured_rank=row.get("featured"),
        seo_title=row.get("seo_title", ""),
        seo_description=row.get("seo_description", ""),
        created_at=published_at,
        updated_at=published_at,
        published_at=published_at,
    )
    return Offer(product, {variant_row["sku"]: variant_row["stock"] for variant_row in variant_rows})


def _option(name: str, variant_rows: Sequence[Row]) -> Option:
    return Option(name=name, values=list(dict.fromkeys(variant_row[name] for variant_row in variant_rows)))


def _variant(variant_row: Row, row: Row, gallery: Mapping[str, Picture]) -> Variant:
    values = [variant_row[name] for name in row.get("options", ())]
    compare_at = variant_row.get("compare_at", row.get("compare_at"))
    portrait = next((gallery[value] for value in values if value in gallery), None)
    return Variant(
        sku=variant_row["sku"],
        values=values,
        unit_amount=_amount(variant_row.get("price", row["price"])),
        compare_at_amount=None if compare_at is None else _amount(compare_at),
        image_key=portrait.key if portrait else None,
    )


def _amount(price: float) -> int:
    # By way of text, so that 9.5 is not 9.4999; rounded, because the yen has no cents.
    exact = Decimal(str(price))
    return to_minor(round(exact, get_currency_precision(settings.CURRENCY)), settings.CURRENCY)
