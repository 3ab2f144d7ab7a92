"""Tell the worker what to do. A shopper waits meanwhile, so what does not work is given up soon."""

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


def publish(task: str, **arguments: str) -> None:
    """Send a task, by the name that it is registered under: one SendMessage, and no second try.

    :raises PublishFailed: if SQS cannot be reached or refuses.
    """
    # Celery costs some 140 ms to import, which pages that publish nothing do not pay.
    from kombu.exceptions import OperationalError

    from cloudcart.celery import app

    try:
        app.send_task(task, kwargs=arguments, retry=False)
    except (OperationalError, BotoCoreError, ClientError) as error:
        raise PublishFailed from error
