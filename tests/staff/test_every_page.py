import re
from collections.abc import Iterator
from typing import Any

from django.test import Client

from cloudcart.staff import loading
from tests.cast import Shopper


def admin_paths() -> list[str]:
    """Every address of the admin, with something in place of its parameters."""
    loading.load()
    from cloudcart.staff.site import site

    return ["/admin/" + re.sub(r"<(?:\w+:)?\w+>", "1", path) for path in _flatten(site.urls[0], "")]


def _flatten(patterns: Any, prefix: str) -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _flatten(pattern.url_patterns, route)
        elif "(" not in route:
            yield route


def pages_to_act_on() -> list[str]:
    from cloudcart.staff.site import site

    return [
        "/admin/" + re.sub(r"<(?:\w+:)?\w+>", "1", page.path)
        for page in site.pages
        if not page.permission.partition(".")[2].startswith("view_")
    ]


def test_a_shopper_and_a_guest_get_into_no_page_of_the_admin(alice: Shopper, client: Client) -> None:
    paths = admin_paths()
    assert len(paths) > 20
    assert {path: alice.client.get(path).status_code for path in paths} == dict.fromkeys(paths, 403)
    assert {path: alice.client.post(path).status_code for path in paths} == dict.fromkeys(paths, 403)
    assert {path: client.get(path).status_code for path in paths} == dict.fromkeys(paths, 302)


def test_a_viewer_gets_into_no_page_that_changes_something(viewer: Shopper) -> None:
    loading.load()
    paths = pages_to_act_on()
    assert paths
    assert {path: viewer.client.get(path).status_code for path in paths} == dict.fromkeys(paths, 403)
    assert {path: viewer.client.post(path).status_code for path in paths} == dict.fromkeys(paths, 403)
