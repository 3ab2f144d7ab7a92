from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from django.core.mail import get_connection, send_mail

from cloudcart import mail


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The services that clients are built for, from now on."""
    names: list[str] = []
    build = boto3.client

    def count(service: str, **options: Any) -> Any:
        names.append(service)
        return build(service, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(boto3, "client", count)
    mail._client.cache_clear()
    return names


def test_many_mails_of_many_threads_take_one_client(
    built: list[str], sent_mails: Callable[[], list[dict[str, str]]]
) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda index: send_mail(f"Number {index}", "Text", None, ["a@example.com"]), range(12)))
    assert sorted(each["Subject"] for each in sent_mails()) == sorted(f"Number {index}" for index in range(12))
    assert built == ["ses"]


def test_a_closed_connection_is_opened_again(sent_mails: Callable[[], list[dict[str, str]]]) -> None:
    with get_connection() as connection:
        send_mail("First", "Text", None, ["a@example.com"], connection=connection)
    send_mail("Second", "Text", None, ["a@example.com"], connection=connection)
    assert [each["Subject"] for each in sent_mails()] == ["First", "Second"]
