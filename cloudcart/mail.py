"""Send mail by SES with one client for all mails of a process."""

import threading
from functools import cache
from typing import TYPE_CHECKING

from django_ses import SESBackend

if TYPE_CHECKING:
    from mypy_boto3_ses import SESClient


_lock = threading.Lock()


class Backend(SESBackend):  # type: ignore[misc]
    """django-ses with a client that is kept: its own builds one for each mail, which takes 25 times as long as a mail.

    Clients of boto3 may be shared by threads.
    """

    connection: "SESClient | None"

    def open(self) -> bool:
        if self.connection is None:
            # Building one is not thread-safe.
            with _lock:
                self.connection = _client(self._region_name, self._endpoint_url)
        # Not to be closed behind the mails.
        return False


@cache
def _client(region: str, endpoint: str | None) -> "SESClient":
    import boto3

    return boto3.client("ses", region_name=region, endpoint_url=endpoint)
