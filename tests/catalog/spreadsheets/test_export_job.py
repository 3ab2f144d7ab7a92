import csv
import io
import re
import urllib.request
from itertools import count
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Product
from catalog.spreadsheets import exports, files, queries, services
from catalog.spreadsheets.exports import export_key, run_export
from tests.catalog.spreadsheets.files import NOW, export, write
from tests.catalog.spreadsheets.picture_host import PictureHost, picture
from tests.factories import make_product, make_products


def run(export_id: str, *, steps: int | None = None) -> None:
    left = iter(range(steps)) if steps is not None else count()
    run_export(export_id=export_id, now=lambda: NOW, has_time=lambda: next(left, None) is not None, part_bytes=1)


def test_all_products_are_written_into_one_file_that_can_be_downloaded() -> None:
    make_products(3)
    services.start_export(export_id="one", created_by="m@x", now=NOW)
    run("one")

    job = queries.get_export("one")
    assert (job.is_done, job.product_count) == (True, 3)
    with urllib.request.urlopen(files.link_to(export_key("one"), file_name="products.csv"), timeout=5) as answer:
        assert 'filename="products.csv"' in answer.headers["Content-Disposition"]
        rows = list(csv.DictReader(io.StringIO(answer.read().decode("utf-8-sig"), newline="")))
    assert sorted(row["id"] for row in rows) == sorted(product.product_id for product in Product.scan())


def test_an_export_of_several_parts_goes_on_after_a_kill_and_beside_another_worker() -> None:
    make_products(201)
    services.start_export(export_id="two", created_by="m@x", now=NOW)
    behind = queries.get_export("two")
    run("two", steps=1)
    # A part is sent, and the process dies before it says so; another worker does the first part once more.
    files.send_part(export_key("two"), upload_id=str(queries.get_export("two").upload_id), number=2, body=b"lost")
    assert exports._write_part(behind, NOW, part_bytes=1) is False
    run("two", steps=2)
    assert len(queries.get_export("two").parts) == 3
    run("two")

    body = files.read_bytes(export_key("two"))
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    assert sorted(row["id"] for row in rows) == sorted(product.product_id for product in Product.scan())


def test_the_command_writes_what_the_other_one_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], picture_host: PictureHost
) -> None:
    make_product(slug="mug", title="Mug", sku="MUG")
    file = tmp_path / "products.csv"
    call_command("export_products", file)
    assert file.read_bytes() == export()
    assert "1 products are in" in capsys.readouterr().out

    call_command("import_products", file)
    assert "0 created, 0 changed, 1 skipped, 0 failed." in capsys.readouterr().out


def test_the_command_tells_changes_in_a_dry_run_and_makes_them_otherwise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], picture_host: PictureHost
) -> None:
    make_product(slug="mug", title="Old mug", sku="MUG", price=900)
    file = tmp_path / "products.csv"
    image = picture_host.put("/mug.jpg", picture())
    rows = [
        {"slug": "mug", "title": "Mug", "sku": "MUG", "price": "10", "images": image},
        {"slug": "cup", "title": "Cup", "sku": "C", "price": "9", "category": "Kitchen", "images": ""},
        {"slug": "bad", "title": "Bad", "sku": "B", "price": "x", "images": ""},
    ]
    file.write_bytes(write(rows))

    with pytest.raises(CommandError, match="1 of 3 products were left out"):
        call_command("import_products", file, dry_run=True)
    told = capsys.readouterr()
    assert "Title: Old mug → Mug" in told.out
    assert "Row 4, price: “x” is not a price" in told.err
    assert Product.count() == 1

    with pytest.raises(CommandError, match="1 of 3"):
        call_command("import_products", file)
    assert re.search(r"1 created, 1 changed, 0 skipped, 1 failed\.", capsys.readouterr().out)
    assert sorted((str(each.title), len(each.images)) for each in Product.scan()) == [("Cup", 0), ("Mug", 1)]


@pytest.mark.parametrize("command", ["import_products", "export_products"])
def test_a_file_that_cannot_be_opened_is_told(command: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"cannot be (read|written)"):
        call_command(command, str(tmp_path / "nowhere" / "products.csv"))
