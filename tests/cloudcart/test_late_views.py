from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

from cloudcart.late_views import LateView


def late_views(resolver: URLResolver) -> Iterator[LateView]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from late_views(pattern)
        elif isinstance(pattern, URLPattern) and isinstance(pattern.callback, LateView):
            yield pattern.callback


def test_every_address_of_the_shop_leads_to_a_view_that_there_is() -> None:
    views = list(late_views(get_resolver()))
    assert {view.__module__ for view in views} >= {"orders.checkout_views", "accounts.views", "cart.views"}
    loaded = [view.load() for view in views]
    assert [view.__name__ for view in views] == [function.__name__ for function in loaded]


@pytest.fixture
def strict_client(settings: Any) -> Client:
    settings.ROOT_URLCONF = "tests.cloudcart.exempt_urls"
    settings.MIDDLEWARE = ["django.middleware.csrf.CsrfViewMiddleware"]
    return Client(enforce_csrf_checks=True)


def test_a_decorator_of_a_view_counts_before_its_first_request(strict_client: Client) -> None:
    assert strict_client.post("/exempt/7/").content == b"exempt 7"
    assert strict_client.post("/guarded/").status_code == 403
    assert strict_client.get("/guarded/").content == b"guarded"


def test_addresses_are_known_by_the_names_of_their_views(strict_client: Client) -> None:
    assert reverse("exempt", args=[7]) == "/exempt/7/"
    match = resolve("/exempt/7/")
    assert match.kwargs == {"number": 7}
    assert match._func_path == "tests.cloudcart.exempt_urls.exempt"


def test_a_view_that_is_not_there_fails_with_its_name(strict_client: Client) -> None:
    with pytest.raises(AttributeError, match="exempd"):
        strict_client.get("/misspelled/")
