"""Whether what the shop cannot do without is within reach (`/readyz`): tables, queue, user pool."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import structlog
import urllib3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from cloudcart.dynamo import StoreModel

logger = structlog.get_logger(__name__)

# Who asks gives up after a few seconds; an answer in time, that something is wrong, is worth more.
_CONFIG = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 1})
_HTTP_TIMEOUT = urllib3.Timeout(connect=1, read=2)

_FAILURES = (BotoCoreError, ClientError, urllib3.exceptions.HTTPError)
_clients: dict[str, Any] = {}
_clients_lock = threading.Lock()


class PoolUnavailable(urllib3.exceptions.HTTPError):
    """Cognito answers, and does not know the pool."""


def check() -> dict[str, str]:
    """Ask tables, queue and user pool at once; gives "ok" or the kind of failure for each, within three seconds.

    Two requests to AWS that are signed, and one to the pool's public keys.
    """
    checks: Mapping[str, Callable[[], object]] = {"tables": _read_tables, "queue": _read_queue, "pool": _read_pool}
    with ThreadPoolExecutor(len(checks)) as pool:
        return dict(zip(checks, pool.map(_outcome, checks, checks.values()), strict=True))


def _outcome(name: str, ask: Callable[[], object]) -> str:
    try:
        ask()
    except _FAILURES as error:
        reason = _reason(error)
        # The answer is for anyone to read and names the kind alone; addresses and ids are for the log.
        logger.warning("readiness.failed", check=name, reason=reason, detail=str(error))
        return reason
    return "ok"


def _reason(error: Exception) -> str:
    code = error.response["Error"].get("Code") if isinstance(error, ClientError) else None
    return code or type(error).__name__


def _read_tables() -> None:
    # Keys that nobody has: one request that fails if a single table is missing.
    keys = {model.Meta.table_name: {"Keys": [_empty_key(model)]} for model in StoreModel.registry}
    _client("dynamodb").batch_get_item(RequestItems=keys)


def _empty_key(model: type[StoreModel]) -> dict[str, dict[str, str]]:
    attributes = model.get_attributes().values()
    keys = [attribute for attribute in attributes if attribute.is_hash_key or attribute.is_range_key]
    return {attribute.attr_name: {attribute.attr_type: "0"} for attribute in keys}


def _read_queue() -> None:
    names: list[Any] = ["ApproximateNumberOfMessages"]
    _client("sqs").get_queue_attributes(QueueUrl=settings.TASK_QUEUE_URL, AttributeNames=names)


def _read_pool() -> None:
    host = settings.AWS_ENDPOINT_URL or f"https://cognito-idp.{settings.AWS_REGION}.amazonaws.com"
    url = f"{host}/{settings.COGNITO_USER_POOL_ID}/.well-known/jwks.json"
    answer = urllib3.request("GET", url, timeout=_HTTP_TIMEOUT, retries=False)
    if answer.status != 200:
        raise PoolUnavailable(f"{url} answers {answer.status}.")


def _client(service: str) -> Any:
    # Building one is not thread-safe.
    with _clients_lock:
        if service not in _clients:
            _clients[service] = boto3.client(service, region_name=settings.AWS_REGION, config=_CONFIG)  # type: ignore[call-overload]
        return _clients[service]
