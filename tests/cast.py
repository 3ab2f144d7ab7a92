"""The people of the tests: alice has an account, bob is another customer; both are real Cognito accounts."""

from dataclasses import dataclass, field

import pytest
from django.test import Client

from accounts import directory

PASSWORD = "correct horse battery"


@dataclass
class Shopper:
    """Somebody with an account, and the browser in which they are signed in."""

    email: str
    name: str
    password: str = PASSWORD
    customer_id: str = field(init=False)
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.customer_id = directory.create_confirmed_account(email=self.email, password=self.password, name=self.name)
        self.client = self.sign_in()

    def sign_in(self, client: Client | None = None, *, htmx: bool = False) -> Client:
        """Sign in by the form, in a browser of theirs or in a fresh one."""
        client = client or a_browser(htmx=False)
        response = client.post("/accounts/sign-in/", {"email": self.email, "password": self.password})
        assert response.status_code == 302, response.content.decode()
        if htmx:
            client.defaults["HTTP_HX_REQUEST"] = "true"
        return client


def a_browser(*, htmx: bool = False) -> Client:
    headers = {"Sec-Fetch-Site": "same-origin"} | ({"HX-Request": "true"} if htmx else {})
    return Client(headers=headers)


@pytest.fixture
def alice() -> Shopper:
    return Shopper("alice@example.com", "Alice Keller")


@pytest.fixture
def bob() -> Shopper:
    return Shopper("bob@example.com", "Bob Brandt")


@pytest.fixture
def alice_client(alice: Shopper) -> Client:
    return alice.client


@pytest.fixture
def bob_client(bob: Shopper) -> Client:
    return bob.client
