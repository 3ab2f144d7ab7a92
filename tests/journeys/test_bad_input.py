"""Whatever is typed into the shop's forms, they answer with a sentence and keep it, and never fail."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from cloudcart.local.shop import Shop
from cloudcart.rate_limits import AttemptCounter
from tests.catalog.pages import find, parse, text_of
from tests.journeys.forms import FORMS, Form
from tests.journeys.visitors import customer, guest

ABSURD = {
    "nothing": "",
    "blanks": " \t ",
    "10 kB": "x" * 10_000,
    "emoji": "🧨👩‍👩‍👧" * 3,
    "a null byte": "a\x00b",
    "control characters": "a\x07\x1b[31m\r\nSet-Cookie: stolen=1",
    "a negative number": "-1",
    "a huge number": "9" * 400,
    "10,000 digits": "9" * 10_000,
    "a fraction": "1e309",
    "digits of another script": "١٢",
    "markup": "<script>alert(1)</script>\"'",
    "a template": "{{ 7|add:7 }}{% load x %}",
    "text from right to left": "\u202eevil\ufeff",
    "a path": "../../etc/passwd",
}


@dataclass(frozen=True)
class Mistake:
    """What is wrong in a form, what the shop says to it, and which fields then hold what was typed."""

    path: str
    typed: dict[str, str]
    sentence: str
    kept: tuple[str, ...] = ()
    status: int = 422

    def __str__(self) -> str:
        return f"{self.path} {self.sentence}"


QUANTITY = "Please choose a quantity from 1 to 20."
MISTAKES = [
    Mistake("/cart/items/", {"quantity": "21"}, QUANTITY, kept=("quantity", "sku")),
    Mistake("/cart/items/", {"quantity": "-1"}, QUANTITY, kept=("quantity", "sku")),
    Mistake("/cart/items/", {"sku": "NO-SUCH"}, "We do not know this item.", status=409),
    Mistake("/cart/items/MUG-Small/", {"quantity": "0"}, QUANTITY, kept=("quantity",)),
    Mistake("/cart/items/MUG-Small/price/", {"unit_amount": "x"}, "Please look at the price once more."),
    Mistake("/checkout/contact/", {"email": "ada"}, "Enter an e-mail address like ada@example.com.", kept=("email",)),
    Mistake("/checkout/shipping/", {"postal_code": "1"}, "Enter a postal code, like", kept=("postal_code", "city")),
    Mistake("/checkout/shipping/", {"name": ""}, "Enter the full name", kept=("line1", "line2", "phone")),
    Mistake("/checkout/shipping/", {"country_code": "KP"}, "Choose a country from the list.", kept=("line1",)),
    Mistake("/checkout/shipping/", {"phone": "call me"}, "Enter a phone number like", kept=("phone",)),
    Mistake("/checkout/shipping/", {"shipping_method": "pigeon"}, "Choose one of the shipping methods"),
    Mistake("/checkout/payment/", {"payment_method": "gold"}, "Choose one of the payment methods"),
    Mistake("/checkout/review/", {"total": "1"}, "Your cart has changed since this page was made.", status=409),
    Mistake("/orders/find/", {"number": "47"}, "Enter a number of two words and two digits", kept=("number",)),
    Mistake("/accounts/sign-up/", {"password": "short"}, "at least", kept=("name", "email")),
    Mistake("/accounts/sign-up/", {"name": ""}, "Enter your name.", kept=("email",)),
    Mistake("/accounts/confirm/", {"code": "12"}, "The code has six digits.", kept=("code", "email")),
    Mistake("/accounts/confirm/", {"code": "111111"}, "code", kept=("code", "email")),
    Mistake("/accounts/sign-in/", {"email": "dora"}, "Enter an e-mail address like", kept=("email",)),
    Mistake("/accounts/sign-in/", {}, "The e-mail address or the password is not right.", kept=("email",)),
    Mistake("/accounts/forgot-password/", {"email": "@"}, "Enter an e-mail address like", kept=("email",)),
    Mistake("/accounts/reset-password/", {"code": "six"}, "The code has six digits.", kept=("code", "email")),
    Mistake("/accounts/profile/", {"name": "x" * 101}, "Shorten the name to 100 characters.", kept=("name",)),
    Mistake("/accounts/change-password/", {}, "This is not your present password."),
    Mistake("/accounts/addresses/new/", {"city": ""}, "Enter a city.", kept=("line1", "postal_code")),
    Mistake("/accounts/addresses/home/", {"line1": ""}, "Enter a street and house number.", kept=("city",)),
]


@pytest.fixture
def http(shop: Shop, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """The browser of whoever sends the form of this test."""
    form: Form = request.getfixturevalue("form")
    with httpx.Client(base_url=shop.url, cookies=sender_of(form), timeout=30) as http:
        yield http


# The last form has the fields of the one before.
@pytest.mark.parametrize("form", FORMS[:-1], ids=str)
def test_nothing_absurd_breaks_a_form(http: httpx.Client, form: Form) -> None:
    faults = []
    for name in form.right:
        for kind, value in ABSURD.items():
            answer = http.post(form.path, data=form.fill_in(**{name: value}))
            if answer.status_code not in {200, 302, 404, 409, 422}:
                faults.append((name, kind, answer.status_code))
            if form.is_limited:
                forget_attempts()
    assert faults == []
    assert "stolen" not in http.cookies


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_nothing_absurd_breaks_a_part_of_a_page(http: httpx.Client, form: Form) -> None:
    answers = {
        kind: http.post(form.path, data=dict.fromkeys(form.right, value), headers={"HX-Request": "true"}).status_code
        for kind, value in ABSURD.items()
    }
    answers["no field at all"] = http.post(form.path, headers={"HX-Request": "true"}).status_code
    answers["every field twice"] = http.post(form.path, data={name: ["", ""] for name in form.right}).status_code
    assert {kind: status for kind, status in answers.items() if status not in {200, 204, 302, 404, 409, 422}} == {}


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_a_mistake_is_told_and_what_was_typed_stays(shop: Shop, mistake: Mistake) -> None:
    form = next(form for form in FORMS if form.path == mistake.path)
    sent = form.fill_in(**mistake.typed)
    with httpx.Client(base_url=shop.url, cookies=sender_of(form), timeout=30) as http:
        answer = http.post(form.path, data=sent)
    page = parse(answer)
    assert mistake.sentence in text_of(page.find(".//main"))
    assert answer.status_code == mistake.status
    assert {name: value_of(page, name) for name in mistake.kept} == {name: sent[name] for name in mistake.kept}


def sender_of(form: Form) -> dict[str, str]:
    return customer() if form.is_customers else guest()


def value_of(page: Any, name: str) -> str | None:
    field = find(page, "input", name=name)
    return None if field is None else field.get("value")


def forget_attempts() -> None:
    """What is tested is what a form says to its input, not that it may be asked only so often."""
    for counter in AttemptCounter.scan():
        counter.delete()
