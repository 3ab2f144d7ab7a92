"""What `manage.py provision` finds out before a deployment, and how it shows the changes."""

from collections.abc import Sequence

from cloudcart.aws import stack, templates
from cloudcart.aws.change_sets import Change
from cloudcart.aws.targets import Target

SIGNS = {"Add": "+", "Modify": "~", "Remove": "-"}
# The name of the condition under which a resource is made on AWS and not on the embedded one.
ONLY_ON_AWS = "OnAws"
PROTECTED_STAGES = {"production"}


def find_values(target: Target, part: str) -> dict[str, str]:
    """Find out what an operator need not say: for the edge, what the base tells."""
    common = {"Stage": target.stage, "Embedded": "yes" if target.is_embedded else "no"}
    if part == "edge":
        return dict(stack.read_outputs(stack.name_of(target.stage, "base")).values) | common
    return common | {
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
    resources = templates.read(part)["Resources"].items()
    left_out = [f"{name} ({item['Type']})" for name, item in resources if item.get("Condition") == ONLY_ON_AWS]
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
