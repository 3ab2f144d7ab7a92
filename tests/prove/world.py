"""What the proof runs on: the embedded AWS, the payment simulator, and the shop's own functions with a clock."""

import base64
import json
import urllib.parse
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

import boto3
from django.conf import settings
from django.test import RequestFactory

from catalog import services
from catalog.ledger import Reason
from catalog.models import Product, Stock
from catalog.stock import Posting
from cloudcart.dynamo import batch_get
from cloudcart.transactions import Transaction
from orders import cancellation, outbox, payment_pages, publishing, refunds, sweeper, webhook_views, webhooks
from orders.gateway import WebhookEvent
from orders.models import Order
from orders.reconcile import reconcile
from tests.factories import make_product
from tests.orders.carts import Submission, make_cart, make_line
from tests.payments.simulator import Simulator


@dataclass(frozen=True)
class Act:
    """A request, a task or a sweep that is to be made, and the order that it is about."""

    kind: str
    subject: str
    work: Callable[[], Any]


@dataclass
class Message:
    """A task in the queue. It comes again until it was done."""

    task: str
    arguments: dict[str, str]

    @property
    def subject(self) -> str:
        return self.arguments.get("number") or self.arguments.get("order_number", "")


@dataclass
class Webhook:
    """An event of Stripe's that the shop has not taken yet."""

    delivery: int
    kind: str


@dataclass
class Attempt:
    """A cart as a shopper sends it; each time it is sent, its order would get the next of the numbers."""

    name: str
    submission: Submission
    numbers: Iterator[str]


@dataclass
class World:
    """One shop with all its surroundings, in which time passes only when it is told to."""

    simulator: Simulator
    pool: ThreadPoolExecutor
    products: list[Product] = field(default_factory=list)
    offset: timedelta = timedelta()
    # Of every cart that was sent.
    keys: list[str] = field(default_factory=list)
    # How the banks' disputes stand, by order.
    disputes: dict[str, str] = field(default_factory=dict)
    _began_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    # Whether something happened there since the last look.
    is_stripe_changed: bool = True
    _seen_delivery: int = 0
    _stock: dict[str, int] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        # It stands still during a run, or a busy machine would make another one of it.
        return self._began_at + self.offset

    def open(self) -> None:
        """Empty the simulator and the queue, and have something to sell."""
        # In the suite, tests before this one may have left tasks of things that are gone.
        _sqs().purge_queue(QueueUrl=settings.TASK_QUEUE_URL)
        self.simulator.ask("reset", all=True)
        self.simulator.switch_webhooks(is_held=True)
        self.offset, self._seen_delivery = timedelta(), 0
        self._open_shelves()

    def stock_up(self, levels: list[int]) -> None:
        """Have so many units of the products, none of them reserved, by the shop's own ledger."""
        self.keys.clear()
        self.disputes.clear()
        self._began_at = datetime.now(UTC)
        found = self.levels()
        if any(stock.reserved for stock in found):
            # An earlier run has left its traces, and is reported; this one is not to suffer from it.
            self._open_shelves()
            return self.stock_up(levels)
        transaction = Transaction()
        posting = Posting(transaction, reason=Reason.COUNTED, now=self.now)
        wanted = {product.variants[0].sku: level for product, level in zip(self.products, levels, strict=True)}
        for stock in found:
            posting.move(stock.sku, available=wanted[stock.sku] - stock.available)
        posting.write()
        transaction.commit()
        self._stock = wanted
        for product in self.products:
            # Or whether a card changes in this run would depend on the one before.
            services.refresh_availability(product_id=product.product_id)
        return None

    def levels(self) -> list[Stock]:
        """Read the stock of the products: one BatchGetItem."""
        skus = [product.variants[0].sku for product in self.products]
        return list(batch_get({Stock: skus}, consistent=True).all_of(Stock).values())

    def _open_shelves(self) -> None:
        self.products = [make_product(title=f"Proof {index}", price=1000 + 900 * index) for index in range(2)]

    @property
    def stock(self) -> dict[str, int]:
        """Units by SKU that there were in the beginning."""
        return dict(self._stock)

    def advance(self, by: timedelta) -> None:
        self.offset += by
        self.is_stripe_changed = True
        self.simulator.advance(by.total_seconds())

    # Shoppers and staff

    def fill_cart(self, quantities: list[int], *, name: str, method: str) -> Attempt:
        lines = [make_line(product, units) for product, units in zip(self.products, quantities, strict=True) if units]
        cart = make_cart(*lines, cart_id=f"guest:{name}", now=self.now, payment_method=method)
        attempt = Attempt(name, Submission.of(cart), (f"{name}-{index}" for index in count(1)))
        self.keys.append(attempt.submission.idempotency_key)
        return attempt

    def place(self, attempt: Attempt) -> Callable[[], Any]:
        def act() -> None:
            number = next(attempt.numbers)
            attempt.submission.place(now=self.now, new_number=lambda: number, publish=publishing.publish_order)

        return act

    def open_page(self, number: str) -> Callable[[], Any]:
        return lambda: payment_pages.start_or_resume(number=number, now=self.now)

    def look(self, number: str) -> Callable[[], Any]:
        return lambda: reconcile(number=number, now=self.now)

    def cancel(self, number: str) -> Callable[[], Any]:
        return lambda: cancellation.cancel_order(number=number, reason=cancellation.BY_SHOPPER, now=self.now)

    def refund(self, number: str, refund_id: str, **what: Any) -> Callable[[], Any]:
        return lambda: refunds.request_refund(number=number, refund_id=refund_id, reason="Proof", now=self.now, **what)

    def pay(self, number: str, method: str, *, page: str = "", is_approved: bool = True) -> None:
        """Do on the hosted page what a shopper does there: on the one that is open before them, or the order's."""
        session = self._if_open(page) if page else self.session_of(number)
        self.is_stripe_changed = True
        if session:
            self.simulator.pay(session, method, is_approved=is_approved)

    def expire(self, number: str) -> None:
        session = self.session_of(number)
        self.is_stripe_changed = True
        if session:
            self.simulator.client.v1.checkout.sessions.expire(session)

    def open_other_page(self, order: Order) -> str:
        """Open one more page to pay an order on, that the shop has not asked for; gives its id."""
        metadata = {"order": order.number}
        price: Any = {"currency": "eur", "unit_amount": order.total, "product_data": {"name": "All of it"}}
        page = self.simulator.client.v1.checkout.sessions.create(
            params={
                "mode": "payment",
                "line_items": [{"quantity": 1, "price_data": price}],
                "client_reference_id": order.number,
                "success_url": "http://testserver/",
                "metadata": metadata,
                "payment_intent_data": {"metadata": metadata},
            }
        )
        return page.id

    def session_of(self, number: str) -> str:
        order = Order.find(number, consistent=True)
        return self._if_open(order.payment_session_id if order is not None else None)

    def _if_open(self, session: str | None) -> str:
        if not session:
            return ""
        found = self.simulator.client.v1.checkout.sessions.retrieve(session)
        return session if found.status == "open" else ""

    # What comes by itself

    def new_webhooks(self) -> list[Webhook]:
        """Give Stripe's events that happened since the last time, of the kinds that the shop listens to."""
        self.is_stripe_changed = False
        rows = self.simulator.ask(f"deliveries?{urllib.parse.urlencode({'after': self._seen_delivery})}")
        if rows:
            self._seen_delivery = rows[-1]["id"]
        return [Webhook(row["id"], row["type"]) for row in rows if row["type"] in webhooks.KINDS]

    def new_messages(self) -> list[Message]:
        """Take what is in the queue. It does not come again from there: the run decides what becomes of it."""
        found: list[Message] = []
        while True:
            answer = _sqs().receive_message(
                QueueUrl=settings.TASK_QUEUE_URL, MaxNumberOfMessages=10, VisibilityTimeout=43_200
            )
            messages = [_read(message["Body"]) for message in answer.get("Messages", [])]
            found += messages
            if len(messages) < 10:
                return sorted(found, key=lambda message: (message.task, message.subject, message.arguments.get("kind")))

    def hear(self, webhook: Webhook) -> Callable[[], Any]:
        """Post a webhook to the shop's endpoint, signed by the simulator."""

        def post() -> None:
            taken = self.simulator.ask(f"deliveries/{webhook.delivery}/take", all=True)
            request = RequestFactory().post(
                "/webhooks/stripe/",
                taken["payload"].encode(),
                content_type="application/json",
                headers={"Stripe-Signature": taken["signature"]},
            )
            status = webhook_views.stripe(request).status_code
            if status != 200:
                raise RuntimeError(f"The webhook was answered with {status}.")

        return post

    def work(self, message: Message) -> Callable[[], Any]:
        """Do a task as its function in `orders.tasks` does, by this world's clock."""
        acts: dict[str, Callable[[], Any]] = {
            "orders.process_order": lambda: outbox.process_order(number=message.arguments["number"], now=self.now),
            "orders.reconcile_payment": lambda: webhooks.acknowledge(
                event=WebhookEvent(**message.arguments), now=self.now
            ),
        }
        return acts[message.task]

    def sweep(self) -> Callable[[], Any]:
        return lambda: sweeper.sweep(now=self.now)

    def sweep_payments(self) -> Callable[[], Any]:
        return lambda: sweeper.sweep_payments(now=self.now)


@cache
def _sqs() -> Any:
    return boto3.client("sqs")


def _read(body: str) -> Message:
    envelope = json.loads(base64.b64decode(body))
    _, arguments, _ = json.loads(base64.b64decode(envelope["body"]))
    return Message(envelope["headers"]["task"], arguments)
