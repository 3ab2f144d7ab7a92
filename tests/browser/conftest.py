"""Windows of a real browser on a shop that runs."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect, sync_playwright

from cloudcart.local.emulator import find_free_port
from cloudcart.local.shop import Shop
from tests.chromium import ADVICE, find_chromium, launch_arguments
from tests.live_shop import running_shop, wait_until_settled

PageMaker = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = find_chromium()
    if path is None and os.environ.get("CI"):
        pytest.fail(ADVICE)
    if path is None:
        pytest.skip(ADVICE)
    # As long as for clicks: a machine may be busy, and what counts is that it happens.
    expect.set_options(timeout=15_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=launch_arguments())
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def payments_url() -> str:
    """Where the payment simulator is, the one other host that pages may lead to."""
    return f"http://127.0.0.1:{find_free_port()}"


@pytest.fixture(scope="package")
def shop(payments_url: str) -> Iterator[Shop]:
    with running_shop(payments_port=urlsplit(payments_url).port) as shop:
        yield shop


@pytest.fixture(autouse=True)
def settled(shop: Shop) -> Iterator[None]:
    """Let the worker finish what a test's orders have set off, before the next test counts its mails."""
    yield
    wait_until_settled()


@pytest.fixture
def open_browser(browser: Browser, shop: Shop, payments_url: str) -> Iterator[PageMaker]:
    """Open a fresh browser window on the shop: ``open_browser(width=390, is_dark=True, has_script=False)``.

    At the end of the test, no page may have asked another host for anything or logged an error, be
    it of a script or of the content security policy.
    """
    problems: list[str] = []
    pages: list[Page] = []

    def make(*, width: int = 1280, height: int = 900, is_dark: bool = False, has_script: bool = True) -> Page:
        context = browser.new_context(
            base_url=shop.url,
            viewport={"width": width, "height": height},
            color_scheme="dark" if is_dark else "light",
            java_script_enabled=has_script,
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        context.route(lambda url: not url.startswith((shop.url, payments_url, "data:", "blob:")), _refuse(problems))
        page = context.new_page()
        page.on("console", lambda message: _note_console(problems, message.type, message.text))
        page.on("pageerror", lambda error: problems.append(f"script: {error}"))
        pages.append(page)
        return page

    yield make
    for page in pages:
        page.context.close()
    assert problems == []


@pytest.fixture
def page(open_browser: PageMaker) -> Page:
    """A window of the usual size, with scripts."""
    return open_browser()


def _refuse(problems: list[str]) -> Callable[[Route, Request], None]:
    def refuse(route: Route, request: Request) -> None:
        problems.append(f"asked another host: {request.url}")
        route.abort()

    return refuse


def _note_console(problems: list[str], kind: str, text: str) -> None:
    # Chromium logs every answer of 4xx as an error; 409 and 422 are the shop's ordinary answers.
    if kind == "error" and not text.startswith("Failed to load resource: the server responded with a status of 4"):
        problems.append(f"console: {text}")
