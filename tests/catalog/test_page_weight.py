import gzip
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from tests.catalog.pages import parse
from tests.factories import make_category_tree, make_collection, make_image, make_product, make_products

LIMIT = 50_000


@pytest.mark.parametrize("url", ["/", "/products/", "/categories/", "/categories/tea/", "/products/teapot/"])
def test_the_first_page_of_a_visit_weighs_50_kilobytes_at_most(client: Client, url: str) -> None:
    make_category_tree({f"category-{number}": {f"child-{number}": {}} for number in range(8)} | {"tea": {}})
    make_collection("gifts", image=make_image())
    make_products(24, category="tea", images=3)
    sizes = {"Size": ["S", "M", "L", "XL"], "Color": ["Red", "Blue", "Green"]}
    make_product(slug="teapot", description="It pours. " * 100, options=sizes, category="tea", images=5)
    response = client.get(url)
    page = parse(response)
    files = [link.get("href", "") for link in page.iter("link") if link.get("rel") == "stylesheet"]
    files += [script.get("src", "") for script in page.iter("script") if script.get("src")]
    assert len(files) > 20
    weight = len(gzip.compress(response.content)) + sum(weight_of(file) for file in files)
    assert weight <= LIMIT, weight


def weight_of(url: str) -> int:
    path = finders.find(url.removeprefix(settings.STATIC_URL))
    assert isinstance(path, str), url
    return len(gzip.compress(Path(path).read_bytes()))
