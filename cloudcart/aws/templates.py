"""Read the CloudFormation templates, as people wrote them and as CloudFormation takes them."""

import json
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

FOLDER = Path(__file__).parent
# What CloudFormation takes in a request; a larger template has to lie in a bucket, and the first one has none yet.
LARGEST_BODY = 51_200


@cache
def read(part: str) -> dict[str, Any]:
    """Give a template by its name, "base" or "edge", with short functions (``!Ref x``) written out."""
    return dict(yaml.load(_path(part).read_text(), Loader=_TemplateLoader))  # noqa: S506 (a SafeLoader)


def body(part: str) -> str:
    """Give what to send to CloudFormation: the file, or the same without comments if it is too large."""
    text = _path(part).read_text()
    return text if len(text.encode()) <= LARGEST_BODY else json.dumps(read(part), separators=(",", ":"))


def resources(part: str, type_name: str) -> dict[str, dict[str, Any]]:
    """Give the properties of all resources of a type, by their name in the template."""
    found = read(part)["Resources"].items()
    return {name: item.get("Properties", {}) for name, item in found if item["Type"] == type_name}


def _path(part: str) -> Path:
    return FOLDER / f"{part}.yaml"


class _TemplateLoader(yaml.SafeLoader):
    """Reads CloudFormation's short functions as the long ones, ``!Sub x`` as ``{"Fn::Sub": x}``."""


# CloudFormation's versions of templates and policies look like dates and are not.
_TemplateLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _written_out(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    argument: Any
    if isinstance(node, yaml.ScalarNode):
        argument = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        argument = loader.construct_sequence(node, deep=True)
    else:
        argument = loader.construct_mapping(cast("yaml.MappingNode", node), deep=True)
    if suffix == "GetAtt" and isinstance(argument, str):
        argument = argument.split(".", 1)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": argument}


_TemplateLoader.add_multi_constructor("!", _written_out)
