"""The simulator's pages, by plain forms: nothing on them needs a script."""

from collections.abc import Iterator
from html import unescape

import httpx
import pytest

from tests.payments.simulator import Simulator
from tests.payments.test_simulated_payments import fetch, make_session


@pytest.fixture
def browser(simulator: Simulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=simulator.url, trust_env=False) as browser:
        yield browser


def test_the_page_shows_what_is_paid_and_that_no_money_moves(simulator: Simulator, browser: httpx.Client) -> None:
    price = {"currency": "eur", "unit_amount": 1250, "product_data": {"name": "<Mug>"}}
    session = make_session(simulator, line_items=[{"quantity": 2, "price_data": price}])
    page = browser.get(f"/c/pay/{session}")
    text = unescape(page.text)
    assert "No money moves here" in text
    assert "&lt;Mug&gt;" in page.text
    assert "2 × EUR 12.50" in text
    assert "Pay EUR 25.00" in text
    assert 'href="https://shop.example/cancel"' in page.text
    assert "<script" not in page.text
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_paying_leads_back_to_the_shop(simulator: Simulator, browser: httpx.Client) -> None:
    session = make_session(simulator)
    answer = browser.post(f"/c/pay/{session}", data={"method": "card", "choice": "pay", "email": "ann@example.com"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"https://shop.example/paid?session={session}")
    assert fetch(simulator, session).customer_details.email == "ann@example.com"
    assert "This is settled already" in browser.get(f"/c/pay/{session}").text
    again = browser.post(f"/c/pay/{session}", data={"method": "card", "choice": "pay"})
    assert again.headers["Location"] == answer.headers["Location"]
    assert [entry["charges"] for entry in simulator.ask("books")] == [1]


@pytest.mark.parametrize("is_approved", [True, False])
@pytest.mark.parametrize(("method", "step"), [("card_3ds", "3ds"), ("paypal", "paypal")])
def test_a_second_step_is_approved_or_not(
    simulator: Simulator, browser: httpx.Client, method: str, step: str, *, is_approved: bool
) -> None:
    session = make_session(simulator)
    asked = browser.post(f"/c/pay/{session}", data={"method": method, "choice": "pay"})
    assert asked.headers["Location"] == f"/c/pay/{session}/{step}"
    assert "you decide how it ends" in browser.get(asked.headers["Location"]).text
    browser.post(asked.headers["Location"], data={"choice": "approve" if is_approved else "fail"})
    assert fetch(simulator, session).payment_status == ("paid" if is_approved else "unpaid")


def test_a_declined_card_is_explained_on_the_page(simulator: Simulator, browser: httpx.Client) -> None:
    session = make_session(simulator)
    answer = browser.post(f"/c/pay/{session}", data={"method": "card_insufficient", "choice": "pay"})
    assert "Your card has insufficient funds." in browser.get(answer.headers["Location"]).text


def test_a_session_can_be_let_expire(simulator: Simulator, browser: httpx.Client) -> None:
    session = make_session(simulator)
    answer = browser.post(f"/c/pay/{session}", data={"choice": "expire"})
    assert "This checkout has expired" in browser.get(answer.headers["Location"]).text
    assert fetch(simulator, session).status == "expired"


def test_only_the_methods_of_the_session_are_offered(simulator: Simulator, browser: httpx.Client) -> None:
    session = make_session(simulator, payment_method_types=["card"])
    assert "PayPal" not in browser.get(f"/c/pay/{session}").text
    browser.post(f"/c/pay/{session}", data={"method": "paypal", "choice": "pay"})
    assert fetch(simulator, session).status == "open"


def test_the_simulators_own_pages_tell_what_happened(simulator: Simulator, browser: httpx.Client) -> None:
    assert "Nobody has paid yet." in browser.get("/").text
    session = make_session(simulator)
    simulator.pay(session)
    intent = fetch(simulator, session).payment_intent.id
    browser.post(f"/payments/{intent}", data={"act": "dispute"})
    page = browser.get("/").text
    assert "captured EUR 25.00" in page
    assert "The shop wins" in page
    log = browser.get("/webhooks").text
    assert "charge.dispute.created" in log
    assert "held" in log


def test_the_switches_are_kept(simulator: Simulator, browser: httpx.Client) -> None:
    browser.post("/webhooks", data={"timing": "after", "delay": "7", "is_doubled": "on", "refunds_wait": "on"})
    page = browser.get("/webhooks").text
    assert 'value="after" checked' in page
    assert 'value="7"' in page
    assert 'name="is_doubled" checked' in page
    assert 'name="is_dropped" checked' not in page
    simulator.client.v1.checkout.sessions.expire(make_session(simulator))
    assert len(simulator.ask("deliveries")) == 2


def test_what_is_not_there_is_said_so(simulator: Simulator, browser: httpx.Client) -> None:
    for path in ("/nothing", "/c/pay/cs_test_nothing"):
        answer = browser.get(path)
        assert answer.status_code == 404
        assert "Back to the shop" in answer.text
