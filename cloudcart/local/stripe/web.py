"""HTTP in the fewest words: a request, an answer, and which function answers which path."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs


@dataclass(frozen=True)
class Request:
    """A request; ``query`` and ``body`` are as they came."""

    method: str
    path: str
    query: str
    body: str
    headers: Mapping[str, str]

    @classmethod
    def from_environ(cls, environ: Mapping[str, Any]) -> "Request":
        length = int(environ.get("CONTENT_LENGTH") or 0)
        headers = {
            name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")
        }
        return cls(
            method=environ["REQUEST_METHOD"],
            path=environ["PATH_INFO"],
            query=environ.get("QUERY_STRING", ""),
            body=environ["wsgi.input"].read(length).decode() if length else "",
            headers=headers,
        )

    @property
    def form(self) -> dict[str, str]:
        """The fields of a posted form, the last of each name."""
        return {name: values[-1] for name, values in parse_qs(self.body).items()}

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of the address, the last of each name."""
        return {name: values[-1] for name, values in parse_qs(self.query).items()}

    @property
    def json(self) -> dict[str, Any]:
        """:raises ValueError: if the body is no JSON object."""
        value = json.loads(self.body or "{}")
        if not isinstance(value, dict):
            raise ValueError("The body has to be a JSON object.")  # noqa: TRY004 - it is the text that is wrong
        return value


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_json(cls, value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> "Answer":
        return cls(status, json.dumps(value).encode(), {"Content-Type": "application/json", **(headers or {})})

    @classmethod
    def redirect(cls, location: str) -> "Answer":
        return cls(303, b"", {"Location": location})


Handler = Callable[..., Any]


class Routes:
    """Paths with ``{names}`` in them, and the functions that answer."""

    def __init__(self, routes: Sequence[tuple[str, str, Handler]]) -> None:
        self._routes = [
            (method, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + r"\Z"), handler)
            for method, path, handler in routes
        ]

    def find(self, request: Request) -> tuple[Handler, dict[str, str]] | None:
        for method, pattern, handler in self._routes:
            found = pattern.match(request.path)
            if found and method == request.method:
                return handler, found.groupdict()
        return None
