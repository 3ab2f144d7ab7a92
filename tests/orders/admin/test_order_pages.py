import csv
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cloudcart import streams
from cloudcart.dynamo import CallLog
from cloudcart.staff.audit import AuditEntry
from orders import effects, fulfillment, refunds, returns, services
from orders.models import Order
from orders.outbox import process_order
from orders.status import FulfillmentStatus, ReturnStatus
from tests.cast import Shopper
from tests.factories import make_product
from tests.orders.carts import make_address, make_line, place_order
from tests.staff.people import a_member_of
from tests.stream import follow

LIST = "/admin/orders/order/"


@pytest.fixture
def order() -> Order:
    """A confirmed order on invoice of three mugs."""
    mug = make_product(title="Blue <mug>", sku="MUG", price=3600)
    now = timezone.now()
    placed = place_order(make_line(mug, 3), now=now, email="Ada@Example.com", shipping_address=make_address())
    process_order(number=placed.number, now=now)
    return Order.get(placed.number)


def page_of(order: Order) -> str:
    return f"{LIST}{order.number}/change/"


def act(member: Shopper, order: Order, name: str, **fields: Any) -> Any:
    return member.client.post(f"/admin/orders/{order.number}/{name}/", fields, follow=True)


def form_of(member: Shopper, order: Order, name: str) -> dict[str, str]:
    """Give the fields of an act's form as the page fills them."""
    page = member.client.get(f"/admin/orders/{order.number}/{name}/").content.decode()
    intent = re.search(r'name="intent" value="(\w+)"', page)
    assert intent is not None
    return {"intent": intent[1]}


def urls_of(order: Order) -> list[str]:
    acts = ("confirm", "cancel", "note", "mail", "reconcile", "ship", "refund")
    back = ("return-approve", "return-decline", "return-receive", "return-refund")
    return [f"/admin/orders/{order.number}/{name}/" for name in (*acts, *back)]


@pytest.mark.parametrize(("group", "is_led"), [("viewers", True), ("merchandisers", False)])
def test_the_stock_ledger_leads_to_the_order_who_may_see_orders(group: str, is_led: bool) -> None:
    changes = follow("stock-ledger")
    mug = make_product(sku="MUG")
    placed = place_order(make_line(mug))
    assert streams.dispatch(changes()) == []
    page = a_member_of(group).client.get("/admin/stock/levels/MUG/").content.decode()
    assert placed.number in page
    assert (f'<a href="{page_of(placed)}">{placed.number}</a>' in page) == is_led


def test_the_list_shows_orders_by_time_with_one_query(
    supporter: Shopper, order: Order, dynamodb_calls: Callable[[], AbstractContextManager[CallLog]]
) -> None:
    other = place_order(make_line(make_product()), now=timezone.now() + timedelta(seconds=5))
    supporter.client.get(LIST)
    with dynamodb_calls() as log:
        page = supporter.client.get(LIST).content.decode()
    assert [call for call in log.calls if "orders" in call[1]] == [("Query", "orders")], str(log)
    assert page.index(other.number) < page.index(order.number)
    assert "Ada@Example.com" in page
    assert "€112.90" in page


def test_the_list_is_narrowed_by_status_and_time_by_the_index_alone(supporter: Shopper, order: Order) -> None:
    pending = place_order(make_line(make_product()), now=timezone.now() - timedelta(days=9))
    confirmed = supporter.client.get(f"{LIST}?status__exact=confirmed").content.decode()
    assert (order.number in confirmed, pending.number in confirmed) == (True, False)
    recent = supporter.client.get(f"{LIST}?placed=7").content.decode()
    assert (order.number in recent, pending.number in recent) == (True, False)


@pytest.mark.parametrize("term", ["{number}", "{typed}", "ADA@example.com"])
def test_an_order_is_found_by_its_number_or_e_mail_however_it_is_typed(
    supporter: Shopper, order: Order, term: str
) -> None:
    other = place_order(make_line(make_product()), email="bob@example.com", now=timezone.now())
    typed = term.format(number=order.number, typed=order.number.lower().replace("-", " "))
    page = supporter.client.get(LIST, {"q": typed}).content.decode()
    assert order.number in page
    assert other.number not in page


def test_a_search_that_cannot_be_answered_says_what_can(supporter: Shopper, order: Order) -> None:
    page = supporter.client.get(LIST, {"q": "mug"}).content.decode()
    assert "Search for a whole order number" in page
    assert order.number not in page


def test_the_page_of_an_order_tells_all_of_it_with_one_read(
    supporter: Shopper, order: Order, dynamodb_calls: Callable[[], AbstractContextManager[CallLog]]
) -> None:
    with dynamodb_calls() as log:
        page = supporter.client.get(page_of(order)).content.decode()
    assert [call for call in log.calls if "sessions" not in call[1]] == [("GetItem", "orders")], str(log)
    assert "Blue &lt;mug&gt;" in page
    assert "Torstrasse 1<br>10115 Berlin" in page
    assert str(order.invoice_number) in page
    assert "Confirmation" in page
    assert "Due on invoice" in page


def test_an_order_that_is_not_there_says_so(supporter: Shopper) -> None:
    response = supporter.client.get(f"{LIST}LUSAB-MODIK-47/change/")
    assert response.status_code == 404
    assert "There is no order LUSAB-MODIK-47" in response.content.decode()


def test_parts_are_shipped_by_the_form_and_the_shopper_is_told(
    supporter: Shopper, order: Order, sent_mails: Callable[[], list[dict[str, Any]]]
) -> None:
    fields = form_of(supporter, order, "ship") | {"units-0": "2", "carrier": "ups", "tracking_number": " 1Z9 "}
    response = act(supporter, order, "ship", **fields)
    assert "The parcel is noted" in response.content.decode()
    assert "1Z9" in response.content.decode()
    # The same form once more, by a second click.
    act(supporter, order, "ship", **fields)
    stored = Order.get(order.number)
    assert stored.fulfillment_status == FulfillmentStatus.PART_SHIPPED
    assert stored.shipped_quantities == {"MUG": 2}
    process_order(number=order.number, now=timezone.now())
    assert [mail["Subject"] for mail in sent_mails()] == [f"Part of your order {order.number} is on its way"]


def test_a_parcel_that_somebody_else_was_faster_with_is_told_and_the_input_kept(
    supporter: Shopper, order: Order
) -> None:
    fields = form_of(supporter, order, "ship") | {"units-0": "3", "carrier": "ups", "tracking_number": "1Z9"}
    fulfillment.ship_order(
        number=order.number, shipment_id="other", carrier="dhl", lines={"MUG": 2}, now=timezone.now()
    )
    response = act(supporter, order, "ship", **fields)
    page = response.content.decode()
    assert response.status_code == 422
    assert "At most 1 can be chosen" in page
    assert 'value="1Z9"' in page


def test_a_canceled_order_cannot_be_shipped_from_a_page_that_was_open(supporter: Shopper, order: Order) -> None:
    fields = form_of(supporter, order, "ship") | {"units-0": "1", "carrier": "ups"}
    act(supporter, order, "cancel", reason="We broke it.")
    response = act(supporter, order, "ship", **fields)
    assert response.status_code == 409
    assert "cannot be shipped: it was canceled" in response.content.decode()


def test_a_refund_of_units_puts_them_back_on_sale_and_has_a_credit_note(supporter: Shopper, order: Order) -> None:
    fields = form_of(supporter, order, "refund")
    fields |= {"units-0": "1", "amount": "", "reason": "Scratched", "is_restocked": "on"}
    page = act(supporter, order, "refund", **fields).content.decode()
    assert "A refund of €36.00" in page
    process_order(number=order.number, now=timezone.now())
    stored = Order.get(order.number)
    assert [(each.amount, each.reason, each.is_restocked) for each in stored.refunds] == [(3600, "Scratched", True)]
    assert len(stored.credit_notes) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"amount": "abc"}, "Write the amount like 12.50"),
        ({"amount": "1.234"}, "Write the amount like 12.50"),
        ({"amount": "-1"}, "more than nothing"),
        ({"amount": "9999"}, "can be refunded"),
        ({"reason": ""}, "Say why"),
        ({"units-0": "4"}, "At most 3 can be chosen"),
        ({"units-0": "", "is_restocked": "on"}, "Choose which units can be sold again"),
    ],
)
def test_a_refund_that_will_not_do_is_explained(
    supporter: Shopper, order: Order, changes: dict[str, str], words: str
) -> None:
    fields = form_of(supporter, order, "refund") | {"units-0": "1", "reason": "Scratched"} | changes
    response = act(supporter, order, "refund", **fields)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert Order.get(order.number).refunds == []


def test_cancel_note_and_mail_are_done_told_and_noted_who_did_them(
    supporter: Shopper, order: Order, task_queue: Callable[[], int]
) -> None:
    assert "The note is kept" in act(supporter, order, "note", text="Call first.").content.decode()
    assert "once more" in act(supporter, order, "mail", effect="confirmation_mail").content.decode()
    assert task_queue() == 1
    assert "no such mail" in act(supporter, order, "mail", effect="refund").content.decode()
    assert "Say why" in act(supporter, order, "cancel").content.decode()
    assert "is canceled" in act(supporter, order, "cancel", reason="We broke it.").content.decode()
    assert Order.get(order.number).is_canceled
    entries = list(AuditEntry.query(f"orders.order#{order.number}"))
    assert [(entry.user_name, entry.message.split()[0]) for entry in entries] == [("support@staff.example", "The")] * 3
    history = supporter.client.get(f"{LIST}{order.number}/history/").content.decode()
    assert "The note is kept." in history


def test_a_pending_order_is_confirmed_by_hand(supporter: Shopper) -> None:
    placed = place_order(make_line(make_product()), now=timezone.now())
    assert "The order is confirmed" in act(supporter, placed, "confirm").content.decode()
    assert Order.get(placed.number).is_confirmed


def test_a_return_is_approved_received_and_refunded(supporter: Shopper, order: Order) -> None:
    now = timezone.now()
    fulfillment.ship_order(number=order.number, shipment_id="s1", carrier="dhl", now=now)
    returns.request_return(number=order.number, return_id="b1", lines={"MUG": 1}, reason="size", now=now)
    assert "It does not fit" in supporter.client.get(page_of(order)).content.decode()
    assert "Tell the shopper" in act(supporter, order, "return-approve", return_id="b1").content.decode()
    act(supporter, order, "return-approve", return_id="b1", answer="Send it to us.")
    act(supporter, order, "return-receive", return_id="b1")
    page = act(supporter, order, "return-refund", return_id="b1", is_restocked="on").content.decode()
    assert "€36.00 go back to the shopper" in page
    stored = Order.get(order.number).find_return("b1")
    assert stored is not None
    assert stored.status == ReturnStatus.REFUNDED
    wrong = act(supporter, order, "return-decline", return_id="b1", answer="No.").content.decode()
    assert "This return is refunded" in wrong


def test_a_return_with_nothing_left_to_pay_back_is_done_and_says_so(supporter: Shopper, order: Order) -> None:
    now = timezone.now()
    fulfillment.ship_order(number=order.number, shipment_id="s1", carrier="dhl", now=now)
    refunds.request_refund(number=order.number, refund_id="all", reason="We were late.", now=now)
    returns.request_return(number=order.number, return_id="b1", lines={"MUG": 1}, reason="size", now=now)
    act(supporter, order, "return-approve", return_id="b1", answer="Send it to us.")
    act(supporter, order, "return-receive", return_id="b1")
    page = act(supporter, order, "return-refund", return_id="b1").content.decode()
    assert "Nothing was left to pay back. The return is done, and the shopper is told." in page
    assert "Nothing left to pay back" in page


def test_another_payment_that_is_on_its_way_is_told(supporter: Shopper, order: Order) -> None:
    sentence = "Another payment for this order is on its way"
    assert sentence not in supporter.client.get(page_of(order)).content.decode()
    order.update([Order.delayed_session_ids.set(["cs_1"])])
    assert sentence in supporter.client.get(page_of(order)).content.decode()


def test_the_packing_slip_has_the_parcel_or_what_is_still_to_be_sent(viewer: Shopper, order: Order) -> None:
    fulfillment.ship_order(number=order.number, shipment_id="s1", carrier="dhl", lines={"MUG": 2}, now=timezone.now())
    path = f"/admin/orders/{order.number}/slip/"
    assert "<td>1</td><td>Blue &lt;mug&gt;</td><td>MUG</td>" in viewer.client.get(path).content.decode()
    assert "<td>2</td><td>Blue &lt;mug&gt;</td>" in viewer.client.get(f"{path}?parcel=s1").content.decode()


def test_staff_open_the_invoice_by_a_link_that_expires(viewer: Shopper, order: Order) -> None:
    path = f"/admin/orders/{order.number}/document/"
    response = viewer.client.get(f"{path}?number={order.invoice_number}")
    assert response.status_code == 302
    assert "X-Amz-Expires=300" in response["Location"]
    assert viewer.client.get(f"{path}?number=INV-1999-000001").status_code == 404


def test_viewers_see_and_change_nothing(viewer: Shopper, order: Order) -> None:
    page = viewer.client.get(page_of(order)).content.decode()
    assert order.number in page
    assert "<form" not in page.partition('<div class="desk')[2]
    assert viewer.client.get(LIST).status_code == 200
    assert [viewer.client.post(url).status_code for url in urls_of(order)] == [403] * 11
    before = Order.get(order.number).version
    assert before == order.version


def test_shoppers_and_guests_get_nowhere(alice: Shopper, client: Client, order: Order) -> None:
    urls = [LIST, page_of(order), "/admin/orders/export/", *urls_of(order), f"/admin/orders/{order.number}/slip/"]
    assert [alice.client.get(url).status_code for url in urls] == [403] * len(urls)
    assert [alice.client.post(url).status_code for url in urls_of(order)] == [403] * 11
    assert [client.get(url).status_code for url in urls] == [302] * len(urls)


def test_orders_of_a_time_are_exported_line_by_line(viewer: Shopper, order: Order) -> None:
    today = timezone.localdate().isoformat()
    old = place_order(make_line(make_product()), now=timezone.now() - timedelta(days=40))
    services.change_buyer(order, lambda order: setattr(order, "buyer_name", "=1+1"))
    response = viewer.client.get("/admin/orders/export/", {"since": today, "until": today, "status": "confirmed"})
    assert response["Content-Type"].startswith("text/csv")
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(text.splitlines()))
    assert [(row["Number"], row["Total"], row["Currency"], row["Buyer"]) for row in rows] == [
        (order.number, "112.90", "EUR", "'=1+1")
    ]
    assert old.number not in text


def test_an_export_of_no_days_is_explained(viewer: Shopper) -> None:
    assert viewer.client.get("/admin/orders/export/").status_code == 200
    response = viewer.client.get("/admin/orders/export/", {"since": "2026-02-01", "until": "2026-01-01"})
    assert response.status_code == 422
    assert "The first day comes after the last one" in response.content.decode()


def test_the_worker_sends_the_mail_that_staff_asks_for_again(
    order: Order, sent_mails: Callable[[], list[dict[str, Any]]]
) -> None:
    from orders import tasks

    tasks.send_mail(order.number, "confirmation_mail")
    assert [mail["Subject"] for mail in sent_mails()] == [f"Your order {order.number}"]
    assert "confirmation_mail" in effects.EFFECTS
