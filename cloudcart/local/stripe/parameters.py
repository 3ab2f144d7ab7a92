"""Read the parameters of a request as Stripe does: nested by brackets, each known by name, none ignored."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cloudcart.local.stripe.problems import StripeProblem

Parser = Callable[[Any, str], Any]

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def unfold(encoded: str) -> dict[str, Any]:
    """Turn ``a[b][0]=c`` into ``{"a": {"b": ["c"]}}``."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        head, *rest = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", name) or [name]
        branch, key = tree, head
        for step in rest:
            branch = branch.setdefault(key, {})
            if not isinstance(branch, dict):
                raise StripeProblem(f"Invalid parameter: {name}", code="parameter_invalid", param=name)
            key = step or str(len(branch))
        branch[key] = value
    return {name: _with_lists(value) for name, value in tree.items()}


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    items = {key: _with_lists(item) for key, item in value.items()}
    if items and all(key.isdecimal() for key in items):
        return [items[key] for key in sorted(items, key=int)]
    return items


def text(value: Any, param: str) -> str:
    if not isinstance(value, str):
        raise StripeProblem("Invalid string", code="parameter_invalid_string", param=param)
    if not value:
        raise StripeProblem(f"You passed an empty string for '{param}'.", code="parameter_invalid_empty", param=param)
    return value


def integer(value: Any, param: str) -> int:
    if not isinstance(value, str) or not re.fullmatch(r"-?\d{1,15}", value):
        raise StripeProblem(f"Invalid integer: {value}", code="parameter_invalid_integer", param=param)
    return int(value)


def flag(value: Any, param: str) -> bool:
    if value not in {"true", "false"}:
        raise StripeProblem(f"Invalid boolean: {value}", param=param)
    return bool(value == "true")


def email(value: Any, param: str) -> str:
    if not _EMAIL.fullmatch(text(value, param)):
        raise StripeProblem(f"Invalid email address: {value}", code="email_invalid", param=param)
    return str(value)


def url(value: Any, param: str) -> str:
    parts = urlsplit(text(value, param))
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise StripeProblem("Not a valid URL", code="url_invalid", param=param)
    return str(value)


def currency(value: Any, param: str) -> str:
    code = text(value, param).lower()
    if not re.fullmatch("[a-z]{3}", code):
        raise StripeProblem(f"Invalid currency: {code}.", param=param)
    return code


def one_of(*choices: str) -> Parser:
    def parse(value: Any, param: str) -> str:
        if value not in choices:
            raise StripeProblem(f"Invalid {param}: must be one of {', '.join(choices)}", param=param)
        return str(value)

    return parse


def list_of(parser: Parser, *, most: int = 100) -> Parser:
    def parse(value: Any, param: str) -> list[Any]:
        if not isinstance(value, list):
            raise StripeProblem("Invalid array", param=param)
        if len(value) > most:
            raise StripeProblem(f"Array {param} exceeded maximum {most} allowed elements.", param=param)
        return [parser(item, f"{param}[{index}]") for index, item in enumerate(value)]

    return parse


def metadata(value: Any, param: str) -> dict[str, str]:
    if not isinstance(value, dict) or len(value) > 50:
        raise StripeProblem("Metadata is a hash of 50 keys at most.", param=param)
    for key, item in value.items():
        if len(key) > 40 or not isinstance(item, str) or len(item) > 500:
            raise StripeProblem(
                "Metadata has keys of 40 and values of 500 characters at most.", param=f"{param}[{key}]"
            )
    return value


class Fields:
    """A hash of named parameters: whatever is not named is refused, whatever is required must be there."""

    def __init__(self, parsers: Mapping[str, Parser], *, required: tuple[str, ...] = ()) -> None:
        self._parsers, self._required = parsers, required

    def __call__(self, value: Any, param: str = "") -> dict[str, Any]:
        if not isinstance(value, dict):
            raise StripeProblem("Invalid object", param=param)
        for name in value:
            if name not in self._parsers:
                full = _within(param, name)
                raise StripeProblem(f"Received unknown parameter: {full}", code="parameter_unknown", param=full)
        for name in self._required:
            if name not in value:
                full = _within(param, name)
                raise StripeProblem(f"Missing required param: {full}.", code="parameter_missing", param=full)
        return {name: self._parsers[name](item, _within(param, name)) for name, item in value.items()}


def _within(param: str, name: str) -> str:
    return f"{param}[{name}]" if param else name
