"""Requests that no browser makes: the shop answers them shortly, and none of them makes it fail."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from django.test import Client

from cloudcart.local.shop import Shop
from tests.journeys.forms import FORMS
from tests.journeys.visitors import customer, guest

FORM = "application/x-www-form-urlencoded"
PAGES = [
    "/",
    "/products/",
    "/products/mug/",
    "/categories/",
    "/collections/gifts/",
    "/cart/",
    "/checkout/contact/",
    "/checkout/review/",
    "/orders/",
    "/orders/LUSAB-MODIK-47/",
    "/accounts/profile/",
    "/accounts/sign-in/",
    "/mailbox/",
    "/healthz",
    "/robots.txt",
]
PATHS = sorted({*PAGES, *(form.path for form in FORMS)})
STRANGE = [
    "%00",
    "%ff%fe",
    "%F0%9F%A7%A8",
    "a" * 3000,
    "..%2f..%2fetc%2fpasswd",
    "%0d%0aSet-Cookie:%20stolen=1",
    "'%22%3E",
]
FOLDERS = [
    "/",
    "/products/",
    "/categories/",
    "/collections/",
    "/orders/",
    "/cart/items/",
    "/accounts/addresses/",
    "/mailbox/",
    "/media/",
    "/static/",
]
# What the shop reads from an address after its question mark.
QUERIES = {
    "/products/": ["page", "sort"],
    "/products/mug/": ["sku", "option-0"],
    "/collections/gifts/": ["page", "sort"],
    "/checkout/shipping/": ["address"],
    "/orders/": ["before"],
    "/orders/LUSAB-MODIK-47/": ["key", "placed"],
    "/accounts/sign-in/": ["next"],
    "/mailbox/": ["to", "newest"],
}
# A body, and what it is said to be.
BODIES: dict[str, tuple[bytes, str]] = {
    "JSON": (b'{"sku": ["MUG"], "quantity": {}}', "application/json"),
    "broken JSON": (b"{", "application/json"),
    "text": (b"sku=MUG", "text/plain"),
    "no type": (b"sku=MUG&quantity=1", ""),
    "invalid UTF-8": (b"email=%ff%fe&name=%c3%28&sku=%80&quantity=%ff", FORM),
    "raw invalid UTF-8": (b"email=\xff\xfe&name=\xc3(", FORM),
    "unknown charset": (b"email=a", f"{FORM}; charset=klingon"),
    "1,001 fields": (b"a=1&" * 1001, FORM),
    "form data without boundary": (b"--a\r\n", "multipart/form-data"),
    "form data cut off": (
        b'--a\r\nContent-Disposition: form-data; name="email"\r\n\r\nx',
        "multipart/form-data; boundary=a",
    ),
    "a file in place of text": (
        b'--a\r\nContent-Disposition: form-data; name="email"; filename="a\x00.txt"\r\n\r\nx\r\n--a--\r\n',
        "multipart/form-data; boundary=a",
    ),
    "ampersands": (b"&&==&=&%", FORM),
}
COOKIES = ["", "x", "a:b:c", "::::", "x" * 3900, "%00", '"\\000"', "é", "eyJhIjoxfQ:1tCg2r:AAAA", "{}", "1.2.3"]
# Cookies of the shop, and the pages that read them.
READERS = {
    "session": ["/orders/", "/cart/"],
    "cart": ["/cart/", "/checkout/contact/"],
    "cart_count": ["/cart/"],
    "messages": ["/cart/"],
    "account_email": ["/accounts/confirm/"],
}
HEADERS = [
    {"HX-Request": "true", "HX-Current-URL": "\\\\evil", "HX-Target": "<>"},
    {"HX-Request": "maybe", "HX-Current-URL": "http://[::1", "Referer": "http://[::1"},
    {"HX-Current-URL-URI-AutoEncoded": "true", "HX-Current-URL": "%ff%00", "HX-Request": "true"},
    {"X-Request-ID": "a" * 5000, "X-Forwarded-For": "'; --, ::1, 999.0.0.1"},
    {"Accept-Language": "\x7f;q=9,*;q=x", "Accept-Encoding": "gzip;q=x, br", "Accept": "/"},
    {"If-None-Match": '"', "If-Modified-Since": "yesterday", "Range": "bytes=9-1"},
    {"Origin": "null"},
    {"Origin": "http://[", "Sec-Fetch-Site": "cross-site"},
    {"Host": "evil.example"},
    {"Host": "127.0.0.1:x"},
]

Send = Callable[..., int]


@pytest.fixture
def send(shop: Shop) -> Iterator[Send]:
    """Send a request as somebody who has a cart and an account, and give the status."""
    with httpx.Client(base_url=shop.url, timeout=30) as http:
        visitor = guest() | customer()

        def send(method: str, path: str, **options: object) -> int:
            http.cookies = httpx.Cookies(visitor)
            answer = http.request(method, path, **options)  # type: ignore[arg-type]
            assert "stolen" not in answer.headers.get("set-cookie", "")
            return answer.status_code

        yield send


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "BREW"])
def test_unknown_methods_are_refused(send: Send, method: str) -> None:
    statuses = {path: send(method, path) for path in PATHS}
    assert {path: status for path, status in statuses.items() if status not in {404, 405}} == {}


def test_forms_answer_no_get_of_what_only_changes_something(send: Send) -> None:
    assert send("GET", "/cart/items/") == 405
    assert send("GET", "/accounts/sign-out/") == 405


@pytest.mark.parametrize("kind", BODIES)
def test_bodies_that_are_no_form_are_refused(send: Send, kind: str) -> None:
    body, content_type = BODIES[kind]
    statuses = {
        form.path: send("POST", form.path, content=body, headers={"Content-Type": content_type}) for form in FORMS
    }
    assert {path: status for path, status in statuses.items() if not 300 <= status < 500} == {}


def test_a_form_of_three_megabytes_is_refused(client: Client) -> None:
    # Not over the network: a server that does not read on may close before the client is through.
    response = client.post("/orders/find/", f"email={'x' * 3_000_000}", content_type=FORM)
    assert response.status_code == 400


@pytest.mark.parametrize("folder", FOLDERS)
def test_addresses_of_nothing_are_not_found(send: Send, folder: str) -> None:
    statuses = {(strange[:60], end): send("GET", f"{folder}{strange}{end}") for strange in STRANGE for end in ("", "/")}
    statuses |= {(strange[:60], "POST"): send("POST", f"{folder}{strange}/") for strange in STRANGE}
    assert {path: status for path, status in statuses.items() if not 300 <= status < 500} == {}


def test_queries_of_nonsense_change_nothing(send: Send) -> None:
    urls = [f"{path}?{name}={strange}" for path, names in QUERIES.items() for name in names for strange in STRANGE]
    urls += [f"{path}?{'a=1&' * 1001}" for path in QUERIES]
    statuses = {url[:60]: send("GET", url) for url in urls}
    assert {url: status for url, status in statuses.items() if status >= 500} == {}


@pytest.mark.parametrize("name", READERS)
def test_forged_cookies_count_as_none(shop: Shop, name: str) -> None:
    true = (guest() | customer()).get(name, "x")
    statuses = {}
    with httpx.Client(base_url=shop.url, timeout=30) as http:
        for value in [*COOKIES, true[:-1], f"{true}x"]:
            for path in READERS[name]:
                http.cookies.clear()
                answer = http.get(path, headers={b"Cookie": f"{name}={value}".encode()})
                statuses[value[:40], path] = answer.status_code
    assert {sent: status for sent, status in statuses.items() if status not in {200, 302}} == {}


def test_a_forged_cart_is_an_empty_one(shop: Shop) -> None:
    cookie = guest()["cart"]
    token, stamp, signature = cookie.split(":")
    assert "Mug" in httpx.get(f"{shop.url}/cart/", cookies={"cart": cookie}).text
    for forged in (f"{token}x:{stamp}:{signature}", f"{token}:{stamp}:{signature[::-1]}", token):
        assert "Your cart is empty" in httpx.get(f"{shop.url}/cart/", cookies={"cart": forged}).text


@pytest.mark.parametrize("headers", HEADERS, ids=str)
def test_odd_headers_are_borne(send: Send, headers: dict[str, str]) -> None:
    raw = {name.encode(): value.encode() for name, value in headers.items()}
    pages = ["/", "/products/mug/", "/cart/", "/orders/", "/accounts/sign-in/", "/mailbox/", "/healthz"]
    statuses = {path: send("GET", path, headers=raw) for path in pages}
    forms = [form for form in FORMS if form.path in {"/cart/items/", "/checkout/contact/", "/accounts/sign-in/"}]
    statuses |= {f"POST {form.path}": send("POST", form.path, data=form.fill_in(), headers=raw) for form in forms}
    assert {path: status for path, status in statuses.items() if status >= 500} == {}
