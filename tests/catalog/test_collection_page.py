import pytest
from django.test import Client

from catalog.collections import rename_collection
from tests.catalog.pages import find, parse, text_of, titles
from tests.factories import make_collection, make_product


def test_a_collection_shows_the_products_that_joined_it(client: Client) -> None:
    make_collection("gifts", name="Gifts under €30", description="Small things.")
    make_product(title="Candle", collections=["gifts"])
    make_product(title="Chair")
    page = parse(client.get("/collections/gifts/"))
    assert titles(page) == ["Candle"]
    assert text_of(find(page, "h1")) == "Gifts under €30"
    assert find(page, "meta", name="description", content="Small things.") is not None


def test_an_empty_collection_says_so(client: Client) -> None:
    make_collection("gifts")
    page = parse(client.get("/collections/gifts/"))
    assert text_of(find(page, "h2", class_="empty-state__title")) == "This collection is empty at the moment"


def test_a_former_address_of_a_collection_leads_on(client: Client) -> None:
    rename_collection(collection=make_collection("gifts"), slug="presents")
    make_product(title="Candle", collections=["gifts"])
    response = client.get("/collections/gifts/")
    assert (response.status_code, response["Location"]) == (301, "/collections/presents/")
    assert titles(parse(client.get("/collections/presents/"))) == ["Candle"]


@pytest.mark.parametrize("slug", ["no-such", "Gifts", "a" * 3000])
def test_an_unknown_collection_is_not_found(client: Client, slug: str) -> None:
    make_collection("gifts")
    assert client.get(f"/collections/{slug}/").status_code == 404
