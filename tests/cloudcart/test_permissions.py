"""The comparison of what was done with what the roles allow, which ends every test run."""

import json
import runpy
import subprocess
import sys
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from cloudcart.aws.names import Names
from tests.chromium import find_chromium
from tests.permissions import comparing, proposing, recording, session
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


@pytest.mark.parametrize(("is_whole", "unused"), [(True, (f"web: dynamodb:PutItem on {TABLE}carts",)), (False, ())])
def test_what_nothing_used_is_told_after_a_whole_run_alone(
    folder_of_calls: Path, is_whole: bool, unused: tuple[str, ...]
) -> None:
    calls = CALLS - {("web", "dynamodb:PutItem", f"{TABLE}carts")} | {("web", "dynamodb:Query", f"{TABLE}orders")}
    (folder_of_calls / "1.jsonl").write_text("\n".join(json.dumps(call) for call in calls))
    (folder_of_calls / comparing.ROLES_FILE).write_text(json.dumps(ROLES))
    assert session.finish(is_whole=is_whole) == Comparison((f"web: dynamodb:Query on {TABLE}orders",), unused)


@pytest.mark.skipif(find_chromium() is None, reason="Without a browser, no run is whole.")
def test_a_run_that_leaves_tests_out_is_not_whole() -> None:
    sources = pytest.Config.ArgsSource

    def asks_for_everything(source: pytest.Config.ArgsSource, **options: Any) -> bool:
        config: Any = SimpleNamespace(ArgsSource=sources, args_source=source, option=SimpleNamespace(**options))
        return session.asks_for_everything(config)

    assert asks_for_everything(sources.TESTPATHS, keyword="", lf=False)
    assert not asks_for_everything(sources.ARGS)
    assert not asks_for_everything(sources.TESTPATHS, keyword="seed")
    assert not asks_for_everything(sources.TESTPATHS, lf=True)
    assert not asks_for_everything(sources.TESTPATHS, collectonly=True)


def deployed_roles() -> dict[str, Any]:
    names = Names("local")
    return {"web": comparing.read_role(names.web_role), "worker": comparing.read_role(names.worker_role)}


def test_each_reason_for_what_no_test_can_see_is_about_something_that_a_role_has() -> None:
    assert comparing.find_stale_reasons(deployed_roles()) == []
    assert "worker: s3:ListBucket on *-media" in comparing.find_stale_reasons({"web": deployed_roles()["web"]})


def test_a_roles_statements_are_no_longer_than_iam_takes() -> None:
    # 10,240 characters for the policies of a role, white space not counted.
    for statements in deployed_roles().values():
        text = json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))
        longest = text.replace("cloudcart-local", "cloudcart-production").replace("eu-central-1", "ap-southeast-1")
        assert 1_000 < len(longest) <= 10_240


def test_statements_are_proposed_for_each_role_by_what_it_did() -> None:
    assert [line.strip() for line in proposing.propose(CALLS, "web").splitlines()] == [
        "- Effect: Allow",
        "Action: [dynamodb:GetItem, dynamodb:PutItem]",
        "Resource: !GetAtt CartsTable.Arn",
    ]
    assert [line.strip() for line in proposing.propose(CALLS, "worker").splitlines()] == [
        "- Effect: Allow",
        "Action: dynamodb:Query",
        "Resource:",
        "- !GetAtt OrdersTable.Arn",
        "- !Sub ${OrdersTable.Arn}/index/due",
    ]


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
        ("s3", "CreateBucket", {"Bucket": "b"}, "s3:PutObject", ":::b/uploads/by-a-form"),
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
        (["python", "manage.py", "seed", "--if-empty"], "worker"),
        (["python", "manage.py", "provision", "--stage", "dev"], None),
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


def test_commands_for_the_worker_are_recorded_as_its_own(folder_of_calls: Path) -> None:
    assert set(settings.WORKER_COMMANDS) == recording.WORKER_COMMANDS
    call_command("verify_stock", stdout=StringIO())
    assert ("worker", "dynamodb:Scan", f"{TABLE}stock-ledger") in comparing.read_calls(folder_of_calls)


def test_work_that_is_given_to_a_thread_stays_the_work_of_who_gave_it(folder_of_calls: Path, tmp_path: Path) -> None:
    task = tmp_path / "tasks.py"
    task.write_text(
        "import boto3\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from django.conf import settings\n"
        "with ThreadPoolExecutor() as pool:\n"
        "    ask = boto3.client('sqs').get_queue_attributes\n"
        "    pool.submit(ask, QueueUrl=settings.TASK_QUEUE_URL).result()\n"
    )
    runpy.run_path(str(task))
    queue = "arn:aws:sqs:eu-central-1:000000000000:cloudcart-local-tasks"
    assert comparing.read_calls(folder_of_calls) == {("worker", "sqs:GetQueueAttributes", queue)}


@pytest.fixture
def folder_of_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(recording.VARIABLE, str(tmp_path))
    # What is made up here is nothing to keep.
    monkeypatch.delenv("KEEP_CALLS_IN", raising=False)
    monkeypatch.setattr(recording, "_seen", set())
    return tmp_path
