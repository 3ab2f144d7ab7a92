from collections.abc import Callable
from contextlib import AbstractContextManager

from django.test import Client

from cloudcart.dynamo import CallLog

CountCalls = Callable[[], AbstractContextManager[CallLog]]


def test_healthz_answers_without_asking_any_store(client: Client, dynamodb_calls: CountCalls) -> None:
    with dynamodb_calls() as log:
        response = client.get("/healthz")
    assert response.status_code == 200
    assert response.content == b"ok\n"
    assert log.count == 0
