from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client

from catalog import services
from cloudcart.dynamo import CallLog
from tests.catalog.pages import href, parse
from tests.factories import LONG_AGO, make_category_tree, make_collection, make_products

BUDGETS = {
    "/": 2,
    "/products/": 1,
    "/products/?sort=price-low": 1,
    "/categories/": 1,
    "/categories/menu/": 1,
    "/categories/tea/": 2,
    "/categories/tea/?sort=price-high": 2,
    "/categories/kitchen/": 2,
    "/collections/gifts/": 2,
    "/products/teapot/": 3,
    "/products/formerly/": 3,
    "/products/gone/": 2,
    "/categories/gone/": 1,
    "/collections/gone/": 1,
    "/sitemap-pages.xml": 1,
    "/robots.txt": 0,
}


@pytest.mark.parametrize("number", [60, 2465])
def test_pages_ask_no_more_of_dynamodb_however_many_products_there_are(
    client: Client, dynamodb_calls: Callable[[], AbstractContextManager[CallLog]], number: int
) -> None:
    make_category_tree({"kitchen": {"tea": {}}})
    make_collection("gifts")
    products = make_products(number, category="tea", collections=["gifts"], images=1)
    for slug in ("formerly", "teapot"):
        products[-1].slug = slug
        services.save_product(product=products[-1], now=LONG_AGO)
    second = href(parse(client.get("/categories/tea/")), "a", rel="next")
    assert second is not None
    calls = {}
    for url in [*BUDGETS, second]:
        with dynamodb_calls() as log:
            assert client.get(url).status_code in (200, 301, 404)
        calls[url] = log.count
    assert calls == {**BUDGETS, second: 2}
