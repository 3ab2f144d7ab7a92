"""A whole shop for the browser tests: web server, worker and sweeper as `make run` starts them."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, Request, Route, sync_playwright

from cloudcart.local import programs
from cloudcart.local.emulator import Emulator, find_free_port
from cloudcart.local.folder import LocalFolder
from cloudcart.local.shop import Shop
from tests.chromium import ADVICE, find_chromium, launch_arguments

PageMaker = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_chromium()
    if path is None and os.environ.get("CI"):
        pytest.fail(ADVICE)
    if path is None:
        pytest.skip(ADVICE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=launch_arguments())
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shop(browser: Browser) -> Iterator[Shop]:
    """The shop's programs on the tests' embedded AWS. What is in it, each test stores itself."""
    emulator = Emulator(urlsplit(os.environ["AWS_ENDPOINT_URL"]).port or 0)
    folder = LocalFolder(settings.LOCAL_DIR)
    shop = Shop(folder, emulator, port=find_free_port(), environment={"DEBUG": "", "LOG_FORMAT": "json"})
    with folder.lock():
        shop.manage("collectstatic", "--no-input", "--verbosity", "0")
        try:
            web = programs.start_web(shop)
            programs.start_worker(shop)
            shop.wait_until_served(web)
            yield shop
        finally:
            shop.end()


@pytest.fixture
def open_browser(browser: Browser, shop: Shop) -> Iterator[PageMaker]:
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
        context.route(lambda url: not url.startswith((shop.url, "data:", "blob:")), _refuse(problems))
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
