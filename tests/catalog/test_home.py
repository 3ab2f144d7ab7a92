from datetime import timedelta

from django.test import Client
from django.utils import timezone

from tests.catalog.pages import find, parse, text_of, titles
from tests.factories import LONG_AGO, make_category_tree, make_collection, make_image, make_product


def test_an_empty_shop_says_so_and_leads_somewhere(client: Client) -> None:
    response = client.get("/")
    assert response.status_code == 200
    page = parse(response)
    assert text_of(find(page, "h2", class_="empty-state__title")) == "Nothing is on sale yet"
    assert titles(page) == []


def test_featured_products_come_by_their_rank_and_the_newest_of_the_others_below(client: Client) -> None:
    for rank, title in [(2, "Second"), (1, "First"), (11, "Last")]:
        make_product(title=title, featured_rank=rank)
    for day, title in enumerate(["Oldest", "Newer", "Newest"]):
        make_product(title=title, published_at=LONG_AGO + timedelta(days=day))
    assert titles(parse(client.get("/"))) == ["First", "Second", "Last", "Newest", "Newer", "Oldest"]


def test_drafts_and_archived_products_are_not_on_the_home_page(client: Client) -> None:
    make_product(title="Draft", status="draft", featured_rank=1)
    make_product(title="Archived", status="archived")
    make_product(title="On sale")
    assert titles(parse(client.get("/"))) == ["On sale"]


def test_no_more_than_eight_cards_stand_in_a_row(client: Client) -> None:
    for rank in range(1, 11):
        make_product(title=f"Featured {rank}", featured_rank=rank)
    for _ in range(10):
        make_product()
    shown = titles(parse(client.get("/")))
    assert shown[:8] == [f"Featured {rank}" for rank in range(1, 9)]
    assert len(shown) == 16


def test_the_top_categories_are_shown_in_their_order(client: Client) -> None:
    make_category_tree({"kitchen": {"tea": {}}, "desk": {}})
    page = parse(client.get("/"))
    tiles = [(text_of(tile), tile.get("href")) for tile in page.iterfind(".//a[@class='category-tile']")]
    assert tiles == [("Kitchen", "/categories/kitchen/"), ("Desk", "/categories/desk/")]


def test_the_first_collection_with_a_picture_opens_the_page(client: Client) -> None:
    make_collection("gifts", name="Gifts under €30", description="Small things.", image=make_image(alt="A present"))
    make_collection("winter")
    page = parse(client.get("/"))
    assert text_of(find(page, "h1")) == "Gifts under €30"
    picture = find(page, "img", alt="A present")
    assert picture is not None
    assert picture.get("fetchpriority") == "high"
    assert [tile.get("href") for tile in page.iterfind(".//a[@class='category-tile']")] == ["/collections/winter/"]


def badge_of(client: Client) -> str:
    return text_of(find(parse(client.get("/")), "span", class_="badge"))


def test_a_card_has_one_badge_at_most_and_sold_out_beats_sale_beats_new(client: Client) -> None:
    yesterday = timezone.now() - timedelta(days=1)
    make_product(featured_rank=3)
    assert badge_of(client) == ""
    make_product(featured_rank=2, published_at=yesterday)
    assert badge_of(client) == "New"
    make_product(featured_rank=1, published_at=yesterday, compare_at=9900)
    assert badge_of(client) == "Sale"
    make_product(featured_rank=1, published_at=yesterday, compare_at=9900, stock=0, product_id="a-first")
    badges = [
        text_of(badge) for badge in parse(client.get("/")).iterfind(".//span") if "badge" in badge.get("class", "")
    ]
    assert sorted(badges) == ["New", "Sale", "Sold out"]


def test_a_card_shows_the_price_the_regular_price_and_where_prices_begin(client: Client) -> None:
    make_product(price=3600, compare_at=4800)
    make_product(sku="POT", options={"Size": ["S", "L"]}, prices={"POT-S": 1250, "POT-L": 2000})
    page = parse(client.get("/"))
    prices = [text_of(price) for price in page.iterfind(".//p[@class='product-card__price']")]
    assert sorted(prices) == ["From €12.50", "Sale price €36.00 Regular price €48.00"]


def test_pictures_come_in_several_widths_and_a_product_without_one_has_a_mark(client: Client) -> None:
    make_product(title="Pictured", images=1)
    make_product(title="Plain")
    page = parse(client.get("/"))
    picture = find(page, "img", alt="Pictured, picture 1")
    assert picture is not None
    assert picture.get("width") == "960"
    assert picture.get("height") == "1200"
    assert "/320.webp 320w, " in picture.get("srcset", "")
    assert picture.get("sizes")
    assert len([mark for mark in page.iter("span") if mark.get("class") == "product-placeholder"]) == 1
