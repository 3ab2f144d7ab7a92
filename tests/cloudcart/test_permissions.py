"""The comparison of what was done with what the roles allow, which ends every test run."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.conf import settings
from django.test import Client

from tests.permissions import comparing, recording
from tests.permissions.comparing import Comparison

TABLE = "arn:aws:dynamodb:eu-central-1:000000000000:table/cloudcart-local-"
ROLES: dict[str, Any] = {
    "web": [{"Action": ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource": f"{TABLE}carts"}],
    "worker": [
        {"Action": "dynamodb:Query", "Resource": [f"{TABLE}orders", f"{TABLE}orders/index/*"]},
        {"Action": "xray:PutTraceSegments", "Resource": "*"},
    ],
}
CALLS = {
    ("web", "dynamodb:GetItem", f"{TABLE}carts"),
    ("web", "dynamodb:PutItem", f"{TABLE}carts"),
    ("worker", "dynamodb:Query", f"{TABLE}orders"),
    ("worker", "dynamodb:Query", f"{TABLE}orders/index/due"),
}


def permissions(service: str, operation: str, **params: Any) -> list[tuple[str, str]]:
    return list(recording.permissions(service, operation, params))


def test_roles_that_allow_what_was_done_and_no_more_are_right() -> None:
    assert comparing.compare(CALLS, ROLES) == Comparison((), ())


def test_an_action_removed_from_a_role_is_missed() -> None:
    roles = ROLES | {"web": [ROLES["web"][0] | {"Action": ["dynamodb:GetItem"]}]}
    assert comparing.compare(CALLS, roles) == Comparison((f"web: dynamodb:PutItem on {TABLE}carts",), ())


def test_a_table_removed_from_a_role_is_missed() -> None:
    roles = ROLES | {"worker": [ROLES["worker"][0] | {"Resource": [f"{TABLE}orders/index/*"]}]}
    assert comparing.compare(CALLS, roles).missing == (f"worker: dynamodb:Query on {TABLE}orders",)


def test_what_nothing_used_is_told_and_what_no_test_can_see_is_not() -> None:
    calls = CALLS - {("web", "dynamodb:PutItem", f"{TABLE}carts")}
    assert comparing.compare(calls, ROLES) == Comparison((), (f"web: dynamodb:PutItem on {TABLE}carts",))


def test_what_tests_make_up_belongs_into_no_role(tmp_path: Path) -> None:
    queue = "arn:aws:sqs:eu-central-1:000000000000:cloudcart-local-"
    calls = [
        ["web", "dynamodb:Query", f"{TABLE}orders/index/due"],
        ["web", "dynamodb:Query", f"{TABLE}made-up"],
        ["web", "sqs:SendMessage", f"{queue}tasks"],
        ["web", "sqs:SendMessage", f"{queue}nowhere"],
    ]
    (tmp_path / "1.jsonl").write_text("\n".join(json.dumps(call) for call in calls))
    assert comparing.read_calls(tmp_path) == {tuple(calls[0]), tuple(calls[2])}


def test_the_user_pool_of_another_process_is_the_same_to_a_role() -> None:
    pool = "arn:aws:cognito-idp:eu-central-1:000000000000:userpool/"
    roles = ROLES | {"web": [*ROLES["web"], {"Action": "cognito-idp:AdminGetUser", "Resource": f"{pool}one"}]}
    assert comparing.compare(CALLS | {("web", "cognito-idp:AdminGetUser", f"{pool}two")}, roles) == Comparison((), ())


def test_what_another_role_did_counts_for_none_but_that() -> None:
    calls = CALLS | {("worker", "dynamodb:PutItem", f"{TABLE}carts")}
    assert comparing.compare(calls, ROLES).missing == (f"worker: dynamodb:PutItem on {TABLE}carts",)


def test_a_transaction_needs_the_permission_of_each_of_its_actions() -> None:
    items = [{"Put": {"TableName": "a"}}, {"ConditionCheck": {"TableName": "b"}}]
    prefix = "arn:aws:dynamodb:eu-central-1:000000000000:table/"
    assert permissions("dynamodb", "TransactWriteItems", TransactItems=items) == [
        ("dynamodb:PutItem", f"{prefix}a"),
        ("dynamodb:ConditionCheckItem", f"{prefix}b"),
    ]


@pytest.mark.parametrize(
    ("service", "operation", "params", "action", "ending"),
    [
        ("dynamodb", "Query", {"TableName": "t", "IndexName": "i"}, "dynamodb:Query", ":table/t/index/i"),
        ("dynamodb", "BatchGetItem", {"RequestItems": {"t": {}}}, "dynamodb:BatchGetItem", ":table/t"),
        ("s3", "HeadObject", {"Bucket": "b", "Key": "k"}, "s3:GetObject", ":::b/k"),
        ("s3", "CreateBucket", {"Bucket": "b"}, "s3:PutObject", ":::b/by-a-form"),
        ("s3", "ListObjectsV2", {"Bucket": "b"}, "s3:ListBucket", ":::b"),
        ("sqs", "SendMessageBatch", {"QueueUrl": "http://x/0/q"}, "sqs:SendMessage", ":q"),
        ("events", "PutEvents", {"Entries": [{"EventBusName": "e"}]}, "events:PutEvents", ":event-bus/e"),
    ],
)
def test_a_call_needs_the_permission_that_iam_asks_for(
    service: str, operation: str, params: dict[str, Any], action: str, ending: str
) -> None:
    [(named, resource)] = permissions(service, operation, **params)
    assert named == action
    assert resource.endswith(ending)


@pytest.mark.parametrize(
    ("command", "role"),
    [
        (["python", "-m", "gunicorn", "cloudcart.wsgi"], "web"),
        (["python", "-m", "celery", "-A", "cloudcart.celery", "worker"], "worker"),
        (["python", "manage.py", "sweep_orders", "--every", "15"], "worker"),
        (["python", "manage.py", "read_streams"], ""),
        (["python", "manage.py", "seed"], None),
        (["python", "-m", "cloudcart.local.guardian"], None),
    ],
)
def test_programs_are_watched_as_the_function_that_they_stand_for(command: list[str], role: str | None) -> None:
    assert recording.role_of_program(command) == role


def test_a_request_is_the_webs_and_what_a_test_does_itself_is_nobodys(client: Client, folder_of_calls: Path) -> None:
    boto3.client("sqs").get_queue_attributes(QueueUrl=settings.TASK_QUEUE_URL)
    assert comparing.read_calls(folder_of_calls) == set()
    client.get("/products/no-such-product/")
    calls = comparing.read_calls(folder_of_calls)
    assert {role for role, _, _ in calls} == {"web"}
    assert ("web", "dynamodb:Query", f"{TABLE}products/index/by_slug") in calls


def test_a_program_that_a_test_starts_writes_down_its_calls(folder_of_calls: Path) -> None:
    code = "import boto3, os; boto3.client('sqs').get_queue_attributes(QueueUrl=os.environ['TASK_QUEUE_URL'])"
    # Any program with this word in its command line stands for the worker.
    subprocess.run([sys.executable, "-c", code, "celery"], check=True)
    queue = "arn:aws:sqs:eu-central-1:000000000000:cloudcart-local-tasks"
    assert comparing.read_calls(folder_of_calls) == {("worker", "sqs:GetQueueAttributes", queue)}


@pytest.fixture
def folder_of_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(recording.VARIABLE, str(tmp_path))
    monkeypatch.setattr(recording, "_seen", set())
    return tmp_path
