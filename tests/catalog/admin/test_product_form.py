import re
from collections.abc import Callable
from contextlib import AbstractContextManager

from catalog import categories
from catalog.models import Category, Product, Slug, Stock
from cloudcart.dynamo import CallLog
from cloudcart.staff.audit import AuditEntry
from tests.cast import Shopper
from tests.catalog.admin.forms import ADD, LIST, a_variant, form_url, product_form
from tests.factories import make_product

Counter = Callable[[], AbstractContextManager[CallLog]]


def only_product() -> Product:
    (product,) = Product.scan()
    return product


def test_the_form_is_one_read_of_product_and_categories(admin: Shopper, dynamodb_calls: Counter) -> None:
    product = make_product(title="Red mug", options={"Size": ["S", "M"]}, images=2)
    with dynamodb_calls() as log:
        page = admin.client.get(form_url(product.product_id)).content.decode()
    assert "Red mug" in page
    assert "Size: S, M" in page
    assert 'value="36.00"' in page
    assert [operation for operation, tables in log.calls if tables != "sessions"] == ["BatchGetItem"]


def test_a_product_with_two_variants_is_added_and_on_sale(admin: Shopper) -> None:
    categories.save_categories(categories=[Category(category_id="mugs", slug="mugs", name="Mugs")])
    data = product_form(
        status="active",
        category_id="mugs",
        options_text="Size: S, M",
        facts_text="Material: Stoneware",
        variants=[a_variant("MUG-S", values="S", units="5"), a_variant("MUG-M", "39,50", values="M")],
    )
    response = admin.client.post(ADD, data)
    assert response.status_code == 302, response.content.decode()
    product = only_product()
    assert [(variant.sku, variant.unit_amount, list(variant.values)) for variant in product.variants] == [
        ("MUG-S", 3600, ["S"]),
        ("MUG-M", 3950, ["M"]),
    ]
    assert (product.facts[0].name, product.currency, product.from_amount) == ("Material", "EUR", 3600)
    assert [Stock.get(sku).available for sku in ("MUG-S", "MUG-M")] == [5, 0]
    assert "Blue mug" in admin.client.get("/products/blue-mug/").content.decode()
    assert "Blue mug" in admin.client.get("/categories/mugs/").content.decode()


def test_an_empty_address_is_made_of_the_title(admin: Shopper) -> None:
    assert admin.client.post(ADD, product_form(slug="", variants=[a_variant("A")])).status_code == 302
    assert only_product().slug == "blue-mug"


def test_a_save_is_reads_guards_and_one_transaction_with_its_entry(admin: Shopper, dynamodb_calls: Counter) -> None:
    product = make_product(title="Blue mug", slug="blue-mug", sku="A", status="draft")
    data = product_form(seen_version=1, title="Bluer mug", variants=[a_variant("A", row="0", position="0")])
    with dynamodb_calls() as log:
        response = admin.client.post(form_url(product.product_id), data)
    assert response.status_code == 302, response.content.decode()
    calls = [operation for operation, tables in log.calls if tables != "sessions"]
    assert calls == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]
    assert only_product().title == "Bluer mug"
    (entry,) = AuditEntry.query(f"catalog.product#{product.product_id}")
    assert (entry.user_name, entry.action) == ("admins@staff.example", 2)
    history = admin.client.get(f"{LIST}{product.product_id}/history/").content.decode()
    assert re.findall(r"<td>([^<]+)</td>", history) == ["admins@staff.example", "Changed Title."]


def test_a_sku_or_address_of_another_product_is_told_with_the_input_kept(admin: Shopper) -> None:
    make_product(slug="taken", sku="TAKEN")
    page = admin.client.post(ADD, product_form(variants=[a_variant("TAKEN")])).content.decode()
    assert "The SKU “TAKEN” belongs to another product" in page
    assert 'value="TAKEN"' in page
    page = admin.client.post(ADD, product_form(slug="taken", variants=[a_variant("NEW")])).content.decode()
    assert "The address “taken” is in use already" in page
    assert Slug.find("product#blue-mug") is None
    assert list(AuditEntry.scan()) == []


def test_everything_that_is_wrong_is_told_at_once(admin: Shopper) -> None:
    data = product_form(
        status="active",
        options_text="Size: S, M",
        variants=[a_variant("OK", values="S"), a_variant("OK", values="XL", compare_at_amount="1.00")],
    )
    page = admin.client.post(ADD, data).content.decode()
    assert "Two variants have the same SKU" in page
    assert "do not match the product’s options" in page or "do not match the product&#x27;s options" in page
    page = admin.client.post(ADD, product_form(options_text="Size", variants=[a_variant("A", "free")])).content.decode()
    assert "needs a name, a colon" in page
    assert "“free” is no amount in EUR" in page
    assert list(Product.scan()) == []


def test_two_people_editing_is_told_and_the_second_can_decide(admin: Shopper, merchandiser: Shopper) -> None:
    product = make_product(title="Blue mug", slug="blue-mug", sku="A", status="draft")
    url, row = form_url(product.product_id), a_variant("A", row="0", position="0")
    assert admin.client.post(url, product_form(seen_version=1, title="Theirs", variants=[row])).status_code == 302
    page = merchandiser.client.post(url, product_form(seen_version=1, title="Mine", variants=[row])).content.decode()
    assert "admins@staff.example changed this while you were editing" in page
    assert 'value="Mine"' in page
    assert only_product().title == "Theirs"
    merchandiser.client.post(url, product_form(seen_version=2, title="Mine", variants=[row]))
    assert only_product().title == "Mine"


def test_an_order_meanwhile_is_no_conflict(admin: Shopper) -> None:
    from catalog import services

    product = make_product(title="Blue mug", slug="blue-mug", sku="A", status="active", stock=10)
    Stock("A").update([Stock.available.set(0)])
    services.refresh_availability(product_id=product.product_id)
    data = product_form(seen_version=1, title="Mine", status="active", variants=[a_variant("A", row="0", position="0")])
    assert admin.client.post(form_url(product.product_id), data).status_code == 302
    assert (only_product().title, only_product().availability) == ("Mine", "sold_out")


def test_each_variant_leads_to_its_stock(admin: Shopper, viewer: Shopper) -> None:
    product = make_product(options={"Size": ["S", "M"]}, sku="MUG")
    for member in (admin, viewer):
        page = member.client.get(form_url(product.product_id)).content.decode()
        assert re.findall(r'href="/admin/stock/levels/([^"]*)/"', page) == ["MUG-S", "MUG-M"]
    assert "units" in admin.client.get("/admin/stock/levels/MUG-S/").content.decode()


def test_a_variant_gets_one_of_the_pictures_of_its_product(admin: Shopper) -> None:
    product = make_product(title="Blue mug", slug="blue-mug", sku="A", status="draft", images=2)
    first, second = product.images
    url = form_url(product.product_id)
    rows = [{"row": str(number), "position": str(number), "alt": f"Side {number}"} for number in range(2)]

    def send(image_key: str, images: list[dict[str, str]], version: int) -> int:
        variants = [a_variant("A", row="0", position="0", image_key=image_key)]
        data = product_form(seen_version=version, variants=variants, images=images)
        return int(admin.client.post(url, data).status_code)

    assert send("another-product/picture", rows, 1) == 200
    assert only_product().variants[0].image_key is None
    assert send(second.key, rows, 1) == 302
    assert only_product().variants[0].image_key == second.key
    page = admin.client.get(url).content.decode()
    assert f'<option value="{second.key}" selected>2: Side 1</option>' in page
    assert f'<option value="{first.key}">1: Side 0</option>' in page

    without_second = [rows[0], {**rows[1], "DELETE": "on"}]
    assert send(second.key, without_second, 2) == 302
    assert [image.key for image in only_product().images] == [first.key]
    assert only_product().variants[0].image_key is None


def test_a_draft_is_previewed_by_the_staff_alone(admin: Shopper, alice: Shopper) -> None:
    product = make_product(title="Secret mug", slug="secret", status="draft", images=1)
    url = f"/admin/catalog/product/{product.product_id}/preview/"
    page = admin.client.get(url).content.decode()
    assert "This is a preview." in page
    assert "Secret mug" in page
    assert alice.client.get(url).status_code == 403
    assert alice.client.get("/products/secret/").status_code == 404


def test_a_product_is_duplicated_as_a_draft(admin: Shopper) -> None:
    product = make_product(title="Mug", slug="mug", options={"Size": ["S", "M"]}, images=1)
    response = admin.client.post(f"/admin/catalog/product/{product.product_id}/duplicate/", follow=True)
    assert "This is the copy" in response.content.decode()
    (copy,) = [found for found in Product.scan() if found.product_id != product.product_id]
    assert (copy.title, copy.status, len(copy.variants), copy.images[0].key) == (
        "Mug (copy)", "draft", 2, product.images[0].key,
    )  # fmt: skip
    assert not {variant.sku for variant in copy.variants} & {variant.sku for variant in product.variants}


def test_who_may_not_change_the_catalog_cannot(viewer: Shopper, supporter: Shopper) -> None:
    product = make_product(title="Mug", slug="mug", sku="A", status="draft")
    url = form_url(product.product_id)
    page = viewer.client.get(url).content.decode()
    assert "Mug" in page
    assert 'name="title"' not in page
    data = product_form(seen_version=1, title="Mine", variants=[a_variant("A", row="0")])
    tried = [
        viewer.client.post(url, data),
        viewer.client.get(ADD),
        viewer.client.post(f"/admin/catalog/product/{product.product_id}/duplicate/"),
        viewer.client.get(f"/admin/catalog/prices/?product={product.product_id}"),
        viewer.client.post("/admin/catalog/uploads/", {"type": "image/png"}),
        viewer.client.post("/admin/catalog/uploads/admit/", {"key": "uploads/x"}),
        supporter.client.get(url),
        supporter.client.get("/admin/catalog/product/"),
    ]
    assert [response.status_code for response in tried] == [403] * len(tried)
    assert only_product().title == "Mug"
