"""The admin's pages of imports and exports, as a merchandiser, and as everybody who may not."""

from __future__ import annotations

import io
import re
import urllib.request
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.models import Product, Stock
from catalog.spreadsheets import queries
from catalog.spreadsheets.decoding import MAX_BYTES
from catalog.spreadsheets.tasks import run_export, run_import
from tests.cast import Shopper
from tests.catalog.spreadsheets.files import Rows, write
from tests.factories import make_product
from tests.staff.people import a_member_of

URL = "/admin/catalog/import/"
MUGS: Rows = [
    *({"slug": f"mug-{at}", "title": f"Mug {at}", "sku": f"M-{at}", "price": 9, "stock": 3} for at in range(30)),
    {"slug": "bad", "title": "Bad", "sku": "B", "price": "cheap"},
]


@pytest.fixture
def client() -> Client:
    return a_member_of("merchandisers").client


def upload(client: Client, body: bytes, *, name: str = "mugs.csv", **fields: object) -> Any:
    return client.post(URL, {"file": SimpleUploadedFile(name, body), "takes_stock": "on", **fields})


def started(response: Any) -> str:
    assert response.status_code == 302, response.content.decode()
    return str(re.fullmatch(rf"{URL}(\w+)/", response.headers["Location"])[1])  # type: ignore[index]


def page(client: Client, import_id: str, query: str = "", **headers: str) -> str:
    response = client.get(f"{URL}{import_id}/{query}", headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_a_file_is_uploaded_compared_confirmed_and_imported(client: Client) -> None:
    make_product(slug="mug-1", title="Old mug", sku="M-1", price=900, stock=3)
    assert "There are none yet" in client.get(URL).content.decode()

    import_id = started(upload(client, write(MUGS)))
    running = page(client, import_id)
    assert "Reading the file" in running
    assert 'hx-trigger="every 2s"' in running
    assert "Look again how far it is" in running
    run_import(import_id)

    ready = page(client, import_id)
    assert "Ready to import" in ready
    assert "is in CloudCart’s format and has 31 products" in ready
    assert [int(count) for count in re.findall(r"(?:created|changed|Skipped|Problems) · (\d+)", ready)] == [29, 1, 0, 1]
    assert "every 2s" not in ready
    assert "Old mug" in page(client, import_id, "?list=changed")
    assert "Row 32, price: “cheap” is not a price" in page(client, import_id, "?list=failed")
    assert "?list=created&amp;start=25" in ready
    assert "Mug 29" in page(client, import_id, "?list=created&start=25")
    assert Product.count() == 1

    assert client.post(f"{URL}{import_id}/confirm/").headers["Location"] == f"{URL}{import_id}/"
    run_import(import_id)
    done = page(client, import_id)
    assert "29 created, 1 changed, 0 left as they are, 1 left out." in done
    assert Product.count() == 30
    assert "mugs.csv" in client.get(URL).content.decode()
    report = client.get(f"{URL}{import_id}/report/").headers["Location"]
    with urllib.request.urlopen(report, timeout=5) as answer:
        assert "cheap" in answer.read().decode("utf-8-sig")


def test_with_htmx_only_the_region_comes(client: Client) -> None:
    import_id = started(upload(client, write(MUGS)))
    response = client.get(f"{URL}{import_id}/", headers={"HX-Request": "true"})

    assert response.content.decode().lstrip().startswith('<div id="import-state"')
    assert "HX-Request" in response.headers["Vary"]


def test_an_import_is_stopped_and_confirmed_no_more(client: Client) -> None:
    import_id = started(upload(client, write(MUGS)))
    run_import(import_id)
    client.post(f"{URL}{import_id}/cancel/")
    run_import(import_id)
    assert "Stopped" in page(client, import_id)

    again = client.post(f"{URL}{import_id}/confirm/", follow=True).content.decode()
    assert "not waiting to be confirmed" in again
    assert Product.count() == 0


def test_an_import_that_nobody_goes_on_with_can_be_gone_on_with(client: Client) -> None:
    import_id = started(upload(client, write(MUGS)))
    assert "Go on" not in page(client, import_id)
    job = queries.get_import(import_id)
    job.updated_at -= timedelta(minutes=3)
    job.save()

    assert "Nothing has happened for two minutes" in page(client, import_id)
    assert client.post(f"{URL}{import_id}/resume/").status_code == 302


def test_stock_is_set_only_if_that_is_chosen(client: Client) -> None:
    make_product(slug="mug-1", title="Mug 1", sku="M-1", price=900, stock=50)
    import_id = started(client.post(URL, {"file": SimpleUploadedFile("mugs.csv", write(MUGS[1:2]))}))
    run_import(import_id)

    assert "Nothing to import" in page(client, import_id)
    assert Stock.get("M-1").available == 50


def test_a_zip_archive_with_one_file_is_taken(client: Client) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("export/mugs.csv", write(MUGS[:2]))
    import_id = started(upload(client, target.getvalue(), name="mugs.zip"))
    run_import(import_id)

    assert queries.get_import(import_id).planned.created == 2


def archive_of(*names: str, size: int = 10) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, b"a" * size)
    return target.getvalue()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "The file is empty"),
        (b"a,b\n1,2\n", "columns that the shop does not know"),
        (archive_of("[Content_Types].xml", "xl/workbook.xml"), "an Excel workbook"),
        (archive_of("a.csv", "b.csv"), "has 2 CSV files in it"),
        (archive_of("a.jpg"), "has no CSV files in it"),
        (archive_of("a.csv", size=MAX_BYTES + 1), "larger than 20 MB"),
        (archive_of("a.csv")[:40], "damaged"),
        (b"x" * (MAX_BYTES + 1), "20 MB is the limit"),
    ],
    # By name: an archive has the time in it, and processes have to agree on what the tests are called.
    ids=["empty", "other-columns", "workbook", "two-files", "picture", "too-large-inside", "damaged", "too-large"],
)
def test_a_file_that_cannot_be_imported_is_explained_at_once(client: Client, body: bytes, words: str) -> None:
    response = upload(client, body)

    assert response.status_code == 422
    assert words in response.content.decode()


def test_a_form_without_a_file_asks_for_one(client: Client) -> None:
    response = client.post(URL, {})

    assert response.status_code == 422
    assert "Choose a file." in response.content.decode()


def test_all_products_are_exported_and_downloaded(client: Client) -> None:
    make_product(title="Teapot")
    response = client.post("/admin/catalog/export/")
    url = response.headers["Location"]
    assert "Writing the file" in client.get(url).content.decode()
    run_export(url.split("/")[-2])

    assert "The file is ready" in client.get(url).content.decode()
    link = client.get(f"{url}file/").headers["Location"]
    with urllib.request.urlopen(link, timeout=5) as answer:
        assert "Teapot" in answer.read().decode("utf-8-sig")


@pytest.mark.parametrize("path", ["", "x/", "x/confirm/", "x/cancel/", "x/resume/", "x/report/"])
def test_who_does_not_keep_the_catalog_gets_none_of_it(
    alice: Shopper, viewer: Shopper, supporter: Shopper, path: str
) -> None:
    for who in (alice, viewer, supporter):
        assert {who.client.get(URL + path).status_code, who.client.post(URL + path).status_code} == {403}
    for who in (alice, viewer, supporter):
        assert who.client.post("/admin/catalog/export/").status_code == 403
        assert who.client.get("/admin/catalog/export/x/file/").status_code == 403


def test_what_is_not_there_and_other_methods_are_refused(client: Client) -> None:
    assert client.get(f"{URL}nothing/").status_code == 404
    assert client.get("/admin/catalog/export/nothing/").status_code == 404
    assert client.get(f"{URL}x/confirm/").status_code == 405
    assert client.post(f"{URL}x/").status_code == 405
