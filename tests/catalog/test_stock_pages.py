import re
from collections.abc import Callable
from typing import Any

import pytest

from catalog.ledger import Reason, StockEntry
from catalog.models import Stock
from cloudcart import streams
from tests.cast import Shopper
from tests.factories import make_product
from tests.staff.people import a_member_of
from tests.stream import follow

FORM = {"kind": "add", "units": "5", "reason": "received", "note": "Delivery 7", "token": "0" * 32}
URLS = ("/admin/stock/", "/admin/stock/low/", "/admin/stock/levels/POT/")


def skus_on(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/admin/stock/levels/([^/]+)/">', page)


@pytest.fixture
def deliver() -> Callable[[], None]:
    changes = follow("stock", "stock-ledger")

    def run() -> None:
        while records := changes():
            assert streams.dispatch(records) == []

    return run


def get(person: Shopper, url: str, **parameters: str) -> str:
    response = person.client.get(url, parameters)
    assert response.status_code == 200
    return str(response.content.decode())


def test_all_levels_are_paged_both_ways_in_two_requests(merchandiser: Shopper, dynamodb_calls: Any) -> None:
    sizes = [f"{number:02d}" for number in range(60)]
    make_product(title="Pot", sku="POT", options={"Size": sizes}, stock=9)
    merchandiser.client.get("/admin/stock/")
    with dynamodb_calls() as log:
        first = get(merchandiser, "/admin/stock/")
    # The session, a query of 25 keys, one batch of their levels and products.
    assert log.count == 3, log
    names = [f"POT-{size}" for size in sizes]
    assert skus_on(first) == names[:25]
    assert "Back</a>" not in first
    second = get(merchandiser, "/admin/stock/", after=names[24])
    assert skus_on(second) == names[25:50]
    third = get(merchandiser, "/admin/stock/", after=names[49])
    assert skus_on(third) == names[50:]
    assert "Next</a>" not in third
    assert skus_on(get(merchandiser, "/admin/stock/", before=names[50])) == names[25:50]
    back = get(merchandiser, "/admin/stock/", before=names[25])
    assert skus_on(back) == names[:25]
    assert "Back</a>" not in back


def test_skus_are_found_by_how_they_begin(merchandiser: Shopper) -> None:
    for sku in ("MUG-S", "MUG-L", "POT"):
        make_product(sku=sku)
    assert skus_on(get(merchandiser, "/admin/stock/", q="MUG")) == ["MUG-L", "MUG-S"]
    assert "No SKU begins with “NO”" in get(merchandiser, "/admin/stock/", q="NO")


def test_what_runs_low_is_listed_with_the_fewest_first(merchandiser: Shopper, deliver: Callable[[], None]) -> None:
    assert "Nothing runs low." in get(merchandiser, "/admin/stock/low/")
    for number in range(30):
        make_product(sku=f"S{number:02d}", stock=number // 10)
    make_product(sku="PLENTY", stock=50)
    deliver()
    first = get(merchandiser, "/admin/stock/low/")
    assert skus_on(first) == [f"S{number:02d}" for number in range(25)]
    second = get(merchandiser, "/admin/stock/low/", after="2:S24")
    assert skus_on(second) == [f"S{number:02d}" for number in range(25, 30)]
    assert 'href="?after=2%3AS24"' in first


def test_the_page_of_a_sku_has_its_levels_and_its_ledger(merchandiser: Shopper, deliver: Callable[[], None]) -> None:
    make_product(title="Teapot", sku="POT", stock=4)
    merchandiser.client.post("/admin/stock/levels/POT/", FORM)
    deliver()
    page = get(merchandiser, "/admin/stock/levels/POT/")
    assert "Teapot" in page
    assert "Received from a supplier" in page
    assert "Delivery 7" in page
    assert "merchandisers@staff.example" in page
    assert page.index("Delivery 7") < page.index("First stock")


def test_units_are_added_once_even_if_the_form_is_sent_twice(merchandiser: Shopper) -> None:
    make_product(sku="POT", stock=4)
    answers = [merchandiser.client.post("/admin/stock/levels/POT/", FORM) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Stock.get("POT").available == 9
    [entry] = [entry for entry in StockEntry.scan() if entry.reason == Reason.RECEIVED]
    assert (entry.note, entry.actor) == ("Delivery 7", "merchandisers@staff.example")


def test_a_count_sets_the_level(merchandiser: Shopper) -> None:
    make_product(sku="POT", stock=4)
    form = FORM | {"kind": "count", "units": "11", "reason": ""}
    response = merchandiser.client.post("/admin/stock/levels/POT/", form, follow=True)
    assert Stock.get("POT").available == 11
    assert "POT now has 11 available and 0 reserved." in response.content.decode()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"units": ""}, "This field is required."),
        ({"units": "0"}, "Enter how many units, at least 1."),
        ({"units": "-3"}, "greater than or equal to 0"),
        ({"reason": ""}, "Please choose why."),
        ({"reason": "other", "note": ""}, "Please say in a few words why."),
    ],
)
def test_what_is_wrong_is_said_and_the_input_kept(
    merchandiser: Shopper, changes: dict[str, str], sentence: str
) -> None:
    make_product(sku="POT", stock=4)
    response = merchandiser.client.post("/admin/stock/levels/POT/", FORM | {"note": "Kept"} | changes)
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert changes.get("note", "Kept") in page
    assert Stock.get("POT").available == 4


def test_more_than_there_is_cannot_be_taken_away(merchandiser: Shopper) -> None:
    make_product(sku="POT", stock=4)
    response = merchandiser.client.post("/admin/stock/levels/POT/", FORM | {"kind": "remove", "reason": "lost"})
    assert response.status_code == 409
    assert "5 cannot be taken from POT: only 4 units are available." in response.content.decode()
    assert Stock.get("POT").available == 4


def test_a_sku_that_does_not_exist_is_not_found(merchandiser: Shopper) -> None:
    assert merchandiser.client.get("/admin/stock/levels/NO-SUCH/").status_code == 404
    assert merchandiser.client.post("/admin/stock/levels/NO-SUCH/", FORM).status_code == 404


def test_who_may_see_and_who_may_change(alice: Shopper) -> None:
    make_product(sku="POT", stock=4)
    viewer, supporter = a_member_of("viewers"), a_member_of("support")
    assert [viewer.client.get(url).status_code for url in URLS] == [200] * 3
    assert "Change the stock" not in get(viewer, URLS[2])
    assert viewer.client.post(URLS[2], FORM).status_code == 403
    assert [supporter.client.get(url).status_code for url in URLS] == [403] * 3
    assert [alice.client.get(url).status_code for url in URLS] == [403] * 3
    assert Stock.get("POT").available == 4
