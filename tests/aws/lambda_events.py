"""Events as API Gateway, CloudFront and SQS send them to Lambda, built by hand: the embedded AWS has its own ways."""

from collections.abc import Sequence
from typing import Any


class Context:
    """What Lambda passes beside the event."""

    function_name = "cloudcart-app-dev"
    function_version = "7"
    aws_request_id = "5f0c4a9e-2b64-4c0e-9d0a-6a5d0a6c1f11"

    def __init__(self, seconds_left: float = 29) -> None:
        self._seconds_left = seconds_left

    def get_remaining_time_in_millis(self) -> int:
        return int(self._seconds_left * 1000)


API_HOST = "a1b2c3.execute-api.eu-central-1.amazonaws.com"


def http_api_event(
    path: str,
    *,
    method: str = "GET",
    stage: str = "dev",
    host: str = API_HOST,
    body: str | None = None,
    cookies: Sequence[str] = (),
    query: str = "",
    **headers: str,
) -> dict[str, Any]:
    """A request through an HTTP API (payload 2.0) by its own address, where the path begins with the stage."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": f"/{stage}{path}" if stage else path,
        "rawQueryString": query,
        "cookies": list(cookies),
        "headers": _headers(host, headers),
        "requestContext": {
            "stage": stage or "$default",
            "requestId": "Bz3ZsgkwDoEEM0Q=",
            "domainName": host,
            "http": {"method": method, "path": path, "sourceIp": "198.51.100.7"},
        },
        "body": body,
        "isBase64Encoded": False,
    }


def rest_api_event(
    path: str, *, method: str = "GET", stage: str = "dev", host: str = API_HOST, cookies: Sequence[str] = ()
) -> dict[str, Any]:
    """A request through a REST API (payload 1.0), where the path has no stage."""
    headers = {name.title(): value for name, value in _headers(host, {}).items()}
    many = {name: [value] for name, value in headers.items()}
    if cookies:
        headers["Cookie"] = cookies[-1]
        many["Cookie"] = list(cookies)
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": many,
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {"stage": stage, "identity": {"sourceIp": "198.51.100.7"}},
        "body": None,
        "isBase64Encoded": False,
    }


def cloudfront_event(path: str, *, shop_host: str, **more: Any) -> dict[str, Any]:
    """A request that CloudFront passes to the HTTP API: by the API's host and stage, and with the visitor's host."""
    event = http_api_event(path, **more)
    event["headers"] |= {
        "x-forwarded-host": shop_host,
        "x-forwarded-for": "203.0.113.9, 130.176.0.1",
        "via": "2.0 0f.cloudfront.net (CloudFront)",
    }
    return event


def sqs_event(*bodies: str, received: int = 1) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": f"message-{number}",
                "receiptHandle": f"handle-{number}",
                "body": body,
                "attributes": {"ApproximateReceiveCount": str(received)},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:cloudcart-dev-tasks",
            }
            for number, body in enumerate(bodies)
        ]
    }


def _headers(host: str, more: dict[str, str]) -> dict[str, str]:
    given = {name.replace("_", "-"): value for name, value in more.items()}
    return {
        "host": host,
        "x-forwarded-for": "198.51.100.7",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    } | given
