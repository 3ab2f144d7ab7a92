"""The parts of `make rehearse` that could break unseen; the rehearsal itself takes minutes."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from cloudcart.aws.names import Names
from cloudcart.local.cold_start import probe
from cloudcart.local.rehearsal.steps import RehearsalFailed, Steps, expect
from cloudcart.local.rehearsal.visitor import Page, Visitor
from cloudcart.local.rehearsal.zappa import ask_for_version

PAGE = """
<link rel="stylesheet" href="/static/css/base.1.css"><a href="/products/mug/">Mug</a>
<img src="/media/mug/400.webp" alt="">
<form method="get" action="/products/"><input name="q" value="none"></form>
<form method="post" action="/cart/items/"><input type="hidden" name="sku" value="MUG"><input name="quantity" value="2">
<input type="radio" name="option" value="Small"><input type="radio" name="option" value="Large" checked></form>
"""


class Shop(BaseHTTPRequestHandler):
    """Leads from /start/ to /end/ with cookies, and tells what came with the request."""

    def do_GET(self) -> None:
        if self.path == "/dev/start/":
            self.send_response(302)
            self.send_header("Location", "https://shop.example/end/")
            self.send_header("Set-Cookie", "session=abc; Path=/; Secure")
            self.send_header("Set-Cookie", 'gone=""; Max-Age=0')
        elif self.path == "/dev/doubled/":
            self.send_response(200)
            self.send_header("Set-Cookie", "a=1")
            self.send_header("Set-Cookie", "a=1")
        elif self.path == "/dev/away/":
            self.send_response(302)
            self.send_header("Location", "https://elsewhere.example/")
        else:
            self.send_response(200)
        self.end_headers()
        told = f"{self.path} {self.headers['Cookie']} {self.headers['X-Forwarded-Host']}"
        self.wfile.write(told.encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    server = HTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, args=[0.01]).start()
    yield Visitor(f"http://127.0.0.1:{server.server_port}/dev", "shop.example", {"gone": "soon"})
    server.shutdown()
    server.server_close()


def test_a_visitor_follows_redirects_with_its_cookies_under_the_shops_host(visitor: Visitor) -> None:
    page = visitor.get("/start/")
    assert (page.path, page.text) == ("/end/", "/dev/end/ session=abc shop.example")
    assert visitor.cookies == {"session": "abc"}


def test_a_cookie_that_is_sent_twice_fails_the_rehearsal(visitor: Visitor) -> None:
    with pytest.raises(RehearsalFailed, match="set twice"):
        visitor.get("/doubled/")


def test_a_shop_that_leads_away_or_answers_otherwise_fails_the_rehearsal(visitor: Visitor) -> None:
    with pytest.raises(RehearsalFailed, match="leads away"):
        visitor.get("/away/")
    with pytest.raises(RehearsalFailed, match="answers 200 instead of 404"):
        visitor.get("/end/", status=404)


def test_a_way_to_another_site_is_told_and_not_gone(visitor: Visitor) -> None:
    assert visitor.leave("/away/") == "https://elsewhere.example/"
    with pytest.raises(RehearsalFailed, match="leads to /end/ \\(200\\) and not to another site"):
        visitor.leave("/start/")


def test_a_page_tells_its_links_assets_and_forms() -> None:
    page = Page("/", 200, PAGE, None)  # type: ignore[arg-type]
    assert page.links == ["/products/mug/"]
    assert page.assets == ["/static/css/base.1.css", "/media/mug/400.webp"]
    assert page.form("/cart/items/") == {"sku": "MUG", "quantity": "2", "option": "Large"}
    with pytest.raises(RehearsalFailed, match="no form for /checkout/"):
        page.form("/checkout/")


def test_steps_tell_their_times_and_a_failed_one_is_not_done(capsys: pytest.CaptureFixture[str]) -> None:
    steps = Steps()
    with steps.step("the first"):
        pass
    with pytest.raises(RehearsalFailed, match="no luck"), steps.step("the second"):
        expect(condition=False, otherwise="no luck")
    assert "the first" in steps.table()
    assert "the second" not in steps.table()
    assert "the second …" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ({"FunctionName": "function:shop:3"}, {"FunctionName": "shop", "Qualifier": "3"}),
        ({"FunctionName": "shop"}, {"FunctionName": "shop"}),
    ],
)
def test_a_version_is_asked_for_as_the_embedded_aws_reads_it(asked: dict[str, str], given: dict[str, str]) -> None:
    ask_for_version(asked)
    assert asked == given


def test_a_probe_asks_as_an_http_api_does() -> None:
    request = probe.request_for("/products/")
    assert request["version"] == "2.0"
    assert request["rawPath"] == "/products/"
    assert Names("dev").web_function == "cloudcart-app-dev"
