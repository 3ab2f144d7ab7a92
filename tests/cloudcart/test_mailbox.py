import subprocess
import sys
from typing import Any
from urllib.parse import quote

import pytest
from django.core.mail import EmailMultiAlternatives, send_mail
from django.test import Client

from cloudcart.local import mailbox

HTML = "<html><head><title>x</title></head><body><p style='color:red'>Hello <a href='/'>shop</a></p></body></html>"


@pytest.fixture(autouse=True)
def real_mail(settings: Any) -> None:
    settings.EMAIL_BACKEND = "cloudcart.mail.Backend"


def send(to: str, subject: str = "Your order", text: str = "Thank you.", html: str = HTML) -> None:
    mail = EmailMultiAlternatives(subject, text, to=[to])
    if html:
        mail.attach_alternative(html, "text/html")
    mail.send()


def newest(client: Client, to: str) -> mailbox.Mail:
    return client.get("/mailbox/", {"to": to}).context["mails"][0]  # type: ignore[no-any-return]


def test_the_newest_mail_is_on_top_with_its_recipient_and_code(client: Client) -> None:
    send("order@mailbox.example", "First")
    send("order@mailbox.example", "Second – für Ännchen", "Your confirmation code is 041999. Order 20240501.")
    html = client.get("/mailbox/?to=order@mailbox.example").content.decode()
    assert html.index("Second – für Ännchen") < html.index(">First<")
    assert "To order@mailbox.example" in html
    assert html.count("data-copy=") == 1
    assert 'data-copy="041999"' in html


def test_mails_are_found_by_any_part_of_the_address(client: Client) -> None:
    send("Robin Roe <Robin@filter.example>", "For Robin")
    send("mika@filter.example", "For Mika")
    html = client.get("/mailbox/?to=ROBIN@filter").content.decode()
    assert "For Robin" in html
    assert "For Mika" not in html
    assert 'value="ROBIN@filter"' in html


def test_an_address_without_mail_says_so_and_leads_back(client: Client) -> None:
    html = client.get("/mailbox/", {"to": 'nobody"<b>@empty.example'}).content.decode()
    assert "No mail to this address" in html
    assert 'href="/mailbox/"' in html
    assert "<b>@empty" not in html


def test_the_list_refreshes_itself_and_stays_as_it_is_while_nothing_comes(client: Client, htmx_client: Client) -> None:
    send("poll@mailbox.example")
    html = client.get("/mailbox/?to=poll@mailbox.example").content.decode()
    mail_id = newest(client, "poll@mailbox.example").mail_id
    url = f"/mailbox/?to={quote('poll@mailbox.example', safe='')}&newest={mail_id}"
    assert f'hx-get="{url.replace("&", "&amp;")}"' in html
    unchanged = htmx_client.get(url)
    assert unchanged.status_code == 204
    assert unchanged["Vary"] == "HX-Request"
    send("poll@mailbox.example", "Another one")
    changed = htmx_client.get(url)
    assert changed.status_code == 200
    assert changed.content.decode().strip().startswith('<div class="mail-list" id="mail-list"')
    assert "Another one" in changed.content.decode()


def test_a_mail_shows_its_text_and_frames_its_html(client: Client) -> None:
    send("detail@mailbox.example", "Look", "Line one\nSee http://127.0.0.1:8000/orders/ for more. <script>")
    mail = newest(client, "detail@mailbox.example")
    response = client.get(f"/mailbox/{mail.mail_id}/")
    html = response.content.decode()
    assert f'<iframe class="mail-frame" src="/mailbox/{mail.mail_id}/body/"' in html
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in html
    assert '<a href="http://127.0.0.1:8000/orders/"' in html
    assert "&lt;script&gt;" in html
    assert "frame-src 'self'" in response["Content-Security-Policy"]
    assert "script-src 'self'" in response["Content-Security-Policy"]


def test_the_html_of_a_mail_may_be_framed_by_the_shop_and_may_run_nothing(client: Client) -> None:
    send("body@mailbox.example")
    mail = newest(client, "body@mailbox.example")
    response = client.get(f"/mailbox/{mail.mail_id}/body/")
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "sandbox allow-popups" in policy
    assert "frame-ancestors 'self'" in policy
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert '<head><base target="_blank">' in response.content.decode()


def test_a_mail_of_text_alone_has_no_frame(client: Client) -> None:
    send_mail("Plain", "Only text", None, ["plain@mailbox.example"])
    mail = newest(client, "plain@mailbox.example")
    html = client.get(f"/mailbox/{mail.mail_id}/").content.decode()
    assert "<iframe" not in html
    assert "Only text" in html


@pytest.mark.parametrize("path", ["/mailbox/no-such-mail/", "/mailbox/no-such-mail/body/"])
def test_an_unknown_mail_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/mailbox/", "/mailbox/some-mail/", "/mailbox/some-mail/body/"])
def test_the_mailbox_is_read_only_and_kept_by_no_cache(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
    assert "no-store" in client.get("/mailbox/")["Cache-Control"]


def test_without_the_embedded_aws_the_list_says_so(client: Client, settings: Any) -> None:
    settings.AWS_ENDPOINT_URL = "http://127.0.0.1:1"
    response = client.get("/mailbox/")
    assert "The embedded AWS does not answer" in response.content.decode()
    assert client.get("/mailbox/some-mail/").status_code == 404


def test_there_is_no_mailbox_on_aws() -> None:
    program = (
        "import os; os.environ.update(CLOUDCART_STAGE='prod', SECRET_KEY='x', ALLOWED_HOSTS='shop.example');"
        "import django; os.environ['DJANGO_SETTINGS_MODULE'] = 'cloudcart.settings'; django.setup();"
        "from django.urls import resolve; resolve('/mailbox/')"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "Resolver404" in ended.stderr
