"""Tell the worker what to do about an order. Placing it does not depend on that: the sweeper tells again."""

from http import HTTPStatus

from botocore.exceptions import BotoCoreError, ClientError

from cloudcart.errors import StorefrontError


class PublishFailed(StorefrontError):
    """SQS did not take the message."""

    code = "publish-failed"
    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    retry_after_seconds = 30

    def __init__(self) -> None:
        super().__init__("This does not work right now. Please try again in a minute.")


def publish_order(number: str) -> None:
    """Send the task that processes an order: one SendMessage.

    :raises PublishFailed: if SQS cannot be reached or refuses.
    """
    _send("orders.process_order", number)


def publish_link(number: str) -> None:
    """Send the task that mails the link to an order once more: one SendMessage.

    :raises PublishFailed: if SQS cannot be reached or refuses.
    """
    _send("orders.send_link", number)


def _send(task: str, number: str) -> None:
    # Celery costs some 140 ms to import, which pages that publish nothing do not pay.
    from kombu.exceptions import OperationalError

    from cloudcart.celery import app

    try:
        # No retries: the sweeper does them, and better than a shopper who waits.
        app.send_task(task, (number,), retry=False)
    except (OperationalError, BotoCoreError, ClientError) as error:
        raise PublishFailed from error
