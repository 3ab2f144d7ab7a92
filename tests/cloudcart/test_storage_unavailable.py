"""What visitors, tasks and commands get while DynamoDB cannot be reached, or has too much to do."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from catalog.bulk import save_products
from catalog.models import Product, Stock
from cloudcart import dynamo
from cloudcart.dynamo import SharedConnection
from cloudcart.errors import StorageUnavailable
from cloudcart.local.emulator import find_free_port
from cloudcart.storage import MediaStorage
from tests.cast import Shopper
from tests.clock import NOW
from tests.factories import make_product

PAGES = ["/", "/products/", "/products/blue-mug/", "/categories/", "/categories/home/", "/collections/new/", "/cart/"]


@pytest.fixture
def connect_to(empty_tables: None) -> Iterator[Callable[[str], None]]:
    """Look for DynamoDB elsewhere from the call on, until the test is over and its tables are emptied."""

    def connect(url: str) -> None:
        connection = SharedConnection(host=url, region=settings.AWS_REGION, max_retry_attempts=0)
        elsewhere.setattr(dynamo, "_connection", connection)

    with pytest.MonkeyPatch.context() as elsewhere:
        yield connect


@pytest.fixture
def unplug(connect_to: Callable[[str], None]) -> Callable[[], None]:
    """Nobody answers where DynamoDB should be, from the call on."""
    return lambda: connect_to(f"http://127.0.0.1:{find_free_port()}")


@contextmanager
def _dynamodb_that_answers(status: int, code: str) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "no"}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Nobody reads along."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def shopper(client: Client) -> Client:
    """A browser with a cart."""
    sku = make_product().variants[0].sku
    assert client.post("/cart/items/", {"sku": sku, "quantity": "1"}).status_code == 302
    return client


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_to_come_back(
    shopper: Client, unplug: Callable[[], None], caplog: pytest.LogCaptureFixture, path: str
) -> None:
    unplug()
    response = shopper.get(path)
    assert response.status_code == 503
    assert response["Retry-After"] == "30"
    assert "no-store" in response["Cache-Control"]
    assert "Please come back in a minute" in response.content.decode()
    assert "dynamodb.unreachable" in caplog.text


def test_a_picture_can_be_asked_for_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    unreachable = MediaStorage(bucket_name="media", endpoint_url=f"http://127.0.0.1:{find_free_port()}")
    monkeypatch.setattr(default_storage, "_wrapped", unreachable)
    response = client.get("/media/products/mug/320.webp")
    assert (response.status_code, response["Retry-After"]) == (503, "30")


def test_adding_to_the_cart_asks_to_come_back(shopper: Client, unplug: Callable[[], None]) -> None:
    unplug()
    assert shopper.post("/cart/items/", {"sku": "MUG", "quantity": "1"}).status_code == 503
    assert shopper.post("/cart/items/", {"sku": "MUG"}, headers={"HX-Request": "true"}).status_code == 503


def test_a_customer_stays_signed_in(
    alice: Shopper, unplug: Callable[[], None], connect_to: Callable[[str], None]
) -> None:
    unplug()
    assert alice.client.get("/accounts/profile/").status_code == 503
    connect_to(settings.AWS_ENDPOINT_URL)
    assert alice.client.get("/accounts/profile/").status_code == 200


def test_the_shop_is_alive_and_serves_pages_that_need_no_storage(client: Client, unplug: Callable[[], None]) -> None:
    unplug()
    assert client.get("/healthz").status_code == 200
    assert client.get("/accounts/sign-in/").status_code == 200


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "ThrottlingException"), (400, "ProvisionedThroughputExceededException"), (500, "InternalServerError")],
)
def test_what_passes_is_told_from_a_mistake_of_the_shop(
    connect_to: Callable[[str], None], status: int, code: str
) -> None:
    with _dynamodb_that_answers(status, code) as url:
        connect_to(url)
        with pytest.raises(StorageUnavailable):
            Stock.get("MUG")


def test_a_mistake_of_the_shop_is_none_of_the_storage(connect_to: Callable[[str], None]) -> None:
    with _dynamodb_that_answers(400, "ValidationException") as url:
        connect_to(url)
        with pytest.raises(Exception, match="ValidationException") as caught:
            Stock.get("MUG")
    assert not isinstance(caught.value, StorageUnavailable)


def test_saving_many_products_stops_instead_of_blaming_each(unplug: Callable[[], None]) -> None:
    products: list[tuple[Product, dict[str, int]]] = [(make_product(), {}), (make_product(), {})]
    unplug()
    with pytest.raises(StorageUnavailable):
        save_products(products=products, now=NOW)


def test_one_pass_of_the_sweeper_tells_why_it_failed(unplug: Callable[[], None]) -> None:
    unplug()
    with pytest.raises(CommandError, match="Please try again"):
        call_command("sweep_orders")
