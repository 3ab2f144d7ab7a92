import re
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from catalog.models import Product
from orders import returns
from orders.links import order_path
from orders.models import Order, Shipment, ShipmentLine
from orders.refunds import request_refund
from orders.returns import InvalidReturnStep, NothingToReturn, NotReturnable, ReturnNotFound
from orders.status import FulfillmentStatus
from tests.clock import NOW
from tests.factories import make_product
from tests.fakes import FakeGateway
from tests.orders.card_orders import place_paid_order, stock_of, work
from tests.orders.carts import Submission, make_cart, make_line


@pytest.fixture
def mug() -> Product:
    return make_product(title="Mug", price=2000, stock=10)


@pytest.fixture
def order(mug: Product, gateway: FakeGateway) -> Order:
    """Three mugs, paid, two of them sent."""
    order = work(place_paid_order(mug, gateway, 3))
    lines = [ShipmentLine(sku=mug.variants[0].sku, quantity=2)]
    order.shipments.append(Shipment(shipment_id="s1", lines=lines, shipped_at=NOW))
    order.fulfillment_status = FulfillmentStatus.PART_SHIPPED
    order.save()
    return order


@pytest.fixture
def sku(mug: Product) -> str:
    return str(mug.variants[0].sku)


def ask(order: Order, lines: dict[str, int], return_id: str = "a") -> None:
    returns.request_return(
        number=order.number, return_id=return_id, lines=lines, reason="size", now=NOW, publish=list[str]().append
    )


def take_back(order: Order, sku: str, *, is_restocked: bool = True) -> None:
    """A unit from the wish to return it to the end."""
    ask(order, {sku: 1})
    returns.approve_return(number=order.number, return_id="a", answer="To us.", now=NOW)
    returns.receive_return(number=order.number, return_id="a", now=NOW)
    returns.refund_return(number=order.number, return_id="a", now=NOW, is_restocked=is_restocked)


def test_an_operator_answers_a_return_by_commands(order: Order, mug: Product, sku: str) -> None:
    ask(order, {sku: 1})
    out = StringIO()
    for step in (["approve", "--answer", "Send it back."], ["receive"], ["refund"]):
        call_command("answer_return", order.number, *step, stdout=out)
    call_command("answer_return", order.number, stdout=out)
    told = [line.rpartition("; ")[2] for line in out.getvalue().splitlines()]
    assert told == ["Approved", "Received", "Refunded", "Refunded"]
    assert Order.get(order.number).refunded_amount == 2000
    assert stock_of(mug) == (8, 0)


def test_a_return_from_the_wish_to_the_refund(
    order: Order, mug: Product, sku: str, sent_mails: Callable[[], list[dict[str, str]]]
) -> None:
    ask(order, {sku: 1})
    work(order)
    returns.approve_return(number=order.number, return_id="a", answer="Send it to Torstrasse 1.", now=NOW)
    work(order)
    returns.receive_return(number=order.number, return_id="a", now=NOW)
    work(order)
    returns.refund_return(number=order.number, return_id="a", now=NOW)
    done = work(work(order))
    assert [(each.status, each.refund_id) for each in done.returns] == [("refunded", "ret-a")]
    assert (done.payment_status, done.refunded_amount) == ("part_refunded", 2000)
    assert stock_of(mug) == (8, 0)
    texts = [mail["BodyText"] for mail in sent_mails() if "return" in mail["Subject"]]
    assert ["We have your wish" in texts[0], "Send it to Torstrasse 1." in texts[1], "has arrived" in texts[2]] == [
        True
    ] * 3
    assert ["Torstrasse" in text for text in texts] == [False, True, False]


def test_what_is_damaged_is_refunded_and_not_sold_again(order: Order, mug: Product, sku: str) -> None:
    ask(order, {sku: 1})
    returns.approve_return(number=order.number, return_id="a", answer="", now=NOW)
    returns.receive_return(number=order.number, return_id="a", now=NOW)
    returns.refund_return(number=order.number, return_id="a", now=NOW, amount=1500, is_restocked=False)
    assert work(work(order)).refunded_amount == 1500
    assert stock_of(mug) == (7, 0)


def test_a_return_whose_money_went_back_before_is_done_without_more(
    order: Order, mug: Product, sku: str, sent_mails: Callable[[], list[dict[str, str]]]
) -> None:
    request_refund(number=order.number, refund_id="all", reason="We were late.", now=NOW)
    work(work(order))
    take_back(order, sku)
    done = work(work(order))
    assert [(each.status, each.refund_id) for each in done.returns] == [("refunded", "ret-a")]
    assert (done.payment_status, done.refunded_amount, done.pending_effects) == ("refunded", 6490, [])
    assert [(each.amount, each.status_label) for each in done.refunds[1:]] == [(0, "Nothing left to pay back")]
    assert stock_of(mug) == (8, 0)
    assert [note.refund_id for note in done.credit_notes] == ["all"]
    subjects = [mail["Subject"] for mail in sent_mails()]
    assert subjects.count(f"Your refund for order {order.number}") == 1
    assert "Nothing was left to refund" in sent_mails()[-1]["BodyText"]


def test_a_return_of_what_cost_nothing_is_done_without_money(settings: Any) -> None:
    settings.SHIPPING_METHODS = [{"code": "standard", "name": "Free delivery", "detail": "", "unit_amount": 0}]
    sample = make_product(title="Sample", price=0, stock=10)
    order = work(Submission.of(make_cart(make_line(sample, 2), payment_method="nothing")).place())
    [line] = order.lines
    order.shipments.append(Shipment(shipment_id="s1", lines=[ShipmentLine(sku=line.sku, quantity=2)], shipped_at=NOW))
    order.fulfillment_status = FulfillmentStatus.SHIPPED
    order.save()
    take_back(order, line.sku, is_restocked=False)
    done = work(order)
    assert (done.payment_status, done.refunded_amount, done.returns[0].status) == ("paid", 0, "refunded")
    assert returns.returnable_quantities(done, now=NOW) == {line.sku: 1}
    assert stock_of(sample) == (8, 0)


def test_a_refund_of_a_return_is_paid_once(order: Order, sku: str) -> None:
    ask(order, {sku: 1})
    returns.approve_return(number=order.number, return_id="a", answer="", now=NOW)
    returns.receive_return(number=order.number, return_id="a", now=NOW)
    for _ in range(2):
        returns.refund_return(number=order.number, return_id="a", now=NOW)
    assert len(Order.get(order.number).refunds) == 1


def test_only_what_was_sent_and_is_not_on_its_way_back_can_be_returned(order: Order, sku: str) -> None:
    with pytest.raises(NotReturnable) as caught:
        ask(order, {sku: 3})
    assert str(caught.value) == "Of Mug, 2 can be returned."
    ask(order, {sku: 2})
    with pytest.raises(NotReturnable) as caught:
        ask(order, {sku: 1}, "b")
    assert str(caught.value) == "Mug cannot be returned (any more)."
    with pytest.raises(NothingToReturn):
        ask(order, {sku: 0}, "b")


def test_a_return_has_its_time(order: Order) -> None:
    last = NOW + timedelta(days=30)
    assert returns.can_ask(order, now=last - timedelta(seconds=1))
    assert not returns.can_ask(order, now=last)


def test_a_declined_return_frees_its_units(order: Order, sku: str) -> None:
    ask(order, {sku: 2})
    returns.decline_return(number=order.number, return_id="a", answer="It was worn.", now=NOW)
    ask(order, {sku: 2}, "b")
    assert [each.status for each in Order.get(order.number).returns] == ["declined", "requested"]


def test_the_stages_follow_one_another(order: Order, sku: str) -> None:
    ask(order, {sku: 1})
    with pytest.raises(InvalidReturnStep):
        returns.receive_return(number=order.number, return_id="a", now=NOW)
    with pytest.raises(InvalidReturnStep):
        returns.refund_return(number=order.number, return_id="a", now=NOW)
    with pytest.raises(ReturnNotFound):
        returns.approve_return(number=order.number, return_id="b", answer="", now=NOW)
    assert Order.get(order.number).refunds == []


@pytest.fixture
def sent_order(order: Order) -> Order:
    order.shipments[0].shipped_at = timezone.now()
    order.save()
    return order


def test_a_shopper_asks_on_a_page_of_its_own(client: Client, sent_order: Order) -> None:
    page = client.get(order_path(sent_order)).content.decode()
    [url] = re.findall(r'href="(/orders/[^"]+/returns/[^"]*)"', page)
    form = client.get(url).content.decode()
    [return_id] = re.findall(r'name="return_id" value="(\w+)"', form)
    answers = {"return_id": return_id, "quantity-0": "2", "reason": "damaged", "note": "The handle is off."}
    for _ in range(2):
        assert client.post(url, answers)["Location"] == order_path(sent_order)
    [wanted] = Order.get(sent_order.number).returns
    assert (wanted.reason, wanted.note, wanted.lines[0].quantity) == ("damaged", "The handle is off.", 2)
    page = client.get(order_path(sent_order)).content.decode()
    assert "2 × Mug" in page
    assert "/returns/" not in page


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"quantity-0": "0", "reason": "size"}, "Choose what you would like to send back."),
        ({"quantity-0": "9", "reason": "size"}, "Choose how many to return, from 0 to 2."),
        ({"quantity-0": "1"}, "Choose a reason."),
        ({"quantity-0": "1", "reason": "bored"}, "Choose one of the reasons in the list."),
    ],
)
def test_what_is_missing_is_said_with_and_without_htmx(
    client: Client, htmx_client: Client, sent_order: Order, answers: dict[str, str], sentence: str
) -> None:
    url = f"/orders/{sent_order.number}/returns/?{order_path(sent_order).partition('?')[2]}"
    answers = {"return_id": "0" * 32} | answers
    for browser in (client, htmx_client):
        response = browser.post(url, answers)
        assert response.status_code == 422
        assert sentence in response.content.decode()
    assert htmx_client.post(url, answers).content.decode().lstrip().startswith('<form class="form" id="return-form"')
    assert Order.get(sent_order.number).returns == []


def test_where_nothing_can_be_returned_the_page_leads_back(client: Client, sent_order: Order) -> None:
    sent_order.shipments = []
    sent_order.save()
    url = f"/orders/{sent_order.number}/returns/?{order_path(sent_order).partition('?')[2]}"
    assert client.get(url)["Location"] == order_path(sent_order)
