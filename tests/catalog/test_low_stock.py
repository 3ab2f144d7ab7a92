from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from catalog import low_stock, services, tasks
from catalog.ledger import Reason, StockMovement
from catalog.models import Stock
from cloudcart import streams
from tests.factories import LONG_AGO, make_product
from tests.stream import follow


def low_skus() -> list[str]:
    return [item.sku for item in Stock.by_low.query(Stock.LOW)]


@pytest.fixture
def deliver() -> Callable[[], None]:
    """Hand what was written since to the projections, until they cause nothing more."""
    changes = follow("stock", "stock-ledger")

    def run() -> None:
        while records := changes():
            assert streams.dispatch(records) == []

    return run


def take(sku: str, units: int) -> None:
    services.adjust_stock(sku=sku, change=-units, reason=Reason.LOST, now=LONG_AGO)


def test_what_runs_low_is_listed_with_the_fewest_units_first(deliver: Callable[[], None]) -> None:
    for sku, units in (("PLENTY", 6), ("FEW", 5), ("NONE", 0)):
        make_product(sku=sku, stock=units)
    deliver()
    assert low_skus() == ["NONE", "FEW"]
    take("PLENTY", 3)
    services.set_stock(sku="FEW", available=50, now=LONG_AGO)
    deliver()
    assert low_skus() == ["NONE", "PLENTY"]


def test_an_old_record_does_not_put_back_what_was_restocked(deliver: Callable[[], None]) -> None:
    make_product(sku="POT", stock=6)
    changes = follow("stock")
    take("POT", 3)
    old = changes()
    services.set_stock(sku="POT", available=50, now=LONG_AGO)
    deliver()
    assert low_stock.follow_level(old[0].new or {}) is False
    assert low_skus() == []


def test_the_merchant_is_told_once_for_each_time_that_it_begins(
    task_queue: Callable[[], int], deliver: Callable[[], None], sent_mails: Callable[[], list[Any]]
) -> None:
    make_product(title="Teapot", sku="POT", stock=6)
    deliver()
    assert task_queue() == 0
    take("POT", 1)
    take("POT", 1)
    deliver()
    assert task_queue() == 1

    revision = str(Stock.get("POT").revision - 1)
    tasks.mail_low_stock("POT", revision)
    tasks.mail_low_stock("POT", revision)
    [mail] = sent_mails()
    assert (mail["To"], mail["Subject"]) == (["shop@cloudcart.example"], "Only 4 left: Teapot")
    assert "/admin/stock/levels/POT/" in mail["BodyText"]
    assert "4 available, 0 reserved" in mail["BodyText"]

    services.set_stock(sku="POT", available=9, now=LONG_AGO)
    take("POT", 9)
    deliver()
    assert task_queue() == 2
    tasks.mail_low_stock("POT", str(Stock.get("POT").revision))
    assert [each["Subject"] for each in sent_mails()] == ["Only 4 left: Teapot", "Sold out: Teapot"]


def test_a_mail_that_could_not_be_sent_is_tried_again(settings: Any, sent_mails: Callable[[], list[Any]]) -> None:
    make_product(sku="POT", stock=3)
    settings.AWS_SES_REGION_ENDPOINT_URL = "http://127.0.0.1:1"
    with pytest.raises(Exception, match=r"127\.0\.0\.1:1"):
        low_stock.mail_once(sku="POT", revision=1)
    settings.AWS_SES_REGION_ENDPOINT_URL = ""
    assert Stock.get("POT").warned_revision is None


def test_a_sku_that_is_gone_is_no_error() -> None:
    assert low_stock.mail_once(sku="GONE", revision=1) is False


def test_the_lists_are_made_anew_for_another_threshold(deliver: Callable[[], None], settings: Any) -> None:
    make_product(sku="POT", stock=6)
    make_product(sku="MUG", stock=2)
    deliver()
    settings.LOW_STOCK_THRESHOLD = 10
    for item in list(StockMovement.scan()):
        item.delete()
    out = StringIO()
    call_command("rebuild_stock_lists", stdout=out)
    assert out.getvalue() == "1 SKUs were listed wrongly before. 2 movements are filed.\n"
    assert sorted(low_skus()) == ["MUG", "POT"]
    assert {(item.sku, item.available) for item in StockMovement.scan()} == {("POT", 6), ("MUG", 2)}


def test_levels_from_before_the_lists_are_found_too() -> None:
    Stock("OLD", product_id="p1", available=1).save()
    Stock("OLD").update([Stock.shelf.remove(), Stock.revision.remove()])
    assert low_stock.rebuild_lists() == (1, 0)
    assert low_skus() == ["OLD"]
    assert [item.sku for item in Stock.by_sku.query(Stock.ALL)] == ["OLD"]
