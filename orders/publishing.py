"""Tell the worker of an order. The order does not depend on it: the sweeper tells again."""

from botocore.exceptions import BotoCoreError, ClientError


class PublishFailed(Exception):
    """SQS did not take the message."""


def publish_order(number: str) -> None:
    """Send the task that processes an order: one SendMessage.

    :raises PublishFailed: if SQS cannot be reached or refuses.
    """
    # Celery costs some 140 ms to import, which pages that publish nothing do not pay.
    from kombu.exceptions import OperationalError

    from orders import tasks

    try:
        # The sweeper retries, and better than a shopper who waits.
        tasks.process_order.apply_async((number,), retry=False)
    except (OperationalError, BotoCoreError, ClientError) as error:
        raise PublishFailed(str(error)) from error
