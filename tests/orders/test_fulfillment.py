from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from orders import cancellation, carriers, emails, fulfillment, mails
from orders.fulfillment import CannotShip, NothingToShip, TooManyToShip, UnknownCarrier
from orders.links import sign_number
from orders.models import Order, Refund, RefundLine, Return, ReturnLine, Shipment
from orders.outbox import process_order
from orders.status import FulfillmentStatus, PaymentStatus
from tests.clock import NOW
from tests.factories import make_product
from tests.orders.carts import make_line, place_order


@pytest.fixture
def order() -> Order:
    """A confirmed order of three mugs and a pot."""
    mug, pot = make_product(title="Mug", sku="MUG"), make_product(title="Pot", sku="POT")
    placed = place_order(make_line(mug, 3), make_line(pot))
    process_order(number=placed.number, now=NOW, known=dict.fromkeys(KNOWN, _nothing))
    return Order.get(placed.number)


KNOWN = ("confirmation_mail", "availability", "invoice")


def _nothing(*_: Any) -> None:
    pass


def ship(order: Order, shipment_id: str = "s1", **changes: Any) -> Shipment:
    return fulfillment.ship_order(
        **{
            "number": order.number,
            "shipment_id": shipment_id,
            "carrier": "dhl",
            "tracking_number": "JD 01/2",
            "now": NOW,
            "publish": _nothing,
            **changes,
        }
    )


def test_a_whole_order_is_shipped_in_one_parcel(order: Order) -> None:
    published: list[str] = []
    shipment = ship(order, publish=published.append)
    stored = Order.get(order.number)
    assert stored.fulfillment_status == FulfillmentStatus.SHIPPED
    assert {line.sku: line.quantity for line in shipment.lines} == {"MUG": 3, "POT": 1}
    assert shipment.tracking_url == "https://www.dhl.com/global-en/home/tracking.html?tracking-id=JD%2001%2F2"
    assert [effect.name for effect in stored.pending_effects] == ["shipment_mail:s1"]
    assert published == [order.number]
    assert [(entry.event, entry.note) for entry in stored.timeline][-1] == ("shipped", "DHL JD 01/2")


def test_parts_are_shipped_until_nothing_is_left(order: Order) -> None:
    ship(order, lines={"MUG": 2, "POT": 0})
    assert Order.get(order.number).fulfillment_status == FulfillmentStatus.PART_SHIPPED
    assert fulfillment.unshipped_quantities(Order.get(order.number)) == {"MUG": 1, "POT": 1}
    with pytest.raises(TooManyToShip, match="Of Mug, only 1 is still to be sent"):
        ship(order, "s2", lines={"MUG": 2})
    ship(order, "s2")
    assert Order.get(order.number).fulfillment_status == FulfillmentStatus.SHIPPED
    with pytest.raises(NothingToShip):
        ship(order, "s3")


def test_a_form_that_is_sent_twice_ships_once(order: Order) -> None:
    ship(order, lines={"MUG": 1})
    ship(order, lines={"MUG": 1})
    assert Order.get(order.number).shipped_quantities == {"MUG": 1}


def test_what_was_paid_back_unsent_is_not_sent_and_what_came_back_does_not_count(order: Order) -> None:
    order.refunds.append(Refund(refund_id="r1", amount=1, lines=[RefundLine(sku="MUG", quantity=1)], created_at=NOW))
    order.save()
    ship(order, lines={"MUG": 1})
    stored = Order.get(order.number)
    assert fulfillment.unshipped_quantities(stored) == {"MUG": 1, "POT": 1}
    stored.refunds.append(Refund(refund_id="r2", amount=1, lines=[RefundLine(sku="MUG", quantity=1)], created_at=NOW))
    lines = [ReturnLine(sku="MUG", quantity=1)]
    stored.returns.append(
        Return(return_id="b1", lines=lines, reason="x", refund_id="r2", requested_at=NOW, updated_at=NOW)
    )
    stored.save()
    assert fulfillment.unshipped_quantities(Order.get(order.number)) == {"MUG": 1, "POT": 1}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"status": "pending"}, "it is not confirmed yet"),
        ({"status": "canceled"}, "it was canceled"),
        ({"payment_status": PaymentStatus.REVIEW}, r"its payment is not there \(payment being checked\)"),
        ({"is_disputed": True}, "its payment is disputed"),
    ],
)
def test_an_order_that_may_not_leave_says_why(order: Order, changes: dict[str, Any], words: str) -> None:
    for name, value in changes.items():
        setattr(order, name, value)
    order.save()
    with pytest.raises(CannotShip, match=words):
        ship(order)
    assert Order.get(order.number).shipments == []


def test_units_that_are_not_in_the_order_an_empty_parcel_and_an_unknown_carrier_are_refused(order: Order) -> None:
    with pytest.raises(TooManyToShip, match="Of BOWL, only 0 are"):
        ship(order, lines={"BOWL": 1})
    with pytest.raises(NothingToShip):
        ship(order, lines={"MUG": 0})
    with pytest.raises(UnknownCarrier):
        ship(order, carrier="pigeon")


def test_what_is_shipped_in_part_can_not_be_canceled(order: Order) -> None:
    ship(order, lines={"MUG": 1})
    with pytest.raises(cancellation.AlreadyShipped):
        cancellation.cancel_order(number=order.number, reason="Changed my mind.", now=NOW, publish=_nothing)


def test_the_worker_mails_each_parcel_with_its_tracking(
    order: Order, sent_mails: Callable[[], list[dict[str, Any]]]
) -> None:
    ship(order, lines={"MUG": 2})
    process_order(number=order.number, now=NOW)
    ship(order, "s2", carrier="other", tracking_number="")
    process_order(number=order.number, now=NOW)
    part, rest = sent_mails()
    assert part["Subject"] == f"Part of your order {order.number} is on its way"
    assert "2 x Mug\r\n" in part["BodyText"]
    assert "https://www.dhl.com/global-en/home/tracking.html?tracking-id=JD%2001%2F2" in part["BodyText"]
    assert "The rest follows" in part["BodyText"]
    assert rest["Subject"] == f"Your order {order.number} is on its way"
    assert "1 x Mug\r\n1 x Pot\r\n" in rest["BodyText"]
    assert "The rest follows" not in rest["BodyText"]
    assert "Another carrier" in rest["BodyHtml"]


def test_the_shopper_sees_parcels_their_contents_and_where_to_track_them(client: Client, order: Order) -> None:
    path = f"/orders/{order.number}/?key={sign_number(order.number)}"
    ship(order, lines={"MUG": 2})
    page = client.get(path).content.decode()
    assert "Parcel 1 shipped" in page
    assert "2 × Mug · DHL, JD 01/2" in page
    assert "tracking-id=JD%2001%2F2" in page
    assert "Getting the rest ready" in page
    ship(order, "s2", carrier="other", tracking_number="")
    page = client.get(path).content.decode()
    assert "Parcel 2 shipped" in page
    assert "Getting" not in page
    assert page.count("Track it at") == 1


def test_notes_of_the_staff_are_kept_and_not_shown_to_the_shopper(client: Client, order: Order) -> None:
    fulfillment.add_note(number=order.number, text="Call first.", author="Grace", now=NOW)
    entry = Order.get(order.number).timeline[-1]
    assert (entry.event, entry.note) == ("note", "Grace: Call first.")
    assert "Call first" not in client.get(f"/orders/{order.number}/?key={sign_number(order.number)}").content.decode()


def test_mails_are_listed_and_sent_once_more_but_only_those_of_the_order(
    order: Order, sent_mails: Callable[[], list[dict[str, Any]]]
) -> None:
    ship(order)
    listed = mails.list_mails(Order.get(order.number))
    assert [(mail.label, mail.sent_at) for mail in listed] == [("Confirmation", NOW), ("Shipment", None)]
    asked: list[tuple[str, str]] = []
    mails.ask_again(
        number=order.number, effect="confirmation_mail", publish=lambda number, effect: asked.append((number, effect))
    )
    assert asked == [(order.number, "confirmation_mail")]
    mails.send_mail(order=Order.get(order.number), effect="shipment_mail:s1")
    assert [mail["Subject"] for mail in sent_mails()] == [f"Your order {order.number} is on its way"]
    for effect in ("refund", "shipment_mail:s9", "invoice"):
        with pytest.raises(mails.NoSuchMail):
            mails.ask_again(number=order.number, effect=effect, publish=lambda *_: None)


@pytest.mark.parametrize("carrier", carriers.list_carriers(), ids=lambda carrier: carrier.code)
def test_tracking_pages_hold_the_number_as_part_of_an_address(carrier: carriers.Carrier) -> None:
    url = carrier.tracking_url("1Z 9&x=1")
    assert url == "" if carrier.code == "other" else url.startswith("https://") and "1Z%209%26x%3D1" in url
    assert carrier.tracking_url("") == ""


def test_the_mail_escapes_what_people_typed(order: Order) -> None:
    ship(order, tracking_number="<b>1</b>")
    html = str(emails.shipment(Order.get(order.number), "s1").alternatives[0][0])
    assert "&lt;b&gt;1&lt;/b&gt;" in html
    assert "<b>1" not in html
