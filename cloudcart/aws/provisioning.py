"""What `manage.py provision` finds out before a deployment, and how it shows the changes."""

import json
from collections.abc import Sequence

import boto3

from cloudcart.aws import origin_secret, stack, templates
from cloudcart.aws.change_sets import Change, StackFailed
from cloudcart.aws.names import Names
from cloudcart.aws.targets import Target

SIGNS = {"Add": "+", "Modify": "~", "Remove": "-"}
# The name of the condition under which a resource is made on AWS and not on the embedded one.
ONLY_ON_AWS = "OnAws"
# What Zappa calls its HTTP API in the stack that it names after the function.
ZAPPA_API = "ApiV2"
PROTECTED_STAGES = {"production"}


def find_values(target: Target, part: str) -> dict[str, str]:
    """Find out what an operator need not say: about the account, from other stacks, from the deployed functions.

    :raises StackFailed: if the edge is asked for before there are functions that it could lead to.
    """
    names = Names(target.stage)
    values = {"Stage": target.stage, "Embedded": "yes" if target.is_embedded else "no"}
    if part == "edge":
        outputs = dict(stack.read_outputs(names.stack).values)
        return values | _find_global(names) | outputs | _find_functions(names) | _find_origin_key(names)
    return values | {
        # Buckets have names that nobody else in the world has; the embedded world is small.
        "BucketSuffix": "" if target.is_embedded else f"-{target.account}",
        "DeletionProtection": "on" if target.stage in PROTECTED_STAGES and not target.is_embedded else "off",
    }


def as_table(changes: Sequence[Change]) -> str:
    """Show changes in columns: what, of which type, and whether data or a name is at stake."""
    if not changes:
        return "  none: everything is as the template says"
    rows = [(SIGNS.get(change.action, "?"), change.name, change.type, _remark(change)) for change in changes]
    name_width, type_width = (max(len(row[column]) for row in rows) for column in (1, 2))
    lines = [
        f"  {sign} {name:<{name_width}}  {kind:<{type_width}}  {remark}".rstrip() for sign, name, kind, remark in rows
    ]
    counts = ", ".join(
        f"{sum(change.action == action for change in changes)} to {verb}"
        for action, verb in (("Add", "add"), ("Modify", "modify"), ("Remove", "remove"))
    )
    return "\n".join([*lines, "", f"  {counts}"])


def find_left_out(part: str) -> list[str]:
    """Tell which of a template's resources the embedded AWS does not know, so that nobody believes them tried."""
    template = templates.read(part)
    only_on_aws = {name for name, rule in template.get("Conditions", {}).items() if ONLY_ON_AWS in json.dumps(rule)}
    left_out = [
        f"{name} ({item['Type']})"
        for name, item in template["Resources"].items()
        if item.get("Condition") in {ONLY_ON_AWS, *only_on_aws}
    ]
    return [f"Not made here, since the embedded AWS does not know it: {text}" for text in left_out]


def _remark(change: Change) -> str:
    causes = ", ".join(change.causes)
    if change.action == "Remove":
        return "LEAVES THE STACK, its data stays where it is" if change.may_lose_data else ""
    if change.may_lose_data:
        return f"MADE ANEW because of {', '.join(change.replacing)}, its data does not come along"
    if change.replacement == "True":
        return f"made anew because of {', '.join(change.replacing)}"
    return causes if change.action == "Modify" else ""


def _find_global(names: Names) -> dict[str, str]:
    # A shop under CloudFront's own address, without a firewall, needs none.
    try:
        return dict(stack.read_outputs(names.global_stack, part="global").values)
    except StackFailed:
        return {}


def _find_origin_key(names: Names) -> dict[str, str]:
    return {"OriginKeyVersion": origin_secret.find_version(names) if origin_secret.is_guarded(names) else ""}


def _find_functions(names: Names) -> dict[str, str]:
    functions = {"WebFunction": names.web_function, "WorkerFunction": names.worker_function}
    client = boto3.client("lambda")
    for function, zappa_stage in ((names.web_function, names.stage), (names.worker_function, names.worker_stage)):
        try:
            client.get_function(FunctionName=function)
        except client.exceptions.ResourceNotFoundException as error:
            raise StackFailed(
                f"There is no function {function} yet, which the edge leads to. `zappa deploy {zappa_stage}` makes it."
            ) from error
    resource = stack.client_of("edge").describe_stack_resource(
        StackName=names.web_function, LogicalResourceId=ZAPPA_API
    )
    api_id = resource["StackResourceDetail"].get("PhysicalResourceId", "")
    return functions | {"ApiId": api_id, "BaseStack": names.stack}
