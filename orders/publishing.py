"""Tell the worker what to do about an order. Placing it does not depend on that: the sweeper tells again."""

from dataclasses import asdict

from cloudcart.publishing import publish
from orders.gateway import WebhookEvent


def publish_order(number: str) -> None:
    """Send the task that processes an order: one SendMessage.

    :raises PublishFailed: if SQS cannot be reached or refuses.
    """
    publish("orders.process_order", number=number)


def publish_link(number: str) -> None:
    """Send the task that mails the link to an order once more: one SendMessage.

    :raises PublishFailed: if SQS cannot be reached or refuses.
    """
    publish("orders.send_link", number=number)


def publish_mail(number: str, effect: str) -> None:
    """Send the task that sends one of an order's mails once more: one SendMessage.

    :raises PublishFailed: if SQS cannot be reached or refuses.
    """
    publish("orders.send_mail", number=number, effect=effect)


def publish_payment_event(event: WebhookEvent) -> None:
    """Send the task that looks at a payment of which the provider has told: one SendMessage with ids alone.

    :raises PublishFailed: if SQS cannot be reached or refuses.
    """
    publish("orders.reconcile_payment", **asdict(event))
