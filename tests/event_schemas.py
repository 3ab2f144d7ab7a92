"""The published schemas of the shop's events."""

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

FOLDERS = [Path("orders/event_schemas"), Path("catalog/event_schemas")]
SCHEMAS: dict[str, Any] = {
    path.stem: json.loads(path.read_text()) for folder in FOLDERS for path in sorted(folder.glob("*.json"))
}


def check(body: dict[str, Any]) -> None:
    """:raises jsonschema.ValidationError: if the event is not as documented."""
    schema = SCHEMAS[f"{body['type']}.{body['version']}"]
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(body)
