"""Hold what the web and the worker were seen doing against what their roles allow."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import boto3

from cloudcart.aws import tables, templates
from cloudcart.aws.names import Names

Call = tuple[str, str, str]
Policy = list[dict[str, Any]]

ROLES_FILE = "roles.json"
# Of the names of what the tests' stage has.
PREFIX = "cloudcart-local-"
# What no test can see, as patterns of "role: action on resource", and why it is in the roles all the same.
UNSEEN = {
    "*: logs:CreateLogStream on *": "Lambda writes the functions' logs.",
    "*: logs:PutLogEvents on *": "Lambda writes the functions' logs.",
    "*: secretsmanager:GetSecretValue on *": "A laptop has none; tests/cloudcart/test_secret_values.py reads some.",
    "*: xray:PutTelemetryRecords on *": "Lambda sends the traces.",
    "*: xray:PutTraceSegments on *": "Lambda sends the traces.",
    "worker: dynamodb:DescribeStream on */stream/*": "Lambda reads the streams, by the worker's role.",
    "worker: dynamodb:GetRecords on */stream/*": "Lambda reads the streams, by the worker's role.",
    "worker: dynamodb:GetShardIterator on */stream/*": "Lambda reads the streams, by the worker's role.",
    "worker: dynamodb:ListStreams on *": "Lambda looks for the streams, by the worker's role.",
    "worker: s3:ListBucket on *-media": "Without it, S3 says of what is not there that it is forbidden.",
    "worker: ses:SendRawEmail on *:configuration-set/*": "SES asks for it beside the identity.",
    "worker: sqs:ReceiveMessage on *-tasks": "Lambda takes the tasks, by the worker's role.",
    "worker: sqs:SendMessage on *-streams-dead": "Lambda sets aside what no consumer could take.",
}


@dataclass(frozen=True)
class Comparison:
    """What a role lacks, and what it has for nothing."""

    missing: tuple[str, ...]
    unused: tuple[str, ...]


def save_roles(folder: Path, stage: str) -> None:
    """Write down what the deployed roles allow, for a process that has no embedded AWS of its own."""
    names = Names(stage)
    roles = {"web": read_role(names.web_role), "worker": read_role(names.worker_role)}
    (folder / ROLES_FILE).write_text(json.dumps(roles))


def read_role(name: str) -> Policy:
    client = boto3.client("iam")
    policies = [
        client.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        for policy in client.list_role_policies(RoleName=name)["PolicyNames"]
    ]
    return [statement for policy in policies for statement in policy["Statement"]]


def read_roles(folder: Path) -> dict[str, Policy]:
    roles: dict[str, Policy] = json.loads((folder / ROLES_FILE).read_text())
    return roles


def read_calls(folder: Path) -> set[Call]:
    lines = [line for path in folder.glob("*.jsonl") for line in path.read_text().splitlines()]
    calls = {(role, action, resource) for role, action, resource in map(json.loads, lines)}
    return {call for call in calls if not _is_only_on_a_laptop(call) and not _is_imaginary(call)}


def compare(calls: Iterable[Call], roles: Mapping[str, Policy]) -> Comparison:
    """Tell what was done and is not allowed, and what is allowed and was not done."""
    seen = set(calls)
    missing = [
        _told(role, action, resource) for role, action, resource in seen if not _allows(roles[role], action, resource)
    ]
    unused = [
        _told(role, action, pattern)
        for role, statements in roles.items()
        for action, pattern in _grants(statements)
        if not any(by == role and did == action and _fits(what, pattern) for by, did, what in seen)
    ]
    return Comparison(
        tuple(sorted(set(missing))),
        tuple(sorted(each for each in set(unused) if not any(fnmatchcase(each, pattern) for pattern in UNSEEN))),
    )


def find_stale_reasons(roles: Mapping[str, Policy]) -> list[str]:
    """Give the patterns of UNSEEN that no role has anything of (any more)."""
    told = [_told(role, *grant) for role, statements in roles.items() for grant in _grants(statements)]
    return [pattern for pattern in UNSEEN if not any(fnmatchcase(each, pattern) for each in told)]


def _is_only_on_a_laptop(call: Call) -> bool:
    # A laptop's web server hands pictures through, which CloudFront reads from the bucket by itself.
    role, action, resource = call
    return (role, action) == ("web", "s3:GetObject") and "-media/" in resource and "/uploads/" not in resource


def _is_imaginary(call: Call) -> bool:
    # Some tests have the shop ask for a table, a queue or a bucket that is not there, which no role has to allow.
    _, action, resource = call
    service = action.partition(":")[0]
    if service == "s3":
        return not resource.rpartition(":")[2].startswith(PREFIX)
    name = resource.rpartition(":")[2].removeprefix("table/").partition("/")[0]
    return service in {"dynamodb", "sqs"} and name.removeprefix(PREFIX) not in _names()


@cache
def _names() -> set[str]:
    queues = templates.resources("base", "AWS::SQS::Queue").values()
    return {*tables.declared(), *(queue["QueueName"]["Fn::Sub"].removeprefix(tables.PREFIX) for queue in queues)}


def _allows(statements: Policy, action: str, resource: str) -> bool:
    return any(granted == action and _fits(resource, pattern) for granted, pattern in _grants(statements))


def _grants(statements: Policy) -> list[tuple[str, str]]:
    return [
        (action, pattern)
        for statement in statements
        for action in _as_list(statement["Action"])
        for pattern in _as_list(statement["Resource"])
    ]


def _fits(resource: str, pattern: str) -> bool:
    # Which address sent a mail is not told apart; and each process of the tests has a user pool of its own.
    same_kind = any(kind in resource and kind in pattern for kind in (":identity/", ":userpool/"))
    return same_kind or fnmatchcase(resource, pattern)


def _told(role: str, action: str, resource: str) -> str:
    return f"{role}: {action} on {resource}"


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
