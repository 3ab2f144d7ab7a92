"""Where the values of a template's parameters come from."""

import os
from collections.abc import Mapping
from typing import Any

from cloudcart.aws import templates
from cloudcart.aws.change_sets import StackFailed

# Parameters that come from the same variables as the shop's settings.
VARIABLES = {"StoreName": "STORE_NAME", "StoreEmail": "STORE_EMAIL", "ShopOrigin": "STORE_URL"}


def resolve(
    part: str, *, given: Mapping[str, str], found: Mapping[str, str], deployed: Mapping[str, str]
) -> dict[str, str | None]:
    """Decide on the value of each parameter: what was given, found out, in the environment, deployed, or the default.

    :param given: what the operator said, by name.
    :param found: what other stacks and the deployed functions tell; empty where there is nothing of it.
    :param deployed: the values that the stack has now.
    :returns: values by name; None keeps the deployed one, and what is left out has the template's default.
    :raises StackFailed: if a value is missing, or one was given for a parameter that does not exist.
    """
    declared: dict[str, dict[str, Any]] = templates.read(part)["Parameters"]
    unknown = sorted(set(given) - set(declared))
    if unknown:
        raise StackFailed(f"The {part} template has no parameter {', '.join(unknown)}; it has {', '.join(declared)}.")
    values: dict[str, str | None] = {}
    missing = []
    for name, declaration in declared.items():
        known = given.get(name) or found.get(name) or os.environ.get(VARIABLES.get(name, ""))
        if known:
            values[name] = known
        elif name in found:
            # Known to be nothing (any more).
            values[name] = found[name]
        elif name in deployed:
            values[name] = None
        elif "Default" not in declaration:
            missing.append(f"  --set {name}=…   {declaration['Description']}")
    if missing:
        raise StackFailed("\n".join(["Values are missing; later runs remember them:", *missing]))
    return values
