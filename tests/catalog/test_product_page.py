import json
from datetime import timedelta

import pytest
from django.test import Client

from catalog import services
from catalog.models import Fact, Product
from tests.catalog.pages import find, href, parse, text_of, titles
from tests.factories import LONG_AGO, make_category_tree, make_collection, make_product


@pytest.fixture
def shirt() -> Product:
    """Two colors and two sizes; of large red shirts there are none, of small blue ones two."""
    product = make_product(
        title="Shirt",
        slug="shirt",
        sku="S",
        options={"Color": ["Red", "Blue"], "Size": ["Small", "Large"]},
        prices={"S-Blue-Large": 4200},
        images=3,
        stock={"S-Red-Small": 30, "S-Red-Large": 0, "S-Blue-Small": 2, "S-Blue-Large": 50},
    )
    for variant in product.variants[2:]:
        variant.image_key = product.images[1].key
    return services.save_product(product=product, now=LONG_AGO)


def buy_form(client: Client, url: str) -> dict[str, str | None]:
    """What a click on "Add to cart" would send."""
    form = find(parse(client.get(url)), "form", class_="product-offer__form")
    assert form is not None
    assert (form.get("method"), form.get("action")) == ("post", "/cart/items/")
    fields = [field for field in form.iter("input") if field.get("type") != "radio" or "checked" in field.attrib]
    return {str(field.get("name")): field.get("value") for field in fields}


def test_a_product_page_says_what_it_is_and_what_it_costs(client: Client) -> None:
    make_category_tree({"kitchen": {"tea": {}}})
    make_product(
        title="Teapot",
        slug="teapot",
        subtitle="For four cups",
        description="It pours.\n\nIt <i>never</i> drips.",
        facts=[Fact(name="Material", value="Stoneware")],
        category="tea",
        price=4200,
        compare_at=5000,
    )
    page = parse(client.get("/products/teapot/"))
    assert text_of(find(page, "title")) == "Teapot · CloudCart"
    assert [text_of(heading) for heading in page.iter("h1")] == ["Teapot"]
    assert text_of(find(page, "nav", class_="breadcrumb")) == "Home Kitchen Tea Teapot"
    offer = text_of(find(page, "div", id="product-offer"))
    assert "Sale price €42.00 Regular price €50.00" in offer
    assert "Tax included. Delivery from €4.90." in offer
    assert "In stock" in offer
    assert "Add to cart €42.00" in offer
    assert "It <i>never</i> drips." in text_of(find(page, "main"))
    assert "Material Stoneware" in text_of(find(page, "dl", class_="product-facts"))


def test_the_first_variant_in_stock_is_offered_and_another_by_its_address(client: Client, shirt: Product) -> None:
    red = {"sku": "S-Red-Small", "option-0": "Red", "option-1": "Small", "quantity": "1"}
    blue = {"sku": "S-Blue-Large", "option-0": "Blue", "option-1": "Large", "quantity": "1"}
    assert buy_form(client, "/products/shirt/") == red
    assert buy_form(client, "/products/shirt/?sku=S-Blue-Large") == blue
    services.set_stock(sku="S-Red-Small", available=0, now=LONG_AGO)
    assert buy_form(client, "/products/shirt/")["sku"] == "S-Blue-Small"


@pytest.mark.parametrize(
    ("sku", "sentence"),
    [
        ("S-Red-Small", "In stock"),
        ("S-Blue-Small", "Only 2 left"),
        ("S-Red-Large", "Red / Large is sold out. Other choices are in stock."),
    ],
)
def test_the_stock_is_said_in_words(client: Client, shirt: Product, sku: str, sentence: str) -> None:
    page = parse(client.get("/products/shirt/", {"sku": sku}))
    assert text_of(find(page, "p", class_="product-offer__stock")) == sentence


def test_what_is_sold_out_cannot_be_put_into_the_cart(client: Client) -> None:
    make_product(slug="teapot", stock=0)
    page = parse(client.get("/products/teapot/"))
    assert text_of(find(page, "p", class_="product-offer__stock")) == "Sold out"
    assert find(page, "button", type="submit") is None
    button = find(page, "button", class_="button--primary")
    assert button is not None
    assert "disabled" in button.attrib


def test_no_more_can_be_chosen_than_there_are(client: Client, shirt: Product) -> None:
    for sku, limit in {"S-Blue-Small": "2", "S-Blue-Large": "20"}.items():
        quantity = find(parse(client.get("/products/shirt/", {"sku": sku})), "input", name="quantity")
        assert quantity is not None
        assert quantity.get("max") == limit


def test_options_are_radio_groups_and_sold_out_values_can_be_chosen(client: Client, shirt: Product) -> None:
    page = parse(client.get("/products/shirt/"))
    groups = [text_of(legend) for legend in page.iter("legend")]
    assert groups == ["Color Red", "Size Small"]
    radios = [field for field in page.iter("input") if field.get("type") == "radio"]
    assert [(field.get("name"), field.get("value"), "checked" in field.attrib) for field in radios] == [
        ("option-0", "Red", True),
        ("option-0", "Blue", False),
        ("option-1", "Small", True),
        ("option-1", "Large", False),
    ]
    assert not [field for field in radios if "disabled" in field.attrib]
    assert text_of(find(page, "label", class_="option--sold-out")) == "Large (sold out)"


def test_without_script_a_button_leads_to_what_was_chosen(client: Client, shirt: Product) -> None:
    button = find(parse(client.get("/products/shirt/")), "button", class_="without-script")
    assert button is not None
    assert (button.get("formmethod"), button.get("formaction")) == ("get", "/products/shirt/")


@pytest.mark.parametrize(
    ("query", "sku"),
    [
        ({"sku": "S-Red-Small", "option-0": "Blue", "option-1": "Small"}, "S-Blue-Small"),
        ({"sku": "S-Red-Small", "option-0": "Blue", "option-1": "Large"}, "S-Blue-Large"),
        ({"sku": "S-Blue-Small", "option-1": "Large"}, "S-Blue-Large"),
        ({"sku": "S-Blue-Small", "option-0": "Blue", "option-1": "Small"}, "S-Blue-Small"),
        ({"sku": "S-Blue-Small", "option-0": "Green"}, "S-Blue-Small"),
        ({"sku": "gone", "option-0": "Blue", "option-1": "Small"}, "S-Blue-Small"),
        ({"option-0": "Blue"}, "S-Blue-Small"),
    ],
)
def test_sending_the_options_leads_to_the_address_of_the_variant(
    client: Client, shirt: Product, query: dict[str, str], sku: str
) -> None:
    response = client.get("/products/shirt/", query)
    assert (response.status_code, response["Location"]) == (302, f"/products/shirt/?sku={sku}")


def test_a_choice_that_does_not_exist_leads_to_the_nearest_that_does(client: Client, shirt: Product) -> None:
    shirt.variants = [variant for variant in shirt.variants if variant.sku != "S-Blue-Small"]
    services.save_product(product=shirt, now=LONG_AGO)
    response = client.get("/products/shirt/", {"sku": "S-Red-Small", "option-0": "Blue", "option-1": "Small"})
    assert response["Location"] == "/products/shirt/?sku=S-Blue-Large"


@pytest.mark.parametrize("sku", ["gone", "", "\x00", "%FF", "a" * 5000, "<script>"])
def test_a_strange_sku_shows_the_product_as_it_is(client: Client, shirt: Product, sku: str) -> None:
    assert buy_form(client, f"/products/shirt/?sku={sku}")["sku"] == "S-Red-Small"


def test_the_picture_is_that_of_the_variant(client: Client, shirt: Product) -> None:
    def main_picture(url: str) -> str | None:
        image = find(parse(client.get(url)), "img", **{"data-gallery-main": ""})
        return None if image is None else image.get("alt")

    assert main_picture("/products/shirt/") == "Shirt, picture 1"
    assert main_picture("/products/shirt/?sku=S-Blue-Small") == "Shirt, picture 2"


def test_thumbnails_are_links_to_the_large_pictures(client: Client, shirt: Product) -> None:
    page = parse(client.get("/products/shirt/"))
    thumbnails = list(page.iterfind(".//a[@data-gallery-thumb]"))
    assert [thumbnail.get("href") for thumbnail in thumbnails] == [image.large_url for image in shirt.images]
    assert [thumbnail.get("aria-current") for thumbnail in thumbnails] == ["true", None, None]
    assert len({thumbnail.get("aria-label") for thumbnail in thumbnails}) == 3


def test_a_product_without_pictures_has_a_mark_in_their_place(client: Client) -> None:
    make_product(slug="teapot")
    page = parse(client.get("/products/teapot/"))
    assert find(page, "span", class_="product-placeholder--large") is not None
    assert find(page, "img") is None


def test_related_products_are_of_the_same_kind_first_and_never_itself(client: Client) -> None:
    make_category_tree({"kitchen": {"tea": {}, "pots": {}}, "desk": {}})
    make_product(title="Teapot", slug="teapot", category="tea")
    make_product(title="Pen", category="desk")
    for day, (title, category, stock) in enumerate(
        [("Cup", "tea", 5), ("Gone cup", "tea", 0), ("Pot", "pots", 5), ("Pan", "pots", 5), ("Whisk", "kitchen", 5)]
    ):
        make_product(title=title, category=category, stock=stock, published_at=LONG_AGO + timedelta(days=day))
    assert titles(parse(client.get("/products/teapot/"))) == ["Cup", "Whisk", "Pan", "Pot"]


def test_the_only_product_has_no_related_ones(client: Client) -> None:
    make_product(slug="teapot")
    assert find(parse(client.get("/products/teapot/")), "h2", id="related") is None


def test_a_former_address_leads_on_and_keeps_the_variant(client: Client, shirt: Product) -> None:
    for slug in ("blouse", "tunic"):
        shirt.slug = slug
        services.save_product(product=shirt, now=LONG_AGO)
    for former in ("shirt", "blouse"):
        response = client.get(f"/products/{former}/?sku=S-Blue-Small")
        assert (response.status_code, response["Location"]) == (301, "/products/tunic/?sku=S-Blue-Small")
    assert client.get("/products/tunic/").status_code == 200


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_what_is_not_on_sale_is_not_found_by_any_of_its_addresses(client: Client, status: str) -> None:
    product = make_product(slug="teapot")
    product.slug = "round-teapot"
    services.save_product(product=product, now=LONG_AGO)
    product.status = status
    services.save_product(product=product, now=LONG_AGO)
    for slug in ("teapot", "round-teapot"):
        response = client.get(f"/products/{slug}/")
        assert response.status_code == 404
        assert "We cannot find that page" in response.content.decode()


@pytest.mark.parametrize("slug", ["no-such", "Teapot", "a" * 101, "a" * 3000, "%00", "%F0%9F%AB%96"])
def test_an_unknown_product_is_not_found(client: Client, slug: str) -> None:
    make_product(slug="teapot")
    assert client.get(f"/products/{slug}/").status_code == 404


def structured(client: Client, url: str) -> list[dict[str, object]]:
    script = find(parse(client.get(url)), "script", type="application/ld+json")
    assert script is not None
    graph: list[dict[str, object]] = json.loads(script.text or "")["@graph"]
    return graph


def test_search_engines_read_the_product_its_offers_and_its_way(client: Client, shirt: Product) -> None:
    product, breadcrumb = structured(client, "/products/shirt/")
    assert product["name"] == "Shirt"
    offers = product["offers"]
    assert isinstance(offers, list)
    assert [(offer["sku"], offer["price"], offer["availability"].rpartition("/")[2]) for offer in offers] == [
        ("S-Red-Small", "36.00", "InStock"),
        ("S-Red-Large", "36.00", "OutOfStock"),
        ("S-Blue-Small", "36.00", "InStock"),
        ("S-Blue-Large", "42.00", "InStock"),
    ]
    assert breadcrumb["@type"] == "BreadcrumbList"


def test_no_text_of_a_product_ends_the_script_or_the_page(client: Client) -> None:
    hostile = "</script><script>alert(1)</script> & \"quotes\" 'n' <b>"
    make_product(slug="teapot", title=hostile, subtitle=hostile, description=hostile, images=1)
    product = structured(client, "/products/teapot/")[0]
    assert product["name"] == hostile
    page = parse(client.get("/products/teapot/"))
    assert text_of(find(page, "h1")) == hostile
    assert not [script for script in page.iter("script") if "alert" in (script.text or "") and not script.get("type")]


def test_the_address_for_search_engines_has_no_variant(client: Client, shirt: Product) -> None:
    page = parse(client.get("/products/shirt/?sku=S-Blue-Large"))
    assert href(page, "link", rel="canonical") == "http://127.0.0.1:8000/products/shirt/"
    assert find(page, "meta", property="og:type", content="product") is not None
    assert (
        find(page, "meta", property="og:image", content=f"http://127.0.0.1:8000{shirt.images[0].large_url}") is not None
    )


def test_titles_for_search_engines_come_before_those_for_people(client: Client) -> None:
    make_product(slug="teapot", title="Teapot", subtitle="For four", seo_title="Round teapot", seo_description="Pours.")
    make_product(slug="cup", title="Cup", subtitle="For one")
    page = parse(client.get("/products/teapot/"))
    assert text_of(find(page, "title")) == "Round teapot · CloudCart"
    assert find(page, "meta", name="description", content="Pours.") is not None
    assert find(parse(client.get("/products/cup/")), "meta", name="description", content="For one") is not None


def test_a_collection_and_a_category_beside_do_no_harm(client: Client) -> None:
    make_collection("teapot")
    make_category_tree(["teapot"])
    make_product(slug="teapot")
    for folder in ("products", "categories", "collections"):
        assert client.get(f"/{folder}/teapot/").status_code == 200
