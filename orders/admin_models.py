"""Orders as the admin lists them (docs/dynamo-admin.md)."""

from django.db import models

from cloudcart.dynamo_admin.models import DynamoModel
from orders.models import Order as OrderItem
from orders.status import FulfillmentStatus, OrderStatus, PaymentStatus


class Order(DynamoModel):
    """An order; nothing of it is edited as a form, its page has acts instead."""

    number = models.CharField("number", primary_key=True, max_length=20, editable=False)
    status = models.CharField(max_length=20, choices=[(each.value, each.label) for each in OrderStatus])
    placed_at = models.DateTimeField("placed")
    buyer_name = models.CharField("buyer", max_length=200)
    email = models.CharField("e-mail", max_length=254)
    email_key = models.CharField(max_length=254)
    payment_status = models.CharField(
        "payment", max_length=20, choices=[(each.value, each.label) for each in PaymentStatus]
    )
    fulfillment_status = models.CharField(
        "shipping", max_length=20, choices=[(each.value, each.label) for each in FulfillmentStatus]
    )
    total = models.IntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        managed = False
        app_label = "orders"
        ordering = ["-placed_at"]

    class Dynamo:
        item = OrderItem
        partitions = {"kind": "order"}

    def __str__(self) -> str:
        return str(self.number)
