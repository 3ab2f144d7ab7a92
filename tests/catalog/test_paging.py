import base64
from datetime import timedelta
from itertools import chain

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import Product
from catalog.paging import Position, Sort, UnknownPosition
from tests.catalog.pages import find, href, parse, titles
from tests.factories import LONG_AGO, make_product, make_products

SORTS = {
    "newest": lambda product: (product.published_at, product.product_id),
    "price-low": lambda product: (product.variants[0].unit_amount, product.product_id),
    "price-high": lambda product: (product.variants[0].unit_amount, product.product_id),
}


def in_order(products: list[Product], sort: str) -> list[str]:
    return [item.title for item in sorted(products, key=SORTS[sort], reverse=sort != "price-low")]


def walk(client: Client, url: str | None, rel: str) -> list[list[str]]:
    """The titles on each page from an address on, by its links."""
    pages: list[list[str]] = []
    while url is not None:
        page = parse(client.get(url))
        pages.append(titles(page))
        url = href(page, "a", rel=rel)
    return pages


def last_url(client: Client, url: str) -> str:
    while (following := href(parse(client.get(url)), "a", rel="next")) is not None:
        url = following
    return url


@pytest.mark.parametrize("sort", SORTS)
def test_walking_there_and_back_shows_every_product_once_and_in_order(client: Client, sort: str) -> None:
    products = make_products(60, price=1500) if sort == "price-low" else make_products(60)
    there = walk(client, f"/products/?sort={sort}", "next")
    assert [len(page) for page in there] == [24, 24, 12]
    assert list(chain(*there)) == in_order(products, sort)
    back = walk(client, last_url(client, f"/products/?sort={sort}"), "prev")
    assert back == there[::-1]


def test_a_page_stays_where_it_is_when_products_come_and_go(client: Client) -> None:
    products = make_products(60)
    second = href(parse(client.get("/products/")), "a", rel="next")
    assert second is not None
    before = titles(parse(client.get(second)))
    make_product(title="Brand new", published_at=LONG_AGO + timedelta(days=9))
    assert titles(parse(client.get(second))) == before
    assert titles(parse(client.get("/products/")))[0] == "Brand new"
    assert len(products) == 60


def test_reading_back_to_a_start_that_grew_a_little_leads_to_the_first_page(client: Client) -> None:
    make_products(30)
    second = href(parse(client.get("/products/")), "a", rel="next")
    assert second is not None
    first = href(parse(client.get(second)), "a", rel="prev")
    assert first is not None
    make_product(title="Brand new", published_at=LONG_AGO + timedelta(days=9))
    page = parse(client.get(first))
    assert len(titles(page)) == 24
    start = href(page, "a", rel="prev")
    assert start is not None
    response = client.get(start)
    assert (response.status_code, response["Location"]) == (302, "/products/")


def test_a_page_behind_the_last_product_leads_to_the_first_page(client: Client) -> None:
    make_products(3)
    token = Position("2000-01-01T00:00:00.000000Z#gone").to_token()
    response = client.get("/products/", {"page": token})
    assert (response.status_code, response["Location"]) == (302, "/products/")


@pytest.mark.parametrize(("number", "has_next"), [(24, False), (25, True)])
def test_a_full_page_has_a_next_one_only_if_there_is_more(client: Client, number: int, has_next: bool) -> None:
    make_products(number)
    page = parse(client.get("/products/"))
    assert (href(page, "a", rel="next") is not None) is has_next
    assert href(page, "a", rel="prev") is None


def test_the_order_is_kept_from_page_to_page(client: Client) -> None:
    make_products(30)
    page = parse(client.get("/products/?sort=price-high"))
    following = href(page, "a", rel="next")
    assert following is not None
    assert following.startswith("/products/?sort=price-high&page=")
    selected = find(parse(client.get(following)), "option", value="price-high")
    assert selected is not None
    assert "selected" in selected.attrib


def test_search_engines_are_given_one_order_and_the_neighbors(client: Client) -> None:
    make_products(60)
    page = parse(client.get("/products/"))
    second = href(page, "link", rel="next")
    assert second is not None
    assert href(page, "link", rel="canonical") == "http://127.0.0.1:8000/products/"
    page = parse(client.get(second))
    assert href(page, "link", rel="canonical") == f"http://127.0.0.1:8000{second}"
    assert href(page, "link", rel="prev") is not None
    assert find(page, "meta", name="robots") is None
    page = parse(client.get("/products/?sort=price-low"))
    assert href(page, "link", rel="canonical") == "http://127.0.0.1:8000/products/"
    assert find(page, "meta", name="robots", content="noindex") is not None


def token_of(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


BAD_TOKENS = [
    "x",
    "%00",
    "../../etc/passwd",
    "\N{SNOWMAN}",
    "A" * 5000,
    token_of(b">"),
    token_of(b"\xff\xfe"),
    token_of(b">2024-05-01T09:00:00.000000Z#" + b"a" * 3000),
    token_of(b">000000003600#some-product"),
    token_of(b"=2024-05-01T09:00:00.000000Z#some-product"),
    token_of(b">2024-05-01T09:00:00.000000Z#some-product\n"),
]


@pytest.mark.parametrize("token", BAD_TOKENS)
def test_a_token_that_is_none_of_ours_is_an_unknown_page(client: Client, token: str) -> None:
    response = client.get("/products/", {"page": token})
    assert response.status_code == 404
    assert "We cannot find that page" in response.content.decode()


@pytest.mark.parametrize(
    "query", ["sort=", "sort=cheapest", "sort=newest&sort=x", "sort[]=1", "page=", "%ff=%ff", "a=" * 500]
)
def test_a_strange_query_shows_the_first_page(client: Client, query: str) -> None:
    make_products(2)
    response = client.get(f"/products/?{query}")
    assert response.status_code == 200
    assert len(titles(parse(response))) == 2


@given(st.booleans(), st.from_regex(r"[A-Za-z0-9-]{1,64}", fullmatch=True), st.integers(0, 10**12 - 1))
def test_a_token_gives_back_the_position_it_was_made_of(is_before: bool, product_id: str, amount: int) -> None:
    position = Position(f"{amount:012d}#{product_id}", is_before=is_before)
    assert Position.from_token(position.to_token(), Sort.PRICE_LOW) == position
    with pytest.raises(UnknownPosition):
        Position.from_token(position.to_token(), Sort.NEWEST)


@given(st.text())
def test_any_other_text_names_no_position(token: str) -> None:
    with pytest.raises(UnknownPosition):
        Position.from_token(token, Sort.NEWEST)


def test_equal_prices_are_told_apart_by_their_ids(client: Client) -> None:
    make_products(50, price=1500)
    pages = walk(client, "/products/?sort=price-low", "next")
    shown = list(chain(*pages))
    assert len(shown) == len(set(shown)) == 50
