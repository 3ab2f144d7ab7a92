"""What happened to an order, read off its item before and after. Pure; docs/events.md describes the events."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from cloudcart.events import DomainEvent
from cloudcart.streams import Image, StreamRecord
from orders.status import FulfillmentStatus, OrderStatus, PaymentStatus, RefundStatus

SOURCE = "orders"


def events_of(record: StreamRecord) -> list[DomainEvent]:
    """Give the events that one change of an order amounts to, in the order in which they make sense."""
    old, new = record.old, record.new
    if new is None:
        return []
    return [*_placed(old, new), *_paid(old, new), *_shipped(old, new), *_canceled(old, new), *_refunded(old, new)]


def _placed(old: Image | None, new: Image) -> Iterator[DomainEvent]:
    if old is not None:
        return
    data = {
        "customer_id": new.get("customer_id"),
        "payment_method": new["payment_method"],
        "shipping_method": new["shipping_method"],
        "subtotal": new["subtotal"],
        "shipping_total": new["shipping_total"],
        "tax_total": new["tax_total"],
        "total": new["total"],
        "lines": [
            {name: line[name] for name in ("sku", "product_id", "quantity", "unit_amount")} for line in new["lines"]
        ],
    }
    yield _event("OrderPlaced", new, data, at=new["placed_at"])


def _paid(old: Image | None, new: Image) -> Iterator[DomainEvent]:
    if _status(new) != PaymentStatus.PAID or (old is not None and _status(old) in _ONCE_PAID):
        return
    data = {"payment_method": new["payment_method"], "total": new["total"], "paid_amount": new.get("paid_amount", 0)}
    yield _event("OrderPaid", new, data, at=new["updated_at"])


def _shipped(old: Image | None, new: Image) -> Iterator[DomainEvent]:
    before = {shipment["shipment_id"] for shipment in (old or {}).get("shipments", [])}
    is_complete = new.get("fulfillment_status") == FulfillmentStatus.SHIPPED
    for shipment in new.get("shipments", []):
        if shipment["shipment_id"] in before:
            continue
        data = {
            "shipment_id": shipment["shipment_id"],
            "carrier": shipment.get("carrier", ""),
            "is_complete": is_complete,
            "lines": _quantities(shipment),
        }
        yield _event("OrderShipped", new, data, at=shipment["shipped_at"], part=shipment["shipment_id"])


def _canceled(old: Image | None, new: Image) -> Iterator[DomainEvent]:
    if new["status"] != OrderStatus.CANCELED or (old is not None and old["status"] == OrderStatus.CANCELED):
        return
    data = {"total": new["total"], "paid_amount": new.get("paid_amount", 0)}
    yield _event("OrderCanceled", new, data, at=new["updated_at"])


def _refunded(old: Image | None, new: Image) -> Iterator[DomainEvent]:
    before = {each["refund_id"] for each in _succeeded(old or {})}
    for refund in _succeeded(new):
        if refund["refund_id"] in before:
            continue
        data = {
            "refund_id": refund["refund_id"],
            "amount": refund["amount"],
            "refunded_amount": new.get("refunded_amount", 0),
            "is_restocked": refund.get("is_restocked", False),
            "lines": _quantities(refund),
        }
        yield _event("OrderRefunded", new, data, at=new["updated_at"], part=refund["refund_id"])


# Money that came in once has been told, whatever became of it since.
_ONCE_PAID = {PaymentStatus.PAID, PaymentStatus.PART_REFUNDED, PaymentStatus.REFUNDED}


def _event(type_: str, order: Image, data: Mapping[str, Any], *, at: str, part: str = "") -> DomainEvent:
    number = order["number"]
    shared = {"order_number": number, "currency": order["currency"]}
    key = f"{number}:{part}" if part else number
    return DomainEvent(SOURCE, type_, 1, key, _time(at), shared | dict(data))


def _status(order: Image) -> str:
    return str(order.get("payment_status", PaymentStatus.DUE))


def _succeeded(order: Image) -> list[Mapping[str, Any]]:
    return [refund for refund in order.get("refunds", []) if refund["status"] == RefundStatus.SUCCEEDED]


def _quantities(part: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"sku": line["sku"], "quantity": line["quantity"]} for line in part.get("lines", [])]


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z").astimezone(UTC)
