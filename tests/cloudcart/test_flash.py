"""Messages for the next page: signed as Django signs them, with a key that is asked for when there is one."""

from typing import Any

from django.contrib import messages
from django.contrib.messages.storage import default_storage
from django.http import HttpResponse
from django.test import RequestFactory


class Untouchable:
    """A key that fails the test when something looks at it."""

    def __bool__(self) -> bool:
        raise AssertionError("Something asked for the key.")

    __str__ = __bool__  # type: ignore[assignment]


def test_a_page_without_messages_does_without_the_key(settings: Any) -> None:
    settings.SECRET_KEY = Untouchable()
    storage = default_storage(RequestFactory().get("/"))
    response = HttpResponse()
    storage.update(response)
    assert not response.cookies
    assert list(storage) == []


def test_a_message_is_on_the_next_page_and_a_forged_one_is_not(settings: Any) -> None:
    request, response = RequestFactory().get("/"), HttpResponse()
    storage = default_storage(request)
    storage.add(messages.INFO, "Saved")
    storage.update(response)
    cookie = response.cookies["messages"].value
    following = RequestFactory().get("/")
    following.COOKIES["messages"] = cookie
    assert [str(message) for message in default_storage(following)] == ["Saved"]
    forged = RequestFactory().get("/")
    forged.COOKIES["messages"] = cookie[:-3] + "xyz"
    assert list(default_storage(forged)) == []
