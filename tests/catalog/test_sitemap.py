from xml.etree import ElementTree

import pytest
from django.test import Client

from catalog import queries
from tests.factories import make_category_tree, make_collection, make_product, make_products

LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
ORIGIN = "http://127.0.0.1:8000"


def locations(client: Client, url: str) -> list[str]:
    response = client.get(url)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml"
    return [str(element.text).removeprefix(ORIGIN) for element in ElementTree.fromstring(response.content).iter(LOC)]


def test_the_sitemap_leads_to_every_page_that_is_on_sale(client: Client) -> None:
    make_category_tree({"kitchen": {"tea": {}}})
    make_collection("gifts")
    make_product(slug="teapot")
    make_product(slug="secret", status="draft")
    parts = locations(client, "/sitemap.xml")
    assert parts == ["/sitemap-pages.xml", "/sitemap-products.xml"]
    pages = [page for part in parts for page in locations(client, part)]
    assert pages == [
        "/",
        "/products/",
        "/categories/",
        "/categories/kitchen/",
        "/categories/tea/",
        "/collections/gifts/",
        "/products/teapot/",
    ]
    assert all(client.get(page).status_code == 200 for page in pages)


def test_a_large_sitemap_comes_in_parts_without_gaps_or_doubles(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "SITEMAP_PRODUCTS", 10)
    products = make_products(25)
    parts = locations(client, "/sitemap.xml")[1:]
    assert len(parts) == 3
    found = [page for part in parts for page in locations(client, part)]
    assert found == [product.url for product in products]


@pytest.mark.parametrize("page", ["x", "AAAA", "%00"])
def test_an_unknown_part_is_not_found(client: Client, page: str) -> None:
    assert client.get("/sitemap-products.xml", {"page": page}).status_code == 404


def test_an_empty_shop_has_a_sitemap(client: Client) -> None:
    assert locations(client, "/sitemap-products.xml") == []
    assert locations(client, "/sitemap-pages.xml") == ["/", "/products/", "/categories/"]


def test_robots_are_told_where_the_sitemap_is_and_what_is_not_for_them(client: Client) -> None:
    response = client.get("/robots.txt")
    assert response["Content-Type"].startswith("text/plain")
    lines = response.content.decode().splitlines()
    assert f"Sitemap: {ORIGIN}/sitemap.xml" in lines
    assert {"Disallow: /cart/", "Disallow: /checkout/", "Disallow: /accounts/", "Disallow: /orders/"} <= set(lines)
