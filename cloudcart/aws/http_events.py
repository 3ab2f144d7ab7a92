"""What Zappa 0.63 gets wrong about requests and answers of API Gateway, put right around it."""

from collections.abc import Mapping
from typing import Any

Event = dict[str, Any]
Answer = dict[str, Any]

_COOKIE = "set-cookie"


def is_http(event: Mapping[str, Any]) -> bool:
    """Whether it is a request: of an HTTP API or a function URL (2.0), or of a REST API (1.0)."""
    if event.get("version") == "2.0":
        return "http" in event.get("requestContext", {})
    return bool(event.get("httpMethod"))


def without_stage_variables(event: Event) -> Event:
    """Take away what Zappa would write into the process's environment, there for every later request."""
    return {name: value for name, value in event.items() if name != "stageVariables"}


def repair(answer: Answer) -> Answer:
    """Give an answer a body where it has none, and every cookie once.

    Zappa sends each Set-Cookie twice, under two spellings of the name, and a null body, on which a
    REST API answers 502.
    """
    if answer.get("body") is None:
        answer["body"] = ""
    if "cookies" in answer:
        answer["cookies"] = list(dict.fromkeys(answer["cookies"]))
    headers = answer.get("multiValueHeaders")
    if headers is not None:
        cookies = [cookie for name, values in headers.items() if name.lower() == _COOKIE for cookie in values]
        answer["multiValueHeaders"] = {name: values for name, values in headers.items() if name.lower() != _COOKIE}
        if cookies:
            answer["multiValueHeaders"][_COOKIE] = list(dict.fromkeys(cookies))
            # A REST API merges both kinds of headers, and would send one of the cookies again.
            answer["headers"] = {
                name: value for name, value in answer.get("headers", {}).items() if name.lower() != _COOKIE
            }
    return answer
