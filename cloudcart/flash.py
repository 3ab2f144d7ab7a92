"""Messages for the next page, kept in a cookie."""

from functools import cached_property
from typing import Any

from django.contrib.messages.storage.base import BaseStorage
from django.contrib.messages.storage.cookie import CookieStorage
from django.core import signing


class LateCookieStorage(CookieStorage):
    """Django's, which asks for the key to sign with when a request begins; this one when there is a message.

    On Lambda the key is in Secrets Manager, and a page without messages does without that request.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        BaseStorage.__init__(self, *arguments, **options)

    @cached_property
    def signer(self) -> signing.TimestampSigner:
        return signing.get_cookie_signer(salt=self.key_salt)
