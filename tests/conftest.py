import json
import os
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import boto3
import hypothesis
import pytest
from django.conf import settings
from django.test import Client

from cloudcart.dynamo import CallLog, StoreModel, count_calls
from tests.cast import alice, alice_client, bob, bob_client

__all__ = ["alice", "alice_client", "bob", "bob_client"]

# On a busy machine an example may take its time; what counts is that it holds.
hypothesis.settings.register_profile("shop", deadline=None)
hypothesis.settings.load_profile("shop")

assert settings.LOCAL_DIR.name.startswith("cloudcart-tests-")


@pytest.fixture(autouse=True)
def empty_tables() -> Iterator[None]:
    """Every test starts with empty tables and an empty queue; only what the last one wrote is cleared."""
    with count_calls() as log:
        yield
    written = {
        name
        for operation, tables in log.calls
        if "Get" not in operation and operation != "Query"
        for name in tables.split(",")
    }
    for model in StoreModel.registry:
        if model.Meta.table_name.removeprefix(settings.TABLE_PREFIX) in written or _wrote_elsewhere(model):
            _empty(model)


def _wrote_elsewhere(model: type[StoreModel]) -> bool:
    # Threads and processes that a test starts have a call log of their own.
    return next(iter(model.scan(limit=1)), None) is not None


def _empty(model: type[StoreModel]) -> None:
    with model.batch_write() as batch:
        for item in model.scan():
            batch.delete(item)


@pytest.fixture
def dynamodb_calls() -> Callable[[], AbstractContextManager[CallLog]]:
    return count_calls


@pytest.fixture
def client() -> Client:
    """A browser: it sends what browsers send with a form."""
    return Client(headers={"Sec-Fetch-Site": "same-origin"})


@pytest.fixture
def htmx_client() -> Client:
    return Client(headers={"Sec-Fetch-Site": "same-origin", "HX-Request": "true"})


@pytest.fixture
def sent_mails(settings: Any) -> Callable[[], list[dict[str, str]]]:
    """Give the mails that SES received since the test began, oldest first: To, Subject, BodyText, BodyHtml."""
    # pytest-django keeps all mail in memory unless told otherwise.
    settings.EMAIL_BACKEND = "cloudcart.mail.Backend"
    before = len(_ses_messages())
    return lambda: _ses_messages()[before:]


def _ses_messages() -> list[dict[str, str]]:
    with urllib.request.urlopen(os.environ["AWS_ENDPOINT_URL"] + "/_ministack/ses/messages", timeout=5) as answer:
        by_account = json.loads(answer.read())["messages"]
    return [mail for mails in by_account.values() for mail in mails]


@pytest.fixture
def task_queue() -> Iterator[Callable[[], int]]:
    """Give the number of tasks that wait in SQS; the queue is emptied around the test."""
    sqs = boto3.client("sqs")
    sqs.purge_queue(QueueUrl=settings.TASK_QUEUE_URL)
    yield lambda: int(
        sqs.get_queue_attributes(QueueUrl=settings.TASK_QUEUE_URL, AttributeNames=["ApproximateNumberOfMessages"])[
            "Attributes"
        ]["ApproximateNumberOfMessages"]
    )
    sqs.purge_queue(QueueUrl=settings.TASK_QUEUE_URL)
