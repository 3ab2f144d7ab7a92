import subprocess
import sys

import boto3
from django.conf import settings
from django.test import Client

from tests.accounts.conftest import let_access_token_expire
from tests.cast import Shopper
from tests.staff.people import a_member_of

ADMIN_URLS = ("/admin/", "/admin/search/?s=a", "/admin/jsi18n/", "/admin/nothing-there/", "/admin/login/")


def test_a_guest_is_led_to_the_shops_sign_in_and_back(client: Client) -> None:
    answers = [client.get(url) for url in ADMIN_URLS]
    assert [answer.status_code for answer in answers] == [302] * len(ADMIN_URLS)
    assert answers[0].headers["Location"] == "/accounts/sign-in/?next=/admin/"
    admin = a_member_of("admins")
    response = client.post(
        "/accounts/sign-in/?next=/admin/", {"email": admin.email, "password": admin.password}, follow=True
    )
    assert response.redirect_chain == [("/admin/", 302)]
    assert response.status_code == 200


def test_a_shopper_is_told_that_the_admin_is_for_the_staff(alice: Shopper) -> None:
    answers = [alice.client.get(url) for url in ADMIN_URLS]
    assert [answer.status_code for answer in answers] == [403] * len(ADMIN_URLS)
    assert "These pages are for the staff" in answers[0].content.decode()
    assert alice.client.post("/admin/").status_code == 403


def test_staff_see_the_overview(admin: Shopper) -> None:
    response = admin.client.get("/admin/")
    page = response.content.decode()
    assert response.status_code == 200
    assert "Admins" in page
    assert "no-cache" in response.headers["Cache-Control"]


def test_who_left_the_group_is_out_when_the_token_is_renewed() -> None:
    member = a_member_of("merchandisers")
    assert member.client.get("/admin/").status_code == 200
    boto3.client("cognito-idp").admin_remove_user_from_group(
        UserPoolId=settings.COGNITO_USER_POOL_ID, Username=member.email, GroupName="merchandisers"
    )
    let_access_token_expire(member.client)
    assert member.client.get("/admin/").status_code == 403


def test_only_admin_pages_have_the_looser_policy(admin: Shopper) -> None:
    policy = admin.client.get("/admin/").headers["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval'" in policy
    assert "style-src 'self';" in policy + ";"
    # Only forms lead elsewhere: to the page to pay on.
    assert "http" not in " ".join(each for each in policy.split("; ") if not each.startswith("form-action"))
    shop_policy = admin.client.get("/").headers["Content-Security-Policy"]
    assert "unsafe" not in shop_policy


def test_the_pages_of_django_that_make_no_sense_here_are_gone(admin: Shopper) -> None:
    for url in ("/admin/password_change/", "/admin/logout/", "/admin/r/1/2/"):
        assert admin.client.get(url).status_code == 404


def test_an_anonymous_page_reads_no_session_and_sets_no_cookie(client: Client) -> None:
    response = client.get("/")
    assert not response.cookies


def test_starting_the_shop_does_not_load_the_admin() -> None:
    names = ["django.contrib.auth.models", "django.contrib.admin.models", "unfold.sites", "cloudcart.staff.site"]
    code = (
        "import sys, cloudcart.wsgi; from django.template.loader import render_to_string; "
        "render_to_string('404.html'); "
        f"print([name for name in {names!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
