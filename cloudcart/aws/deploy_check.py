"""Whether what was deployed answers, and whether what fails comes back: Zappa looks at neither."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import boto3

from cloudcart.aws import origin_key, origin_secret
from cloudcart.aws.names import Names

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_lambda.type_defs import EventSourceMappingConfigurationTypeDef

EMPTY_BATCH: Mapping[str, Any] = {"Records": []}


class CheckFailed(Exception):
    """The deployment is there, and does not do what it should."""


def check(names: Names, part: str) -> list[str]:
    """Check a deployed function; gives what to tell the operator.

    :param part: "web" or "worker".
    :raises CheckFailed: if it does not answer, or an event source would lose what fails.
    """
    client = boto3.client("lambda")
    if part == "web":
        _check_web(client, names)
        return ["The web function answers."]
    _check_worker(client, names.worker_function)
    count = check_event_sources(client, names.worker_function)
    if count:
        return [f"The worker answers, and its {count} event sources report what fails."]
    stage = names.stage
    command = f"manage.py provision --stage {stage} --part edge"
    return [f"The worker answers. Nothing leads tasks to it yet: `{command}` connects queue, streams and schedules."]


def check_event_sources(client: "LambdaClient", function: str) -> int:
    """Look at every event source mapping of a function; gives how many there are.

    Without ReportBatchItemFailures, Lambda deletes the whole batch when a single message of it failed,
    and none of them is seen again.

    :raises CheckFailed: if one lacks it, or a stream's has no starting position.
    """
    mappings = client.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    problems = [problem for mapping in mappings for problem in _find_problems(mapping)]
    if problems:
        raise CheckFailed("\n".join(["Tasks or changes of the stock would be lost:", *problems]))
    return len(mappings)


def _find_problems(mapping: "EventSourceMappingConfigurationTypeDef") -> list[str]:
    source = mapping.get("EventSourceArn", "")
    position: str | None = mapping.get("StartingPosition")
    problems = []
    if "ReportBatchItemFailures" not in (mapping.get("FunctionResponseTypes") or []):
        problems.append(f"  {source} lacks FunctionResponseTypes: [ReportBatchItemFailures].")
    if ":dynamodb:" in source and position not in {"LATEST", "TRIM_HORIZON"}:
        problems.append(f"  {source} lacks a StartingPosition.")
    return problems


def _check_web(client: "LambdaClient", names: Names) -> None:
    request = _health_request(client.meta.region_name)
    if origin_secret.is_guarded(names):
        request["headers"][origin_key.HEADER] = origin_secret.read_keys(names)[0]
    function = names.web_function
    status = _invoke(client, function, request).get("statusCode")
    if status != 200:
        raise CheckFailed(f"{function} answers {status} to a request for /healthz; `zappa tail` shows its log.")


def _health_request(region: str) -> dict[str, Any]:
    host = f"deploy-check.execute-api.{region}.amazonaws.com"
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/healthz",
        "rawQueryString": "",
        "headers": {"host": host, "x-forwarded-proto": "https", "x-forwarded-for": "127.0.0.1"},
        "requestContext": {"http": {"method": "GET", "path": "/healthz"}, "stage": "$default"},
        "body": None,
        "isBase64Encoded": False,
    }


def _check_worker(client: "LambdaClient", function: str) -> None:
    answer = _invoke(client, function, EMPTY_BATCH)
    if answer != {"batchItemFailures": []}:
        raise CheckFailed(f"{function} answers {answer} to an empty batch.")


def _invoke(client: "LambdaClient", function: str, event: Mapping[str, Any]) -> dict[str, Any]:
    client.get_waiter("function_updated_v2").wait(FunctionName=function)
    answer = client.invoke(FunctionName=function, Payload=json.dumps(event).encode())
    payload: dict[str, Any] = json.loads(answer["Payload"].read() or "{}")
    if answer.get("FunctionError"):
        raise CheckFailed(f"{function} does not start: {payload.get('errorMessage', payload)}")
    return payload
