"""The cookies of a whole visit, as the web server sets them."""

import httpx
import pytest

from cloudcart.local.shop import Shop
from tests.cast import PASSWORD, Shopper
from tests.factories import make_product


@pytest.fixture
def cookies(shop: Shop, alice: Shopper) -> dict[str, set[str]]:
    """The attributes of every cookie that a guest gets who fills a cart, mistypes an address and signs in."""
    make_product(sku="MUG")
    answers = []
    with httpx.Client(base_url=shop.url, timeout=30) as http:
        answers.append(http.post("/cart/items/", data={"sku": "MUG", "quantity": "1"}))
        answers.append(http.post("/accounts/forgot-password/", data={"email": "nobody@example.com"}))
        answers.append(http.post("/accounts/sign-in/", data={"email": alice.email, "password": PASSWORD}))
    assert [answer.status_code for answer in answers] == [302, 302, 302]
    lines = [line for answer in answers for line in answer.headers.get_list("set-cookie")]
    return {line.partition("=")[0]: attributes(line) for line in lines if "Max-Age=0" not in line}


def attributes(line: str) -> set[str]:
    return {part.strip() for part in line.split(";")[1:] if not part.strip().startswith(("expires", "Max-Age"))}


def test_scripts_read_no_cookie_but_the_number_in_the_header(cookies: dict[str, set[str]]) -> None:
    assert {"session", "cart", "cart_count", "account_email"} <= cookies.keys()
    readable = {name for name, own in cookies.items() if "HttpOnly" not in own}
    assert readable - {"messages"} == {"cart_count"}


def test_no_cookie_is_sent_along_by_other_sites(cookies: dict[str, set[str]]) -> None:
    assert {name for name, own in cookies.items() if "SameSite=Lax" not in own} == set()
    assert not any(part.startswith("Domain") for own in cookies.values() for part in own)
