"""A list as large as the ones that merchants bring: thousands of products, some with the same name."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from io import StringIO
from pathlib import Path
from uuid import UUID

import yaml
from django.core.management import call_command
from django.test import Client

from catalog.models import CategoryTree
from cloudcart.dynamo import CallLog
from tests.catalog.pages import href, parse

NUMBER = 2465
CATEGORIES = ("accessories", "apparel", "footwear", "food service", "cold dispensed", "home decor", "tools")
STYLES = ("backpack", "jacket", "sneaker", "sandwich", "lighting")


def test_a_list_of_thousands_is_loaded_and_its_pages_ask_no_more(
    client: Client, tmp_path: Path, dynamodb_calls: Callable[[], AbstractContextManager[CallLog]]
) -> None:
    path = tmp_path / "products.yaml"
    path.write_text(yaml.safe_dump([row(number) for number in range(NUMBER)]))
    stdout = StringIO()
    call_command("seed", file=path, stdout=stdout)
    assert f"Products: {NUMBER:,} created, 0 updated, 0 unchanged." in stdout.getvalue()
    assert len(CategoryTree.get(CategoryTree.MAIN).categories) == len(CATEGORIES)
    product = href(parse(client.get("/categories/food-service/")), "a", class_="product-card__link")
    assert product is not None
    calls = {}
    for url in ("/", "/categories/food-service/", product):
        with dynamodb_calls() as log:
            assert client.get(url).status_code == 200
        calls[url] = log.count
    assert calls == {"/": 2, "/categories/food-service/": 2, product: 3}


def row(number: int) -> dict[str, object]:
    """A row of the shape that the list of the retail demo store has; every third name is taken twice."""
    return {
        "id": str(UUID(int=number + 1)),
        "current_stock": 15 + number % 7,
        "name": f"Gray {STYLES[number % len(STYLES)].capitalize()} {number - number % 3}",
        "category": CATEGORIES[number % len(CATEGORIES)],
        "style": STYLES[number % len(STYLES)],
        "description": "Made for every day. " * 12,
        "price": round(4.99 + number % 200, 2),
        "image": f"{UUID(int=number + 1)}.jpg",
        "gender_affinity": "F",
        "where_visible": "UI",
    }
