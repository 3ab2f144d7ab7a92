"""How pages lie on screens: from the narrowest phone to the desktop, by day and by night."""

import pytest
from playwright.sync_api import Page, Route, expect

from cloudcart.local.shop import Shop
from tests.browser import steps
from tests.browser.conftest import PageMaker
from tests.cast import Shopper
from tests.site import Visit, fill_catalog, make_site

WIDTHS = (320, 390, 768, 1280)
OF_EACH_KIND = {"home", "product", "cart", "shipping", "guest's order", "sign-in", "not found", "mailbox"}
# Sticks out of the window, and is neither cut off nor scrolled by something around it.
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  const isHeld = (element) => element && element !== document.body && (
    getComputedStyle(element).overflowX !== "visible" || isHeld(element.parentElement));
  const wide = [...document.body.querySelectorAll('*')].filter((element) => {
    const box = element.getBoundingClientRect();
    return box.width && box.right > width + 1 && !isHeld(element.parentElement);
  });
  const shown = wide.slice(0, 3).map((each) => each.outerHTML.slice(0, 120));
  return { scroll: document.documentElement.scrollWidth - width, wide: shown };
}"""
# What scrolls sideways within an open dialog.
SIDEWAYS = """() => [...document.querySelectorAll("dialog[open], dialog[open] *")]
  .filter((element) => getComputedStyle(element).overflowX !== "visible" && element.clientWidth > 1)
  .filter((element) => element.scrollWidth > element.clientWidth)
  .map((element) => element.outerHTML.slice(0, 120))"""
COLORS = """() => {
  const text = getComputedStyle(document.querySelector("h1")).color;
  return [getComputedStyle(document.documentElement).backgroundColor, text];
}"""
SHIFT = """() => new Promise((resolve) => {
  let total = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => { total += entry.value; }))
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(total), 300);
})"""


@pytest.fixture
def site(alice: Shopper) -> list[Visit]:
    return make_site(alice)


def test_no_page_scrolls_sideways_at_any_width(page: Page, shop: Shop, site: list[Visit]) -> None:
    faults = {}
    for visit in site:
        open_visit(page, shop, visit)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            found = page.evaluate(TOO_WIDE)
            if found["scroll"] > 0 or found["wide"]:
                faults[visit.name, width] = found
    assert faults == {}


def test_pages_are_light_by_day_and_dark_by_night(page: Page, shop: Shop, site: list[Visit]) -> None:
    for visit in [visit for visit in site if visit.name in OF_EACH_KIND]:
        open_visit(page, shop, visit)
        page.emulate_media(color_scheme="light")
        canvas, ink = [lightness(color) for color in page.evaluate(COLORS)]
        assert canvas > 0.9, visit
        assert ink < 0.4, visit
        page.emulate_media(color_scheme="dark")
        canvas, ink = [lightness(color) for color in page.evaluate(COLORS)]
        assert canvas < 0.3, visit
        assert ink > 0.8, visit


@pytest.mark.parametrize("width", WIDTHS)
def test_the_drawer_fits_into_every_window(open_browser: PageMaker, width: int) -> None:
    fill_catalog()
    page = open_browser(width=width)
    page.goto("/products/long/")
    steps.add_to_cart(page)
    drawer = steps.drawer(page)
    expect(drawer.get_by_role("link", name="Checkout")).to_be_in_viewport()
    assert drawer.evaluate("drawer => drawer.getBoundingClientRect().width") <= min(width, 420)
    assert page.evaluate(SIDEWAYS) == []


@pytest.mark.parametrize("path", ["/", "/products/", "/products/teapot/", "/cart/"])
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_moves_while_a_page_loads(open_browser: PageMaker, path: str, width: int) -> None:
    fill_catalog()
    page = open_browser(width=width)
    # What comes late is what would push the rest aside.
    page.route("**/*.{woff2,webp,svg}", come_late)
    page.goto(path, wait_until="load")
    assert page.evaluate(SHIFT) == 0
    # The icon may be on its way still, and must not outlive the page.
    page.unroute_all(behavior="wait")


def come_late(route: Route) -> None:
    route.request.frame.page.wait_for_timeout(150)
    route.continue_()


def open_visit(page: Page, shop: Shop, visit: Visit) -> None:
    page.context.clear_cookies()
    page.context.add_cookies([{"name": name, "value": value, "url": shop.url} for name, value in visit.cookies.items()])
    page.goto(visit.path)


def lightness(color: str) -> float:
    """Of an oklch() color, from 0 to 1."""
    assert color.startswith("oklch("), color
    return float(color.removeprefix("oklch(").split(" ")[0])
