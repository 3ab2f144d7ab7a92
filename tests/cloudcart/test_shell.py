import re

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django_htmx.middleware import HtmxMiddleware

from cloudcart.errors import EditConflict


def test_an_unknown_address_has_a_designed_page_with_a_way_on(client: Client) -> None:
    response = client.get("/no-such-page/")
    assert response.status_code == 404
    html = response.content.decode()
    assert html.count("<h1") == 1
    assert 'href="/products/"' in html
    assert "Set-Cookie" not in response


def test_the_shell_asks_no_other_host(client: Client) -> None:
    html = client.get("/no-such-page/").content.decode()
    assert re.findall(r'(?:src|href)="(?:https?:)?//', html) == []


def test_the_shell_has_its_landmarks_and_a_way_past_the_header(client: Client) -> None:
    html = client.get("/no-such-page/").content.decode()
    assert html.index('class="skip-link" href="#content"') < html.index('<header class="site-header"')
    assert '<main class="page ' in html
    assert 'id="content"' in html
    assert 'role="status" aria-live="polite"' in html


def test_the_page_for_a_broken_server_needs_no_context() -> None:
    html = render_to_string("500.html")
    assert "Something went wrong on our side" in html
    assert "{{" not in html


def test_a_form_of_another_site_is_told_why_it_was_refused() -> None:
    response = Client(headers={"Sec-Fetch-Site": "cross-site"}).post("/cart/items/")
    assert response.status_code == 403
    assert "That form came from another site" in response.content.decode()


def test_an_error_that_no_view_translated_is_a_fragment_for_htmx(rf: RequestFactory) -> None:
    request = rf.get("/", headers={"HX-Request": "true"})
    HtmxMiddleware(lambda _: HttpResponse())(request)
    html = render_to_string("storefront_error.html", {"error": EditConflict()}, request)
    assert "<html" not in html
    assert "This was changed somewhere else" in html
