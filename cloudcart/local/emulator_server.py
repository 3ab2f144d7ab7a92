"""Serve the embedded AWS (ministack), and keep its state while it runs.

Runs in the emulator's own environment, not in the shop's: ministack, hypercorn and the standard
library are there, and nothing that the shop needs.

ministack by itself writes its state only when it ends in an orderly way.
"""

import asyncio
import copy
import json
import os
import re
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as ministack
from ministack.core.persistence import PERSIST_STATE, STATE_DIR
from ministack.services import dynamodb, lambda_svc

from cloudcart.local.durability import Durability
from cloudcart.local.function_versions import keep_versions_apart

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# Without any one of these the others cannot be trusted: CloudFormation would make empty tables anew.
NEEDED_FILES = {"cloudformation.json", "cognito.json", "dynamodb.json", "s3.json", "sqs.json"}

_CREDENTIAL = re.compile(r"Credential=[^/]+/\d+/[^/]+/([a-z-]+)/aws4_request")
_READS = ("Get", "List", "Describe", "Query", "Scan", "BatchGet", "TransactGet", "Receive")
_ITEM_WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}
_UNCHANGING = {str, int, float, bool, bytes, type(None)}
# The states that a request to a service changes. What is not here is not used by the shop.
_STATES = {
    "cognito-idp": ("cognito",),
    "sqs": ("sqs",),
    "ses": ("ses", "ses_v2"),
    "s3": ("s3",),
    "dynamodb": ("dynamodb",),
    # The stack last: a table that it does not know yet is made again, one that is missing is not.
    "cloudformation": (
        *("dynamodb", "sqs", "s3", "ses", "ses_v2", "cognito", "sns", "eventbridge", "iam", "secretsmanager"),
        *("cloudwatch_logs", "cloudformation"),
    ),
    "sns": ("sns",),
    "events": ("eventbridge",),
    "secretsmanager": ("secretsmanager",),
}


def copy_json(value: Any) -> Any:
    """Copy a value deeply. What is JSON in it takes a part of the time that Python's own `deepcopy` takes."""
    kind = type(value)
    if kind is dict:
        return {name: copy_json(each) for name, each in value.items()}
    if kind is list:
        return [copy_json(each) for each in value]
    return value if kind in _UNCHANGING else copy.deepcopy(value)


def quicken(service: Any) -> None:
    """Have a service of ministack copy quickly: each item several times for each write was a quarter of all it did."""
    service.copy = SimpleNamespace(deepcopy=copy_json)


def changed_states(scope: Scope) -> tuple[str, ...]:
    """Tell which services' saved state a request may have changed; DynamoDB items have a journal."""
    headers = dict(scope["headers"])
    prefix, _, action = headers.get(b"x-amz-target", b"").decode("latin-1").rpartition(".")
    if scope["method"] in {"GET", "HEAD", "OPTIONS"} or action.startswith(_READS) or action in _ITEM_WRITES:
        return ()
    signed = _CREDENTIAL.search(headers.get(b"authorization", b"").decode("latin-1"))
    # Cognito's public calls, like sign-up, carry no signature.
    service = signed[1] if signed else "cognito-idp" if prefix.startswith("AWSCognitoIdentityProvider") else ""
    return _STATES.get(service, ())


def keeping(durability: Durability) -> Application:
    """The embedded AWS, whose answers leave only when what they promise is written."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_when_kept(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                durability.restore()
            elif message["type"] == "http.response.start":
                durability.note(changed_states(scope))
            elif message["type"] == "lifespan.shutdown.complete":
                durability.close()
            await send(message)

        await ministack.app(scope, receive, send_when_kept)

    return application


def check_state(folder: Path) -> None:
    """Refuse to start on a damaged state: ministack would go on with an empty one.

    :raises SystemExit: if a state file cannot be read or is gone, with a sentence that names it.
    """
    advice = "`make reset` starts over with an empty shop."
    found = {path.name for path in folder.glob("*.json")}
    missing = NEEDED_FILES - found if found & NEEDED_FILES else set()
    if missing:
        sys.exit(f"Of the saved state, {folder / min(missing)} is gone. {advice}")
    for name in sorted(found):
        try:
            json.loads((folder / name).read_bytes())
        except (OSError, ValueError) as error:
            sys.exit(f"The saved state {folder / name} cannot be read ({error}). {advice}")


async def main() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    async def wait_for_stop() -> None:
        await stop.wait()

    quicken(dynamodb)
    keep_versions_apart(lambda_svc)
    application: Application = ministack.app
    if PERSIST_STATE:
        durability = Durability(Path(STATE_DIR))
        application = keeping(durability)
        saving = asyncio.create_task(_save_late_ones(durability))
        stop_waiter = asyncio.create_task(wait_for_stop())
        stop_waiter.add_done_callback(lambda _: saving.cancel())
    config = Config()
    config.bind = [f"127.0.0.1:{os.environ['GATEWAY_PORT']}"]
    config.loglevel = "WARNING"
    # Its clients have ended by now; what still hangs is a long poll that nobody waits for.
    config.graceful_timeout = 0.5
    await serve(application, config, shutdown_trigger=wait_for_stop)


async def _save_late_ones(durability: Durability) -> None:
    while True:
        await asyncio.sleep(0.25)
        durability.save_late_ones()


if __name__ == "__main__":
    if PERSIST_STATE:
        check_state(Path(STATE_DIR))
    asyncio.run(main())
