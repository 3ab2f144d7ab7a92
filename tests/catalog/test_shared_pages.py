"""Pages of the catalog are one and the same for every visitor, and may be kept by a CDN."""

import pytest
from django.test import Client

from catalog import services
from tests.cast import Shopper
from tests.factories import LONG_AGO, make_category_tree, make_collection, make_product

PAGES = [
    "/",
    "/products/",
    "/products/?sort=price-low",
    "/products/teapot/",
    "/products/teapot/?sku=POT-Large",
    "/categories/",
    "/categories/menu/",
    "/categories/tea/",
    "/collections/gifts/",
]
MISSING = ["/products/gone/", "/categories/gone/", "/collections/gone/", "/products/?page=x"]
MACHINES = ["/sitemap.xml", "/sitemap-pages.xml", "/sitemap-products.xml", "/robots.txt"]


@pytest.fixture(autouse=True)
def shop() -> None:
    make_category_tree(["tea"])
    make_collection("gifts")
    sizes = {"Size": ["Small", "Large"]}
    make_product(slug="teapot", sku="POT", options=sizes, category="tea", collections=["gifts"], images=2)


def messy_browser() -> Client:
    """Somebody with every cookie there is, and none of them any good."""
    browser = Client(headers={"Accept-Language": "de", "User-Agent": "Messy/1.0", "HX-Request": "true"})
    for name in ("session", "messages", "cart", "cart_count", "csrftoken", "tracking"):
        browser.cookies[name] = "no-such-value"
    return browser


@pytest.mark.parametrize("url", PAGES + MISSING + MACHINES)
def test_every_visitor_gets_the_same_bytes_and_no_cookie(client: Client, url: str) -> None:
    plain, messy = client.get(url), messy_browser().get(url)
    assert plain.content == messy.content
    assert (plain.status_code, plain.get("ETag")) == (messy.status_code, messy.get("ETag"))
    assert not plain.cookies
    assert not messy.cookies
    assert "Cookie" not in plain.get("Vary", "")


def test_a_customer_gets_the_same_bytes_as_a_guest(client: Client, alice: Shopper) -> None:
    for url in ("/", "/products/teapot/", "/categories/tea/"):
        assert alice.client.get(url).content == client.get(url).content


@pytest.mark.parametrize("url", PAGES)
def test_a_page_may_be_kept_for_everyone(client: Client, url: str) -> None:
    response = client.get(url)
    assert response.status_code == 200
    assert response["Cache-Control"] == "public, max-age=60, s-maxage=300, stale-while-revalidate=600"


@pytest.mark.parametrize("url", MISSING)
def test_what_is_missing_is_kept_for_seconds_only(client: Client, url: str) -> None:
    response = client.get(url)
    assert response.status_code == 404
    assert response["Cache-Control"] == "public, max-age=15, s-maxage=30"


@pytest.mark.parametrize("url", MACHINES)
def test_what_machines_read_is_kept_for_a_day(client: Client, url: str) -> None:
    assert client.get(url)["Cache-Control"] == "public, max-age=3600, s-maxage=86400"


@pytest.mark.parametrize("url", PAGES)
def test_a_page_that_did_not_change_is_not_sent_twice(client: Client, url: str) -> None:
    etag = client.get(url)["ETag"]
    response = client.get(url, headers={"If-None-Match": etag})
    assert response.status_code == 304
    assert response.content == b""


def test_a_page_that_changed_is_sent(client: Client) -> None:
    etag = client.get("/products/teapot/")["ETag"]
    services.set_stock(sku="POT-Small", available=1, now=LONG_AGO)
    response = client.get("/products/teapot/", headers={"If-None-Match": etag})
    assert response.status_code == 200
    assert "Only 1 left" in response.content.decode()


def test_compressed_pages_are_the_same_bytes_each_time(client: Client) -> None:
    first, second = (client.get("/", headers={"Accept-Encoding": "gzip"}) for _ in range(2))
    assert first["Content-Encoding"] == "gzip"
    assert first.content == second.content
    assert "Accept-Encoding" in first["Vary"]


@pytest.mark.parametrize("url", PAGES + MACHINES)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_of_the_catalog_is_changed_by_visitors(client: Client, url: str, method: str) -> None:
    response = getattr(client, method)(url)
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("url", PAGES + MACHINES)
def test_head_is_answered_like_get_without_a_body(client: Client, url: str) -> None:
    response = client.head(url)
    assert response.status_code == 200
    assert response.content == b""


def test_an_edit_is_on_the_page_at_once(client: Client) -> None:
    product = make_product(slug="cup", title="Cup")
    assert "Cup" in client.get("/products/cup/").content.decode()
    product.title = "Beaker"
    services.save_product(product=product, now=LONG_AGO)
    assert "Beaker" in client.get("/products/cup/").content.decode()
