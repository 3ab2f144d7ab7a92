import pytest
from django.test import Client

from catalog import categories
from catalog.models import Category
from tests.catalog.pages import find, href, parse, text_of, titles
from tests.factories import make_category_tree, make_product


def test_a_category_shows_its_own_products_and_those_below(client: Client) -> None:
    make_category_tree({"kitchen": {"tea": {"cups": {}}}, "desk": {}})
    make_product(title="Cup", category="cups", price=100)
    make_product(title="Teapot", category="tea", price=200)
    make_product(title="Pen", category="desk")
    assert titles(parse(client.get("/categories/kitchen/?sort=price-low"))) == ["Cup", "Teapot"]
    assert titles(parse(client.get("/categories/cups/"))) == ["Cup"]


def test_a_category_names_itself_its_way_and_what_is_below(client: Client) -> None:
    make_category_tree({"kitchen": {"tea": {"cups": {}, "pots": {}}}})
    page = parse(client.get("/categories/tea/"))
    assert text_of(find(page, "h1")) == "Tea"
    assert text_of(find(page, "nav", class_="breadcrumb")) == "Home Kitchen Tea"
    assert [link.get("href") for link in page.iterfind(".//a[@class='chip']")] == [
        "/categories/cups/",
        "/categories/pots/",
    ]


def test_a_category_has_a_title_and_a_description_for_search_engines(client: Client) -> None:
    categories.save_categories(
        categories=[
            Category(category_id="tea", slug="tea", name="Tea", seo_title="Tea & pots", seo_description="All for tea."),
            Category(category_id="pots", slug="pots", name="Pots", description="They pour."),
        ]
    )
    page = parse(client.get("/categories/tea/"))
    assert text_of(find(page, "title")) == "Tea & pots · CloudCart"
    assert find(page, "meta", name="description", content="All for tea.") is not None
    page = parse(client.get("/categories/pots/"))
    assert text_of(find(page, "title")) == "Pots · CloudCart"
    assert find(page, "meta", name="description", content="They pour.") is not None
    assert href(page, "link", rel="canonical") == "http://127.0.0.1:8000/categories/pots/"


def test_an_empty_category_says_so(client: Client) -> None:
    make_category_tree(["tea"])
    page = parse(client.get("/categories/tea/"))
    assert text_of(find(page, "h2", class_="empty-state__title")) == "Nothing here at the moment"


def test_a_former_address_of_a_category_leads_on_with_its_query(client: Client) -> None:
    make_category_tree(["tea"])
    categories.save_categories(categories=[Category(category_id="tea", slug="tea-and-coffee", name="Tea & coffee")])
    response = client.get("/categories/tea/?sort=price-low")
    assert (response.status_code, response["Location"]) == (301, "/categories/tea-and-coffee/?sort=price-low")


@pytest.mark.parametrize("slug", ["no-such", "Tea", "a" * 101, "a" * 3000, "%00", "a%20b"])
def test_an_unknown_category_is_not_found(client: Client, slug: str) -> None:
    make_category_tree(["tea"])
    assert client.get(f"/categories/{slug}/").status_code == 404


def test_all_categories_are_on_one_page_with_those_below(client: Client) -> None:
    make_category_tree({"kitchen": {"tea": {}}, "desk": {}})
    page = parse(client.get("/categories/"))
    assert [text_of(title) for title in page.iter("h2") if "catalog-index__title" in title.get("class", "")] == [
        "Kitchen",
        "Desk",
    ]
    assert find(page, "a", href="/categories/tea/") is not None


def test_a_shop_without_categories_leads_to_all_products(client: Client) -> None:
    page = parse(client.get("/categories/"))
    assert text_of(find(page, "h2", class_="empty-state__title")) == "There are no categories yet"
    menu = client.get("/categories/menu/").content.decode()
    assert 'href="/products/"' in menu


def test_the_menu_is_a_fragment_with_two_levels(client: Client) -> None:
    make_category_tree({"kitchen": {"tea": {"cups": {}}}, "desk": {}})
    response = client.get("/categories/menu/")
    html = response.content.decode()
    assert "<html" not in html
    assert html.index("/categories/kitchen/") < html.index("/categories/tea/") < html.index("/categories/desk/")
    assert "/categories/cups/" not in html
    assert response["X-Robots-Tag"] == "noindex"


def test_the_name_of_a_category_is_text_and_not_markup(client: Client) -> None:
    categories.save_categories(categories=[Category(category_id="x", slug="x", name="<b>A & B</b>")])
    assert text_of(find(parse(client.get("/categories/x/")), "h1")) == "<b>A & B</b>"
    assert "<b>" not in client.get("/categories/menu/").content.decode()
