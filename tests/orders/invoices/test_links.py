import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import boto3
import pytest
from botocore.exceptions import ClientError
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from cloudcart.dynamo import CallLog
from orders import effects, emails
from orders.invoices import archive
from orders.invoices.archive import LINK_LIFETIME, key_of
from orders.invoices.models import Invoice
from orders.links import sign_number
from orders.models import Order
from orders.outbox import process_order
from tests.cast import Shopper
from tests.factories import make_product
from tests.orders.carts import make_line, place_order
from tests.orders.invoices.documents import add_refund, make_order, read_pdf


@pytest.fixture
def order() -> Order:
    """A guest's order with its invoice stored."""
    return with_invoice(make_order(now=timezone.now()))


def with_invoice(order: Order) -> Order:
    process_order(number=order.number, now=timezone.now())
    return Order.get(order.number)


def key_query(order: Order) -> str:
    return f"?key={sign_number(order.number)}"


def test_the_guests_link_leads_to_the_pdf_by_an_address_that_expires(client: Client, order: Order) -> None:
    response = client.get(f"/orders/{order.number}/invoice/{key_query(order)}")
    assert response.status_code == 302
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    query = parse_qs(urlsplit(response["Location"]).query)
    assert query["X-Amz-Expires"] == ["300"]
    with urlopen(response["Location"]) as answer:
        assert answer.headers["Content-Type"] == "application/pdf"
        assert f"{order.invoice_number}.pdf" in answer.headers["Content-Disposition"]
        assert str(order.invoice_number) in read_pdf(answer.read())


def test_nobody_else_opens_it(bob: Shopper, client: Client, order: Order) -> None:
    path = f"/orders/{order.number}/invoice/"
    statuses = [each.get(path + query).status_code for each in (client, bob.client) for query in ("", "?key=wrong")]
    assert statuses == [404, 404, 404, 404]


def test_a_customer_opens_their_own_from_the_order_and_from_the_history(alice: Shopper, bob: Shopper) -> None:
    order = with_invoice(make_order(now=timezone.now(), customer_id=alice.customer_id))
    path = f"/orders/{order.number}/invoice/"
    for page in (f"/orders/{order.number}/", "/orders/"):
        assert f'href="{path}"' in alice.client.get(page).content.decode()
    assert alice.client.get(path).status_code == 302
    assert bob.client.get(path).status_code == 404


def test_the_order_page_and_the_mail_link_to_it(client: Client, order: Order) -> None:
    path = f"/orders/{order.number}/invoice/{key_query(order)}"
    page = client.get(f"/orders/{order.number}/{key_query(order)}").content.decode()
    assert f'href="{path}"' in page
    assert str(order.invoice_number) in page
    mail = emails.confirmation(order)
    assert settings.STORE_URL + path in str(mail.body)
    assert settings.STORE_URL + path in str(mail.alternatives[0][0])


def test_an_invoice_that_is_being_printed_says_so(client: Client, order: Order) -> None:
    Invoice(order.invoice_number).update([Invoice.stored_at.remove()])
    response = client.get(f"/orders/{order.number}/invoice/{key_query(order)}")
    assert response.status_code == 503
    assert "Your invoice is being printed" in response.content.decode()


def test_an_order_without_an_invoice_says_when_there_is_one(client: Client) -> None:
    order = make_order()
    response = client.get(f"/orders/{order.number}/invoice/{key_query(order)}")
    assert response.status_code == 404
    assert "There is no invoice yet" in response.content.decode()


def test_credit_notes_are_linked_and_those_of_other_orders_are_not_opened(client: Client, order: Order) -> None:
    add_refund(order, 1000)
    effects.make_credit_note(order, "r1")
    page = client.get(f"/orders/{order.number}/{key_query(order)}").content.decode()
    [path] = re.findall(r'href="(/orders/[^"]+/invoice/CN-[^"]+)"', page)
    assert client.get(path).status_code == 302
    other = place_order(make_line(make_product()))
    note = order.credit_notes[0].number
    assert client.get(f"/orders/{other.number}/invoice/{note}/{key_query(other)}").status_code == 404


def test_a_credit_note_that_is_asked_for_first_brings_its_invoice_along_with_the_file(client: Client) -> None:
    order = make_order()
    add_refund(order, 1000)
    effects.make_credit_note(order, "r1")
    for number in (order.invoice_number, order.credit_notes[0].number):
        stored = Invoice.get(number)
        assert stored.stored_at is not None
        assert archive.read_pdf(stored).startswith(b"%PDF")
    assert client.get(f"/orders/{order.number}/invoice/{key_query(order)}").status_code == 302


def test_the_api_gives_a_guest_with_the_orders_key_an_address_and_when_it_expires(client: Client, order: Order) -> None:
    before = timezone.now()
    response = client.get(f"/api/invoices/{order.invoice_number}/url{key_query(order)}")
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    answer = response.json()
    assert set(answer) == {"url", "expires_at"}
    expires_at = datetime.fromisoformat(answer["expires_at"])
    assert before + LINK_LIFETIME <= expires_at <= timezone.now() + LINK_LIFETIME
    assert timedelta(minutes=5) <= LINK_LIFETIME <= timedelta(minutes=10)
    with urlopen(answer["url"]) as pdf:
        assert pdf.read(5) == b"%PDF-"


def test_the_api_knows_customers_by_their_session_and_tells_others_nothing(
    alice: Shopper, bob: Shopper, client: Client
) -> None:
    order = with_invoice(make_order(now=timezone.now(), customer_id=alice.customer_id))
    path = f"/api/invoices/{order.invoice_number}/url"
    assert alice.client.get(path).status_code == 200
    unknown = bob.client.get("/api/invoices/INV-1999-000001/url")
    assert (unknown.status_code, unknown.json()) == (
        404,
        {"code": "invoice-not-found", "detail": "We cannot find this invoice.", "extra": {}},
    )
    assert bob.client.get(path).json() == unknown.json()
    assert client.get(f"{path}?key=wrong").json() == unknown.json()
    stranger = client.get(path)
    assert stranger.status_code == 403
    assert stranger.json()["code"] == "sign-in-required"


def test_the_api_says_when_to_ask_again_for_what_is_being_printed(client: Client, order: Order) -> None:
    Invoice(order.invoice_number).update([Invoice.stored_at.remove()])
    response = client.get(f"/api/invoices/{order.invoice_number}/url{key_query(order)}")
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert response.json()["code"] == "invoice-not-ready"


@pytest.mark.parametrize("path", ["/orders/{}/invoice/", "/api/invoices/{}/url"])
def test_other_methods_are_refused(client: Client, path: str) -> None:
    assert client.post(path.format("LUSAB-MODIK-47")).status_code == 405


def test_asking_for_the_address_takes_one_read_of_dynamodb(
    client: Client, order: Order, dynamodb_calls: Callable[[], AbstractContextManager[CallLog]]
) -> None:
    with dynamodb_calls() as log:
        client.get(f"/api/invoices/{order.invoice_number}/url{key_query(order)}")
    assert log.count == 1, str(log)


def test_the_bucket_is_private_and_not_the_one_of_the_pictures(client: Client, order: Order) -> None:
    s3 = boto3.client("s3")
    key = key_of(Invoice.get(order.invoice_number))
    assert s3.head_object(Bucket=settings.INVOICE_BUCKET, Key=key)["ContentType"] == "application/pdf"
    with pytest.raises(ClientError):
        s3.head_object(Bucket=settings.MEDIA_BUCKET, Key=key)
    assert client.get(f"/media/{key}").status_code == 404
    assert all(s3.get_public_access_block(Bucket=settings.INVOICE_BUCKET)["PublicAccessBlockConfiguration"].values())


@pytest.fixture
def printed(tmp_path: Path) -> Path:
    return tmp_path / "again.pdf"


def test_the_command_prints_the_same_bytes_again(
    order: Order, printed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("render_invoice", order.invoice_number, out=printed)
    assert "the same bytes as in the bucket" in capsys.readouterr().out
    stored = boto3.client("s3").get_object(
        Bucket=settings.INVOICE_BUCKET, Key=key_of(Invoice.get(order.invoice_number))
    )
    assert printed.read_bytes() == stored["Body"].read()


def test_the_command_tells_a_wrong_number_and_a_folder_that_is_not_there(order: Order, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="We cannot find this invoice"):
        call_command("render_invoice", "INV-1999-000001")
    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        call_command("render_invoice", order.invoice_number, out=tmp_path / "none" / "x.pdf")
