"""The web function on Lambda: Zappa between API Gateway and Django, and nothing but requests.

Commands, schedules and streams are the worker's. Zappa would also run any Python that an event brings
along (`raw_command`), so an event that is no request is refused here, in every stage.
"""

import gc
from typing import Any

from cloudcart.aws import http_events, origin_key
from cloudcart.aws.light_imports import without_boto3

# A cold start only makes objects that stay, some 300,000. Looking through them for garbage, again and again while
# they become more, would be a sixth of it.
gc.disable()

with without_boto3():
    from django.conf import settings
    from django.urls import get_resolver
    from zappa.handler import LambdaHandler

    from cloudcart.aws.lambda_context import invocation


class NoRequest(Exception):
    """The web function was called with something that is no request."""


# At import, which is Lambda's init phase, with more CPU than a request has.
_zappa = LambdaHandler()
_ = get_resolver().url_patterns


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    if not http_events.is_http(event):
        raise NoRequest("The web function answers requests only; see docs/lambda.md for what the worker takes.")
    if not origin_key.is_admitted(event, settings.ORIGIN_KEY_DIGESTS):
        return origin_key.refusal()
    try:
        with invocation(context, "web"):
            answer: dict[str, Any] = _zappa.handler(http_events.without_stage_variables(event), context)
    finally:
        _collect_garbage_from_now_on()
    return http_events.repair(answer)


def _collect_garbage_from_now_on() -> None:
    if not gc.isenabled():
        # What the first answer needed, the next ones do: it is never looked through again.
        gc.freeze()
        gc.enable()
