import base64
import hashlib
import hmac
import re
import struct
import time
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts import directory
from tests.accounts.conftest import let_access_token_expire
from tests.cast import Shopper, a_browser

ENROLL = "/accounts/second-factor/"


def totp(secret: str, *, at: float | None = None) -> str:
    """The code of an authenticator app (RFC 6238)."""
    counter = struct.pack(">Q", int(time.time() if at is None else at) // 30)
    digest = hmac.new(base64.b32decode(secret + "=" * (-len(secret) % 8)), counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


@pytest.fixture
def keeper() -> Shopper:
    """A member of staff of one test, whose account keeps its second factor."""
    email = f"keeper-{uuid4().hex[:8]}@staff.example"
    password = "correct horse battery"
    directory.create_confirmed_account(email=email, password=password, name="Keeper", groups=("admins",))
    return Shopper(email, "Keeper")


@pytest.fixture
def required(settings: Any) -> None:
    settings.STAFF_MFA_REQUIRED = True


def enroll(client: Client) -> str:
    page = client.get(ENROLL).content.decode()
    match = re.search(r'name="secret" value="([A-Z2-7]+)"', page)
    assert match, page
    response = client.post(ENROLL, {"secret": match[1], "code": totp(match[1])})
    assert response.status_code == 302, response.content.decode()
    return match[1]


def sign_in(member: Shopper) -> Client:
    client = a_browser()
    response = client.post("/accounts/sign-in/?next=/admin/", {"email": member.email, "password": member.password})
    assert response.headers["Location"] == "/accounts/sign-in/code/?next=%2Fadmin%2F"
    return client


def test_an_app_is_enrolled_by_a_qr_code_and_asked_for_at_the_next_sign_in(keeper: Shopper) -> None:
    response = keeper.client.get(ENROLL)
    assert 'src="data:image/svg+xml' in response.content.decode()
    assert "img-src 'self' data:" in response.headers["Content-Security-Policy"]
    secret = enroll(keeper.client)
    assert "Your authenticator app is set up" in keeper.client.get(ENROLL).content.decode()

    client = sign_in(keeper)
    assert client.get("/admin/").status_code == 302
    page = client.get("/accounts/sign-in/code/?next=/admin/").content.decode()
    assert "Enter the code that your authenticator app shows" in page
    response = client.post("/accounts/sign-in/code/?next=/admin/", {"code": totp(secret)})
    assert response.headers["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_a_wrong_code_signs_nobody_in(keeper: Shopper) -> None:
    secret = enroll(keeper.client)
    client = sign_in(keeper)
    wrong = f"{(int(totp(secret)) + 1) % 1_000_000:06d}"
    response = client.post("/accounts/sign-in/code/", {"code": wrong})
    assert response.status_code == 422
    assert "This code is not right." in response.content.decode()
    assert client.get("/admin/").status_code == 302


def test_a_wrong_code_enrolls_nothing_and_keeps_the_secret(keeper: Shopper) -> None:
    page = keeper.client.get(ENROLL).content.decode()
    secret = re.search(r'name="secret" value="([A-Z2-7]+)"', page)[1]  # type: ignore[index]
    wrong = f"{(int(totp(secret)) + 1) % 1_000_000:06d}"
    response = keeper.client.post(ENROLL, {"secret": secret, "code": wrong})
    assert response.status_code == 422
    assert f'value="{secret}"' in response.content.decode()
    assert keeper.client.post(ENROLL, {"secret": secret, "code": totp(secret)}).status_code == 302


def test_the_admin_can_insist_on_a_second_factor(keeper: Shopper, required: None) -> None:
    response = keeper.client.get("/admin/")
    assert (response.status_code, response.headers["Location"]) == (302, ENROLL)
    secret = enroll(keeper.client)
    assert keeper.client.get("/admin/").status_code == 200
    let_access_token_expire(keeper.client)
    assert keeper.client.get("/admin/").status_code == 200

    client = sign_in(keeper)
    client.post("/accounts/sign-in/code/", {"code": totp(secret)})
    assert client.get("/admin/").status_code == 200


def test_a_second_factor_can_be_removed(keeper: Shopper) -> None:
    enroll(keeper.client)
    assert keeper.client.post(f"{ENROLL}remove/").status_code == 302
    client = a_browser()
    response = client.post("/accounts/sign-in/", {"email": keeper.email, "password": keeper.password})
    assert response.headers["Location"] == "/accounts/profile/"


def test_shoppers_have_no_such_page(alice: Shopper, client: Client) -> None:
    assert alice.client.get(ENROLL).status_code == 404
    assert client.get(ENROLL).status_code == 302
    assert client.get("/accounts/sign-in/code/").headers["Location"] == "/accounts/sign-in/"
