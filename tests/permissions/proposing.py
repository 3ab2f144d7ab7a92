"""Write the statements that a role needs, from what was seen. `python -m tests.permissions.proposing FOLDER`

FOLDER is what KEEP_CALLS_IN named for a whole run of the tests; `make iam` does both. The statements go into
cloudcart/aws/base.yaml in the place of those about tables; the others there are few and written by hand.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from cloudcart.aws import tables
from tests.permissions import comparing
from tests.permissions.comparing import Call

_TABLE = ":table/cloudcart-local-"


def propose(calls: Iterable[Call], role: str) -> str:
    """Give the statements about tables as YAML: tables with the same actions share one."""
    actions: dict[str, set[str]] = defaultdict(set)
    for by, action, resource in calls:
        if by == role and _TABLE in resource:
            table, _, index = resource.partition(_TABLE)[2].partition("/index/")
            actions[f"{table}/index/{index}" if index else table].add(action)
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for resource, done in actions.items():
        groups[tuple(sorted(done))].append(resource)
    return "\n".join(line for done, resources in sorted(groups.items()) for line in _statement(done, sorted(resources)))


def _statement(actions: tuple[str, ...], resources: list[str]) -> Iterator[str]:
    yield "              - Effect: Allow"
    yield f"                Action: {actions[0] if len(actions) == 1 else '[' + ', '.join(actions) + ']'}"
    if len(resources) == 1:
        yield f"                Resource: {_reference(resources[0])}"
        return
    yield "                Resource:"
    for resource in resources:
        yield f"                  - {_reference(resource)}"


def _reference(resource: str) -> str:
    table, _, index = resource.partition("/index/")
    name = _logical_names()[table]
    return f"!Sub ${{{name}.Arn}}/index/{index}" if index else f"!GetAtt {name}.Arn"


def _logical_names() -> dict[str, str]:
    return {name: logical for logical, name in tables.logical_names().items()}


if __name__ == "__main__":
    seen = comparing.read_calls(Path(sys.argv[1]))
    for each in ("web", "worker"):
        print(f"# {each}\n{propose(seen, each)}\n")  # noqa: T201
