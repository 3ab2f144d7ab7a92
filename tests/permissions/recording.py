"""Write down every AWS action that the web and the worker make while the tests run.

It imports nothing of the shop, for it is also loaded into the programs that tests start (startup/).
"""

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import Any

VARIABLE = "CLOUDCART_CALLS_DIR"
REGION, ACCOUNT = "eu-central-1", "000000000000"
# The commands that the worker runs, as settings.WORKER_COMMANDS has them; the others are an operator's.
WORKER_COMMANDS = {
    "answer_return",
    "cancel_order",
    "mark_paid",
    "rebuild_counters",
    "rebuild_stock_lists",
    "reconcile_order",
    "refund_order",
    "seed",
    "sweep_orders",
    "sweep_payments",
    "verify_stock",
}
# Programs that do on a laptop what AWS does by itself: of their calls, only those of the shop's own code count.
STAND_INS = {"read_streams"}

# Whose work a call is, by the innermost of these files that it comes from. A task that a test calls as a function
# comes from its module, and there from nothing of Celery's.
_ROLES = (
    ("/django/core/handlers/base.py", "web"),
    ("/cloudcart/readiness.py", "web"),
    ("/celery/app/trace.py", "worker"),
    # A module of boto3's, by which files are sent in threads: they are those of whoever began it.
    ("/s3transfer/tasks.py", ""),
    ("/tasks.py", "worker"),
    # Lambda reads the streams, and CloudFront the pictures.
    ("/cloudcart/stream_reader.py", "operator"),
    ("/cloudcart/streams.py", "worker"),
    ("/cloudcart/aws/events.py", "worker"),
    *((f"/management/commands/{name}.py", "worker") for name in sorted(WORKER_COMMANDS)),
    ("/django/core/management/base.py", "operator"),
)
_TRANSACTION = {
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
    "Delete": "dynamodb:DeleteItem",
    "ConditionCheck": "dynamodb:ConditionCheckItem",
    "Get": "dynamodb:GetItem",
}
# Operations whose permission is called otherwise.
_RENAMED = {
    "s3:HeadObject": "s3:GetObject",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:UploadPart": "s3:PutObject",
    "s3:CompleteMultipartUpload": "s3:PutObject",
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sns:PublishBatch": "sns:Publish",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
}

_seen: set[tuple[str, str, str]] = set()
# Whose work a thread of a pool does: that of whoever gave it the work.
_thread = threading.local()


def install(default_role: str = "") -> None:
    """Have every boto3 client of this process tell of its calls.

    :param default_role: whose calls those are that come from no file that says so.
    """
    import botocore.handlers

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        role = _find_role() or default_role
        # Cognito's calls for everyone carry no signature, so no permission is asked for them.
        if role in {"web", "worker"} and model.auth_type != "none":
            for action, resource in permissions(model.service_model.signing_name, model.name, params):
                _write(role, action, resource)

    botocore.handlers.BUILTIN_HANDLERS.append(("provide-client-params", note))
    _follow_work_into_threads()


def role_of_program(arguments: list[str]) -> str | None:
    """Tell whose program a command line starts; None if it is none of the shop's."""
    if "gunicorn" in arguments:
        return "web"
    if "celery" in arguments or WORKER_COMMANDS & set(arguments):
        return "worker"
    return "" if STAND_INS & set(arguments) else None


def permissions(service: str, operation: str, params: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Give the permissions that a call needs, as (action, ARN) pairs."""
    if operation in {"TransactWriteItems", "TransactGetItems"}:
        for item in params["TransactItems"]:
            for kind, content in item.items():
                yield _TRANSACTION[kind], _table(content["TableName"])
        return
    if (service, operation) == ("s3", "CreateBucket"):
        # So botocore signs a form by which a browser puts an object there, under catalog.uploads.PREFIX.
        yield "s3:PutObject", f"arn:aws:s3:::{params['Bucket']}/uploads/by-a-form"
        return
    action = f"{service}:{operation}"
    for resource in _resources(service, params):
        yield _RENAMED.get(action, action), resource


def _resources(service: str, params: dict[str, Any]) -> list[str]:
    find = _FINDERS.get(service)
    return find(params) if find else ["*"]


def _tables(params: dict[str, Any]) -> list[str]:
    if "RequestItems" in params:
        return [_table(name) for name in params["RequestItems"]]
    index = f"/index/{params['IndexName']}" if params.get("IndexName") else ""
    return [_table(params.get("TableName", "")) + index]


def _objects(params: dict[str, Any]) -> list[str]:
    bucket = f"arn:aws:s3:::{params.get('Bucket', '')}"
    return [f"{bucket}/{params['Key']}" if "Key" in params else bucket]


_FINDERS: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "cognito-idp": lambda params: [_arn("cognito-idp", f"userpool/{params.get('UserPoolId', '')}")],
    "dynamodb": _tables,
    "events": lambda params: [_arn("events", f"event-bus/{entry['EventBusName']}") for entry in params["Entries"]],
    "s3": _objects,
    "secretsmanager": lambda params: [_arn("secretsmanager", f"secret:{params['SecretId']}")],
    "ses": lambda params: [_arn("ses", "identity/")],
    "sns": lambda params: [params.get("TopicArn", "")],
    "sqs": lambda params: [_arn("sqs", params.get("QueueUrl", "").rpartition("/")[2])],
}


def _table(name: str) -> str:
    return name if name.startswith("arn:") else _arn("dynamodb", f"table/{name}")


def _arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def _follow_work_into_threads() -> None:
    submit = ThreadPoolExecutor.submit

    def submit_for_role(pool: ThreadPoolExecutor, work: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        return submit(pool, _work_for, _find_role(), work, *args, **named)

    ThreadPoolExecutor.submit = submit_for_role  # type: ignore[assignment, method-assign]


def _work_for(role: str, work: Callable[..., Any], /, *args: Any, **named: Any) -> Any:
    _thread.role = role
    return work(*args, **named)


def _find_role() -> str:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        for ending, role in _ROLES:
            if frame.f_code.co_filename.endswith(ending):
                return role or _inherited_role()
        frame = frame.f_back
    return _inherited_role()


def _inherited_role() -> str:
    return getattr(_thread, "role", "")


def _write(role: str, action: str, resource: str) -> None:
    if (role, action, resource) in _seen:
        return
    _seen.add((role, action, resource))
    # A file for each process: nobody has to wait for another one.
    with Path(os.environ[VARIABLE], f"{os.getpid()}.jsonl").open("a") as file:
        file.write(json.dumps([role, action, resource]) + "\n")
