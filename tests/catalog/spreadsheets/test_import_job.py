"""An import as the worker does it: in steps that may be repeated, killed, doubled, or stopped."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from catalog import services as catalog
from catalog.models import Product, Stock
from catalog.spreadsheets import files, queries, running, services
from catalog.spreadsheets.applying import apply_page
from catalog.spreadsheets.decoding import UnreadableSheet
from catalog.spreadsheets.models import Import
from catalog.spreadsheets.reports import list_entries, report_key
from catalog.spreadsheets.running import run_import
from catalog.spreadsheets.tasks import run_import as run_import_task
from tests.catalog.spreadsheets.files import NOW, Rows, write
from tests.catalog.spreadsheets.picture_host import PictureHost, picture
from tests.factories import make_product

MUGS: Rows = [
    {"slug": f"mug-{at}", "title": f"Mug {at}", "sku": f"M-{at}", "price": 9, "stock": 3} for at in range(130)
]


def start(body: bytes, *, takes_stock: bool = True) -> str:
    import_id = f"test-{next(_numbers)}"
    services.start_import(
        import_id=import_id, body=body, file_name="mugs.csv", created_by="m@x", takes_stock=takes_stock, now=NOW
    )
    return import_id


_numbers = count(1)


def run(import_id: str, *, steps: int | None = None) -> Import:
    """Go on to the end, or for some steps."""
    left = iter(range(steps)) if steps is not None else count()
    run_import(import_id=import_id, now=lambda: NOW, has_time=lambda: next(left, None) is not None)
    return queries.get_import(import_id)


def import_all(body: bytes) -> Import:
    import_id = start(body)
    run(import_id)
    services.confirm_import(import_id=import_id, now=NOW)
    return run(import_id)


def report_of(job: Import) -> list[dict[str, str]]:
    text = files.read_bytes(report_key(job)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_dry_run_tells_what_would_change_and_changes_nothing() -> None:
    make_product(slug="mug-1", title="Old", sku="M-1", price=900, stock=3)
    job = run(start(write([*MUGS[:3], {"slug": "bad", "title": "Bad", "sku": "B", "price": "x"}])))

    assert (job.state, job.kind, job.product_count, job.page_count) == ("ready", "CloudCart", 4, 1)
    assert (job.planned.created, job.planned.changed, job.planned.skipped, job.planned.failed) == (2, 1, 0, 1)
    changed = list_entries(job, outcome="changed")
    assert [(entry.row, [change.label for change in entry.changes]) for entry in changed.entries] == [(3, ["Title"])]
    assert [line["column"] for line in report_of(job) if line["outcome"] == "failed"] == ["price"]
    assert [product.title for product in Product.scan()] == ["Old"]


def test_an_import_of_several_pages_is_confirmed_written_and_reported() -> None:
    job = import_all(write(MUGS))

    assert (job.state, job.page_count, job.applied.created, job.applied.failed) == ("done", 2, 130, 0)
    assert Product.count() == 130
    assert {line["outcome"] for line in report_of(job)} == {"created"}
    again = run(start(write(MUGS)))
    assert (again.planned.skipped, again.has_changes, again.can_confirm) == (130, False, False)


def test_lists_by_outcome_have_pages() -> None:
    job = run(start(write(MUGS)))
    names: list[object] = []
    starts: list[int] = []
    start_at: int | None = 0
    while start_at is not None:
        starts.append(start_at)
        page = list_entries(job, outcome="created", start=start_at)
        names += [entry.name for entry in page.entries]
        start_at = page.next_start

    assert names == [row["title"] for row in MUGS]
    assert starts == list(range(0, 130, 25))


def test_a_task_that_ends_in_the_middle_is_gone_on_with() -> None:
    import_id = start(write(MUGS))
    states = [run(import_id, steps=1).state for _ in range(2)]
    assert states == ["checking", "checking"]
    run(import_id)
    services.confirm_import(import_id=import_id, now=NOW)

    half = run(import_id, steps=1)
    assert (half.state, half.position, Product.count()) == ("applying", 1, 100)
    job = run(import_id)
    assert (job.state, job.applied.created, Product.count()) == ("done", 130, 130)


def test_a_step_that_was_killed_before_its_end_is_repeated_without_harm() -> None:
    import_id = start(write(MUGS[:5]))
    run(import_id)
    job = services.confirm_import(import_id=import_id, now=NOW)
    # The products are written; the process dies before it says so.
    drafts, planned = running._drafts(job), running._entries(job, "plan")
    apply_page(drafts, planned, takes_stock=True, now=NOW)
    versions = {product.product_id: product.version for product in Product.scan()}

    done = run(import_id)

    assert (done.state, done.applied.created, done.applied.failed) == ("done", 5, 0)
    assert {product.product_id: product.version for product in Product.scan()} == versions


def test_of_two_that_do_the_same_step_the_second_stops_and_nothing_is_counted_twice() -> None:
    import_id = start(write(MUGS[:5]))
    behind = queries.get_import(import_id)
    run(import_id)
    with pytest.raises(running.Outrun):
        running._read(behind, NOW)
    services.confirm_import(import_id=import_id, now=NOW)
    second = queries.get_import(import_id)
    run(import_id)
    with pytest.raises(running.Outrun):
        running._apply(second, NOW)

    assert queries.get_import(import_id).applied.created == 5


def test_a_canceled_import_keeps_what_it_has_written_and_says_so() -> None:
    import_id = start(write(MUGS))
    run(import_id)
    services.confirm_import(import_id=import_id, now=NOW)
    run(import_id, steps=1)
    services.cancel_import(import_id=import_id, now=NOW)

    job = run(import_id)

    assert (job.state, job.applied.created, Product.count()) == ("canceled", 100, 100)
    assert job.reported == "canceled"
    with pytest.raises(services.NotPossibleNow):
        services.cancel_import(import_id=import_id, now=NOW)
    with pytest.raises(services.NotPossibleNow):
        services.confirm_import(import_id=import_id, now=NOW)


def test_a_cancellation_in_the_middle_of_a_step_counts_what_the_step_wrote() -> None:
    import_id = start(write(MUGS))
    run(import_id)
    services.confirm_import(import_id=import_id, now=NOW)
    under_way = queries.get_import(import_id)
    services.cancel_import(import_id=import_id, now=NOW)
    running._apply(under_way, NOW)

    job = run(import_id)

    assert (job.state, job.applied.created, Product.count()) == ("canceled", 100, 100)


def test_a_product_changed_between_dry_run_and_import_is_reported() -> None:
    product = make_product(slug="mug-1", title="Old", sku="M-1", price=900, stock=3)
    import_id = start(write(MUGS[:3]))
    run(import_id)
    product.title = "By hand"
    catalog.save_product(product=product, now=NOW + timedelta(days=1))
    services.confirm_import(import_id=import_id, now=NOW)

    job = run(import_id)

    assert (job.applied.created, job.applied.failed) == (2, 1)
    assert [(issue.row, "since the dry run" in issue.sentence) for issue in job.issues] == [(3, True)]
    assert Product.get(product.product_id).title == "By hand"
    assert [line["row"] for line in report_of(job) if line["outcome"] == "failed"] == ["3"]


def test_stock_is_left_alone_if_that_was_chosen() -> None:
    make_product(slug="mug-1", title="Old", sku="M-1", price=900, stock=50)
    import_id = start(write(MUGS[1:2]), takes_stock=False)
    run(import_id)
    services.confirm_import(import_id=import_id, now=NOW)
    run(import_id)

    assert Stock.get("M-1").available == 50


def test_new_categories_of_all_pages_are_made_once() -> None:
    rows = [{**row, "category": f"Kitchen > Shelf {at % 3}"} for at, row in enumerate(MUGS[:120])]
    job = import_all(write(rows))

    assert list(job.new_categories) == ["Kitchen > Shelf 0", "Kitchen > Shelf 1", "Kitchen > Shelf 2"]
    assert job.applied.created == 120


def test_a_file_that_cannot_be_read_is_refused_at_once_and_in_the_task() -> None:
    with pytest.raises(UnreadableSheet, match="does not know"):
        start(b"a,b\n1,2\n")
    job = run(start(b"sku,price\n"))

    assert (job.state, job.reason) == ("failed", "The file has the names of columns, and no products below them.")


def test_pictures_are_fetched_once_and_failures_are_told(picture_host: PictureHost) -> None:
    urls = [picture_host.put(f"/{color}.jpg", picture(color)) for color in ("teal", "gold", "navy")]
    urls += [picture_host.url("/lost.jpg"), picture_host.put("/text.jpg", b"no picture")]
    urls += [picture_host.put("/same.jpg", picture("teal"))]
    rows: Rows = [
        {"slug": "mug", "title": "Mug", "sku": "M", "price": 9, "status": "active", "images": "\n".join(urls)},
        {"slug": "cup", "title": "Cup", "sku": "C", "price": 9, "images": "", "variant_image": urls[1]},
    ]

    job = import_all(write(rows))

    assert (job.state, job.picture_count, job.fetched_count, job.unfetched_count) == ("done", 7, 5, 2)
    assert [issue.sentence.partition(": ")[2] for issue in job.issues] == [
        "The host answered 404 (Not Found).",
        "The file is not a picture in JPEG, PNG, WEBP, GIF or AVIF format.",
    ]
    mug, cup = sorted(Product.scan(), key=lambda product: product.slug, reverse=True)
    assert [list(image.source_urls or []) for image in mug.images] == [[urls[0], urls[5]], [urls[1]], [urls[2]]]
    assert cup.variants[0].image_key == cup.images[0].key
    assert Stock.get("M").available == 0
    asked = len(picture_host.asked)
    again = run(start(write([{**row, "images": "\n".join([*urls[:3], urls[5]])} for row in rows[:1]])))
    assert (again.planned.skipped, len(picture_host.asked)) == (1, asked)


def test_a_task_without_time_left_tells_the_next_one_to_go_on(settings: Any, task_queue: Callable[[], int]) -> None:
    import_id = start(write(MUGS[:2]))
    assert task_queue() == 1
    settings.TRANSFER_SECONDS = 0
    run_import_task(import_id)
    assert (task_queue(), queries.get_import(import_id).state) == (2, "reading")
    settings.TRANSFER_SECONDS = 20
    run_import_task(import_id)
    assert (task_queue(), queries.get_import(import_id).state) == (2, "ready")
    services.confirm_import(import_id=import_id, now=NOW)
    run_import_task(import_id)
    assert (task_queue(), queries.get_import(import_id).state) == (3, "done")
