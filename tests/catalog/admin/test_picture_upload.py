import io
from typing import Any

import boto3
import httpx
import pytest
from django.conf import settings
from PIL import Image as Picture

from catalog.models import Product
from tests.cast import Shopper
from tests.catalog.admin.forms import a_variant, form_url, product_form
from tests.factories import make_product

UPLOADS = "/admin/catalog/uploads/"


def a_png(width: int = 400, height: int = 500) -> bytes:
    target = io.BytesIO()
    Picture.new("RGB", (width, height), "teal").save(target, "PNG")
    return target.getvalue()


def send(form: dict[str, Any], body: bytes, **changed: str) -> int:
    fields = {**form["fields"], **changed}
    return httpx.post(form["url"], data=fields, files={"file": ("mug.png", body)}).status_code


def allow(member: Shopper, kind: str = "image/png") -> dict[str, Any]:
    answer: dict[str, Any] = member.client.post(UPLOADS, {"type": kind}).json()
    return answer


def admit(member: Shopper, key: str) -> Any:
    return member.client.post(f"{UPLOADS}admit/", {"key": key})


def test_pictures_go_to_s3_and_become_the_products(admin: Shopper) -> None:
    product = make_product(title="Blue mug", slug="blue-mug", sku="A", status="draft", images=1)
    form = allow(admin)
    assert send(form, a_png()) == 204
    answer = admit(admin, form["key"]).json()
    key = answer["url"].removeprefix(settings.MEDIA_URL)
    assert boto3.client("s3").head_object(Bucket=settings.MEDIA_BUCKET, Key=key)["ContentType"] == "image/webp"
    rows = [
        {"row": "0", "alt": "The old one", "position": "2"},
        {"alt": "The new one", "position": "1", "picture": answer["picture"]},
    ]
    data = product_form(seen_version=1, variants=[a_variant("A", row="0", position="0")], images=rows)
    response = admin.client.post(form_url(product.product_id), data)
    assert response.status_code == 302, response.content.decode()
    stored = Product.get(product.product_id)
    assert [image.alt for image in stored.images] == ["The new one", "The old one"]
    assert (stored.images[0].width, stored.images[0].height) == (400, 500)
    assert stored.thumbnail == f"{stored.images[0].key}/320.webp"


def test_the_original_is_gone_when_the_sizes_are_made(admin: Shopper) -> None:
    form = allow(admin)
    send(form, a_png())
    assert admit(admin, form["key"]).status_code == 200
    assert admit(admin, form["key"]).status_code == 404
    left = boto3.client("s3").list_objects_v2(Bucket=settings.MEDIA_BUCKET, Prefix="uploads/")
    assert left["KeyCount"] == 0


def test_s3_itself_refuses_another_type_another_key_and_too_much(admin: Shopper) -> None:
    form = allow(admin)
    assert send(form, a_png(), **{"Content-Type": "text/html"}) == 403
    assert send(form, a_png(), key="index.html") == 403
    assert send(form, a_png(), **{"Content-Disposition": "inline"}) == 403
    assert send(form, b"") >= 400
    assert send(form, bytes(20 * 1024 * 1024 + 1)) >= 400


def test_only_types_of_pictures_get_a_form(admin: Shopper) -> None:
    response = admin.client.post(UPLOADS, {"type": "image/svg+xml"})
    assert (response.status_code, response.json()["error"]) == (422, "Pictures are JPEG, PNG, WebP, GIF or AVIF files.")


@pytest.mark.parametrize("body", [b"<svg onload=alert(1)>", a_png(8, 8), a_png()[:-40]])
def test_what_is_no_picture_is_told_and_deleted(admin: Shopper, body: bytes) -> None:
    form = allow(admin)
    assert send(form, body) == 204
    response = admit(admin, form["key"])
    assert response.status_code == 422
    assert "picture" in response.json()["error"]
    assert boto3.client("s3").list_objects_v2(Bucket=settings.MEDIA_BUCKET, Prefix="uploads/")["KeyCount"] == 0


@pytest.mark.parametrize("key", ["", "products/1/320.webp", "uploads/../products/1", "uploads/nothing"])
def test_only_uploads_are_admitted(admin: Shopper, key: str) -> None:
    assert admit(admin, key).status_code == 404


def test_a_forged_picture_is_refused(admin: Shopper) -> None:
    product = make_product(title="Blue mug", slug="blue-mug", sku="A", status="draft")
    rows = [{"alt": "Forged", "position": "1", "picture": '{"key": "products/of-others"}'}]
    data = product_form(seen_version=1, variants=[a_variant("A", row="0", position="0")], images=rows)
    page = admin.client.post(form_url(product.product_id), data).content.decode()
    assert "This picture did not arrive" in page
    assert Product.get(product.product_id).images == []
