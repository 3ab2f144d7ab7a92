"""Find out what CloudFormation would change, and let it do so."""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from cloudcart.aws import templates
from cloudcart.environment import LOOPBACK

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import ChangeTypeDef

# What holds data that nobody could bring back.
PRECIOUS = {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::Cognito::UserPool", "AWS::SecretsManager::Secret"}
DONE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"}


class StackFailed(Exception):
    """CloudFormation, or what came of it, is not what the template asks for."""


@dataclass(frozen=True)
class Change:
    """What happens to one resource.

    :param action: Add, Modify or Remove.
    :param replacement: "True", "False" or "Conditional": whether a Modify makes a new resource in its place.
    :param causes: the properties that change.
    :param replacing: those of them that may want a new resource.
    """

    action: str
    name: str
    type: str
    replacement: str = "False"
    causes: tuple[str, ...] = ()
    replacing: tuple[str, ...] = ()

    @property
    def may_lose_data(self) -> bool:
        # A table that gets an index more declares an attribute more, which replaces nothing.
        replacing = set(self.replacing) - {"AttributeDefinitions"}
        return self.type in PRECIOUS and (self.action == "Remove" or self.replacement == "True" or bool(replacing))


@dataclass(frozen=True)
class ChangeSet:
    """Changes that CloudFormation has worked out and not made yet."""

    id: str
    stack: str
    is_new_stack: bool
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Event:
    """What CloudFormation says while it works, one resource and status at a time."""

    name: str
    type: str
    status: str
    reason: str


def prepare(
    client: "CloudFormationClient", *, stack: str, part: str, parameters: Mapping[str, str | None], tags: dict[str, str]
) -> ChangeSet:
    """Ask CloudFormation what it would change. Nothing is changed; `discard` or `apply` it.

    :param parameters: their values; None keeps the one that the stack has.
    :raises StackFailed: if the stack is in a state that allows no change, or the template is refused.
    """
    is_new = _is_new(client, stack)
    answer = client.create_change_set(
        StackName=stack,
        ChangeSetName=f"provision-{uuid.uuid4().hex[:12]}",
        ChangeSetType="CREATE" if is_new else "UPDATE",
        TemplateBody=templates.body(part),
        Parameters=[_parameter(name, value) for name, value in parameters.items()],
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    status = ""
    for _ in waiting(client):
        described = client.describe_change_set(ChangeSetName=answer["Id"])
        status = described["Status"]
        if not status.endswith(("_PENDING", "_IN_PROGRESS")):
            break
    if status == "FAILED":
        return _without_changes(client, answer["Id"], stack, described.get("StatusReason", ""), is_new=is_new)
    pages = client.get_paginator("describe_change_set").paginate(ChangeSetName=answer["Id"])
    changes = tuple(_change(item) for page in pages for item in page["Changes"])
    return ChangeSet(answer["Id"], stack, is_new, changes)


def discard(client: "CloudFormationClient", change_set: ChangeSet) -> None:
    """Forget the changes, and the empty stack that was made to hold the first ones."""
    client.delete_change_set(ChangeSetName=change_set.id)
    if change_set.is_new_stack:
        client.delete_stack(StackName=change_set.stack)


def apply(client: "CloudFormationClient", change_set: ChangeSet, on_event: Callable[[Event], None]) -> None:
    """Let CloudFormation make the changes and wait until it has, telling each event as it happens.

    :raises StackFailed: with CloudFormation's reasons, if it took the changes back.
    """
    seen = {event["EventId"] for event in _events(client, change_set.stack)}
    client.execute_change_set(ChangeSetName=change_set.id)
    reasons: list[str] = []
    for _ in waiting(client):
        # The status first: the events of a finished stack are all there.
        status = client.describe_stacks(StackName=change_set.stack)["Stacks"][0]["StackStatus"]
        for event in _new_events(client, change_set.stack, seen):
            on_event(event)
            if event.status.endswith("_FAILED"):
                reasons.append(f"{event.name}: {event.reason}")
        if not status.endswith("_IN_PROGRESS") or status in DONE:
            break
    if status not in DONE:
        told = "; ".join(reasons) or "CloudFormation gives no reason."
        raise StackFailed(f"The stack {change_set.stack} failed and was taken back ({status}). {told}")


def waiting(client: Any) -> Iterator[None]:
    """Come by as often as the other side can stand it: the embedded AWS is done in no time."""
    pause = 0.05 if urlsplit(client.meta.endpoint_url).hostname in LOOPBACK else 2.0
    deadline = time.monotonic() + 3600
    while time.monotonic() < deadline:
        yield
        time.sleep(pause)
    raise StackFailed("CloudFormation was not done after an hour.")


def _is_new(client: "CloudFormationClient", stack: str) -> bool:
    try:
        status = client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
    except ClientError as error:
        if "does not exist" in str(error):
            return True
        raise
    if status == "REVIEW_IN_PROGRESS":
        return True
    if status in {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"}:
        raise StackFailed(
            f"The first deployment of {stack} failed ({status}), and CloudFormation wants it removed before the next: "
            f"aws cloudformation delete-stack --stack-name {stack}"
        )
    if not status.endswith("_COMPLETE"):
        raise StackFailed(f"The stack {stack} is {status}; it can be changed when that is over.")
    return False


def _parameter(name: str, value: str | None) -> Any:
    return {"ParameterKey": name} | ({"UsePreviousValue": True} if value is None else {"ParameterValue": value})


def _without_changes(
    client: "CloudFormationClient", change_set_id: str, stack: str, reason: str, *, is_new: bool
) -> ChangeSet:
    client.delete_change_set(ChangeSetName=change_set_id)
    if "didn't contain changes" not in reason and "No updates" not in reason:
        raise StackFailed(f"CloudFormation refuses the changes of {stack}: {reason}")
    return ChangeSet(change_set_id, stack, is_new, ())


def _change(item: "ChangeTypeDef") -> Change:
    change = item["ResourceChange"]
    targets: list[Any] = [detail.get("Target", {}) for detail in change.get("Details", [])]
    names = {target.get("Name") or target.get("Attribute", ""): target for target in targets}
    return Change(
        action=change["Action"],
        name=change["LogicalResourceId"],
        type=change["ResourceType"],
        replacement=change.get("Replacement") or "False",
        causes=tuple(names),
        replacing=tuple(name for name in names if names[name].get("RequiresRecreation", "Never") != "Never"),
    )


def _events(client: "CloudFormationClient", stack: str) -> list[Any]:
    pages = client.get_paginator("describe_stack_events").paginate(StackName=stack)
    return [event for page in pages for event in page["StackEvents"]]


def _new_events(client: "CloudFormationClient", stack: str, seen: set[str]) -> list[Event]:
    new = [event for event in _events(client, stack) if event["EventId"] not in seen]
    seen.update(event["EventId"] for event in new)
    return [
        Event(
            event.get("LogicalResourceId", ""),
            event.get("ResourceType", ""),
            event.get("ResourceStatus", ""),
            event.get("ResourceStatusReason", ""),
        )
        for event in reversed(new)
    ]
