"""What every page of the shop promises, read from what the web server really sends."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

import httpx
import pytest

from cloudcart.local.shop import Shop
from tests.cast import Shopper
from tests.catalog.pages import parse
from tests.site import Visit, make_site

LIMIT = 50_000
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


@pytest.fixture(scope="module")
def web(shop: Shop) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=shop.url, headers={"Accept-Encoding": "gzip"}, timeout=30) as web:
        yield web


@pytest.fixture(scope="module")
def answers(web: httpx.Client) -> dict[str, httpx.Response]:
    """The answer to a visit of every page, by its name; fetched once, for the tests leave nothing in the shop."""
    answers = {visit.name: _get(web, visit) for visit in make_site(Shopper("alice@example.com", "Alice Keller"))}
    statuses = {name: answer.status_code for name, answer in answers.items() if answer.status_code != 200}
    assert statuses == {"not found": 404, "not your order": 404}
    assert len(answers) > 30
    return answers


@pytest.fixture(scope="module")
def pages(answers: dict[str, httpx.Response]) -> dict[str, Element]:
    return {name: parse(answer) for name, answer in answers.items()}


def test_the_first_load_of_every_page_weighs_50_kilobytes_at_most(
    web: httpx.Client, answers: dict[str, httpx.Response], pages: dict[str, Element]
) -> None:
    files = {name: [*_links(page, "stylesheet"), *_scripts(page)] for name, page in pages.items()}
    weights = {url: _weight(web.get(url)) for url in set().union(*files.values())}
    first_loads = {name: _weight(answers[name]) + sum(weights[url] for url in files[name]) for name in pages}
    assert {name: weight for name, weight in first_loads.items() if weight > LIMIT} == {}
    assert min(weights.values()) > 0


def test_no_page_asks_another_host_for_anything(pages: dict[str, Element]) -> None:
    assert {url for page in pages.values() for url in _loaded(page) if not _is_own(url)} == set()


def test_every_page_forbids_what_it_does_not_need(answers: dict[str, httpx.Response]) -> None:
    for name, answer in answers.items():
        sent = {header: answer.headers.get(header) for header in HEADERS}
        # An order's address is a secret, so its page tells it to nobody.
        own = {"referrer-policy": "no-referrer"} if "'s order" in name else {}
        assert sent == HEADERS | own, name
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        # Nothing comes from elsewhere; a form may lead on to the page to pay on.
        assert "http" not in re.sub(r"form-action [^;]*", "", policy)


def test_no_page_has_a_script_or_a_style_in_its_text(pages: dict[str, Element]) -> None:
    faults = [
        (name, element.tag, attribute)
        for name, page in pages.items()
        for element in page.iter()
        for attribute in [*element.attrib, *_inline(element)]
        if attribute == "style" or attribute.startswith("on") or attribute == "text"
    ]
    assert faults == []


def test_pages_that_caches_share_set_no_cookie_and_others_only_what_they_need(
    answers: dict[str, httpx.Response],
) -> None:
    cookies = {name: answer.headers.get_list("set-cookie") for name, answer in answers.items()}
    shared = {name for name, answer in answers.items() if "public" in answer.headers.get("cache-control", "")}
    assert {"home", "products", "category", "collection", "product", "categories"} <= shared
    assert {name: cookies[name] for name in shared if cookies[name]} == {}
    names = {cookie.partition("=")[0] for name in cookies for cookie in cookies[name]}
    assert names <= {"cart_count", "messages", "session", "account_email"}


def test_every_page_has_one_heading_of_the_first_rank_and_a_title(pages: dict[str, Element]) -> None:
    assert {name: len(list(page.iter("h1"))) for name, page in pages.items()} == dict.fromkeys(pages, 1)
    titles = {name: page.findtext("head/title", "") for name, page in pages.items()}
    assert [name for name, title in titles.items() if "CloudCart" not in title] == []
    assert len(set(titles.values())) > len(pages) / 2


def test_headings_leave_out_no_rank(pages: dict[str, Element]) -> None:
    ranks = {name: [int(each.tag[1]) for each in page.iter() if _is_heading(each)] for name, page in pages.items()}
    skips = {name: found for name, found in ranks.items() if any(b > a + 1 for a, b in pairwise(found))}
    assert skips == {}


def test_every_page_has_its_landmarks_and_a_way_past_the_header(pages: dict[str, Element]) -> None:
    for name, page in pages.items():
        body = page.find("body")
        assert body is not None
        assert [element.tag for element in body if element.tag in {"header", "main", "footer"}] == [
            "header",
            "main",
            "footer",
        ], name
        first_link = next(page.iter("a"))
        assert (first_link.get("href"), first_link.text) == ("#content", "Skip to content"), name
        assert [element.get("id") for element in page.iter("main")] == ["content"], name


def test_every_id_is_there_once(pages: dict[str, Element]) -> None:
    for name, page in pages.items():
        ids = [element.get("id") for element in page.iter() if element.get("id")]
        assert sorted(ids, key=str) == sorted(set(ids), key=str), name


def test_every_picture_has_its_size_and_a_text(pages: dict[str, Element]) -> None:
    pictures = [(name, image) for name, page in pages.items() for image in page.iter("img")]
    assert len(pictures) > 50
    bare = [(name, image.get("src")) for name, image in pictures if not {"width", "height", "alt"} <= set(image.keys())]
    assert bare == []


def test_every_field_has_a_label(pages: dict[str, Element]) -> None:
    fields = [(name, page, field) for name, page in pages.items() for field in _fields(page)]
    assert len(fields) > 30
    assert [(name, field.get("name")) for name, page, field in fields if not _label(page, field)] == []


def test_every_link_and_button_has_a_name(pages: dict[str, Element]) -> None:
    actions = [(name, each) for name, page in pages.items() for each in page.iter() if each.tag in {"a", "button"}]
    assert len(actions) > 500
    assert [(name, each.attrib) for name, each in actions if not _name(each)] == []


def _get(web: httpx.Client, visit: Visit) -> httpx.Response:
    web.cookies = httpx.Cookies(visit.cookies)
    return web.get(visit.path)


def _weight(answer: httpx.Response) -> int:
    return answer.num_bytes_downloaded


def _links(page: Element, rel: str) -> list[str]:
    return [link.get("href", "") for link in page.iter("link") if link.get("rel") == rel]


def _scripts(page: Element) -> list[str]:
    return [script.get("src", "") for script in page.iter("script") if script.get("src")]


def _loaded(page: Element) -> Sequence[str]:
    pictures = [image.get("src", "") for image in page.iter("img")]
    rest = [url for rel in ("stylesheet", "icon", "preload", "manifest") for url in _links(page, rel)]
    return [*rest, *_scripts(page), *pictures]


def _is_own(url: str) -> bool:
    return urljoin("http://shop/", url).startswith("http://shop/")


def _inline(element: Element) -> list[str]:
    """Scripts and styles that the page itself holds; data for search engines is neither."""
    is_code = element.tag == "style" or (element.tag == "script" and element.get("type") != "application/ld+json")
    return ["text"] if is_code and (element.text or "").strip() else []


def _is_heading(element: Element) -> bool:
    return len(element.tag) == 2 and element.tag[0] == "h" and element.tag[1].isdigit()


def _fields(page: Element) -> list[Element]:
    fields = [element for element in page.iter() if element.tag in {"input", "select", "textarea"}]
    return [field for field in fields if field.get("type") != "hidden" and "hidden" not in field.attrib]


def _label(page: Element, field: Element) -> str:
    labels = [label for label in page.iter("label") if label.get("for") == field.get("id") or field in label.iter()]
    return field.get("aria-label") or "".join("".join(label.itertext()) for label in labels).strip()


def _name(element: Element) -> str:
    alts = " ".join(image.get("alt", "") for image in element.iter("img"))
    return (element.get("aria-label") or "".join(element.itertext()) + alts).strip()
