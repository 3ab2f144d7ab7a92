import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from catalog.models import Product
from catalog.overview import describe
from cloudcart.dynamo import CallLog
from cloudcart.staff.audit import AuditEntry
from tests.cast import Shopper
from tests.catalog.admin.forms import LIST
from tests.factories import LONG_AGO, build_product, make_product

Counter = Callable[[], AbstractContextManager[CallLog]]


def fill_the_list(number: int) -> None:
    """Store products without stock and cards, which the staff's list does not read: in seconds."""
    with Product.batch_write() as batch:
        for index in range(number):
            moment = LONG_AGO + timedelta(minutes=index)
            product = build_product(product_id=f"p{index:05d}", created_at=moment, updated_at=moment)
            describe(product)
            batch.save(product)


def titles(page: str) -> list[str]:
    return re.findall(r'<strong class="block font-normal">([^<]*)</strong>', page.replace("\n", ""))


def test_a_page_of_2465_products_is_one_query(admin: Shopper, dynamodb_calls: Counter) -> None:
    fill_the_list(2465)
    admin.client.get(LIST)
    with dynamodb_calls() as log:
        page = admin.client.get(LIST).content.decode()
    assert len(re.findall('name="_selected_action"', page)) == 50
    assert [call for call in log.calls if call[1] != "sessions"] == [("Query", "products")]
    following = re.search(r'href="(\?[^"]*)" rel="next"', page)
    assert following
    with dynamodb_calls() as log:
        admin.client.get(LIST + following[1].replace("&amp;", "&"))
    assert [call for call in log.calls if call[1] != "sessions"] == [("Query", "products")]


def test_products_are_found_sorted_and_filtered(admin: Shopper) -> None:
    make_product(title="Teapot", sku="POT-1", status="draft")
    make_product(title="azure bowl", sku="BOWL-1")
    make_product(title="Zebra cup", sku="CUP-1", stock=0)
    assert titles(admin.client.get(f"{LIST}?o=1").content.decode()) == ["azure bowl", "Teapot", "Zebra cup"]
    assert titles(admin.client.get(f"{LIST}?q=pot-1").content.decode()) == ["Teapot"]
    assert titles(admin.client.get(f"{LIST}?q=CUP").content.decode()) == ["Zebra cup"]
    assert titles(admin.client.get(f"{LIST}?status__exact=draft").content.decode()) == ["Teapot"]
    assert titles(admin.client.get(f"{LIST}?availability__exact=sold_out").content.decode()) == ["Zebra cup"]


@pytest.mark.parametrize(
    ("action", "status", "words"),
    [("publish", "active", "published"), ("unpublish", "draft", "unpublished"), ("archive", "archived", "archived")],
)
def test_products_change_their_status_in_bulk(admin: Shopper, action: str, status: str, words: str) -> None:
    chosen = [make_product(status="draft" if action == "publish" else "active").product_id for _ in range(3)]
    page = admin.client.post(LIST, {"action": action, "_selected_action": chosen}, follow=True).content.decode()
    assert f"3 products were {words}." in page
    assert {Product.get(product_id).status for product_id in chosen} == {status}
    assert len(list(AuditEntry.query(f"catalog.product#{chosen[0]}"))) == 1


def test_a_product_that_cannot_be_published_is_told_and_the_others_are(admin: Shopper) -> None:
    good = make_product(status="draft")
    bare = Product(
        "bare", slug="bare", title="Bare", currency="EUR", created_at=good.created_at, updated_at=good.updated_at
    )
    bare.save()
    chosen = ["bare", good.product_id]
    page = admin.client.post(LIST, {"action": "publish", "_selected_action": chosen}, follow=True).content.decode()
    assert "1 product was published." in page
    assert "Bare: A product on sale needs at least one variant." in page


def test_prices_change_in_bulk_after_a_preview(admin: Shopper) -> None:
    mug, bowl = make_product(title="Mug", price=1999, sku="MUG"), make_product(title="Bowl", price=1000, sku="BOWL")
    chosen = [mug.product_id, bowl.product_id]
    response = admin.client.post(LIST, {"action": "change_prices", "_selected_action": chosen}, follow=True)
    assert "2 products selected" in response.content.decode()
    query = {"product": chosen, "kind": "percent", "value": "-10", "keeps_regular": "on"}
    page = admin.client.get("/admin/catalog/prices/", query).content.decode()
    assert "€17.99" in page
    assert "€9.00" in page
    assert Product.get(mug.product_id).variants[0].unit_amount == 1999
    versions = {f"version-{product_id}": 1 for product_id in chosen}
    bowl.title = "Better bowl"
    bowl.save()
    page = admin.client.post("/admin/catalog/prices/", query | versions, follow=True).content.decode()
    assert "1 product was repriced." in page
    assert "Somebody else has changed it since the preview" in page
    variant = Product.get(mug.product_id).variants[0]
    assert (variant.unit_amount, variant.compare_at_amount) == (1799, 1999)
    assert Product.get(bowl.product_id).variants[0].unit_amount == 1000


def test_a_price_change_that_makes_no_sense_is_told(admin: Shopper) -> None:
    product = make_product()
    query = {"product": product.product_id, "kind": "percent", "value": "-100"}
    assert "Percent are more than -100" in admin.client.get("/admin/catalog/prices/", query).content.decode()
