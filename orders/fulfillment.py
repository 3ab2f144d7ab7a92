"""Send what was ordered, whole or in parcels, and tell the shopper of each."""

from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

import structlog

from cloudcart.errors import StorefrontError
from orders import carriers, publishing, queries, services
from orders.models import Order, Shipment, ShipmentLine
from orders.reconcile import publish_if_due
from orders.status import FulfillmentStatus, OrderStatus, PaymentStatus

logger = structlog.get_logger(__name__)


class CannotShip(StorefrontError):
    """The order's goods may not leave the shop as it stands."""

    code = "cannot-ship"

    def __init__(self, order: Order) -> None:
        super().__init__(f"Order {order.number} cannot be shipped: {_obstacle(order)}.")


class NothingToShip(StorefrontError):
    """The parcel would be empty: no units were chosen, or none are left."""

    code = "nothing-to-ship"
    status_code = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self) -> None:
        super().__init__("There is nothing in this parcel. Choose how many units of which items go into it.")


class TooManyToShip(StorefrontError):
    """A parcel would hold more units of a line than are still to be sent."""

    code = "too-many-to-ship"
    status_code = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, title: str, *, left: int) -> None:
        self.title, self.left = title, left
        super().__init__(f"Of {title}, only {left} {'is' if left == 1 else 'are'} still to be sent.")

    @property
    def extra(self) -> dict[str, Any]:
        return {"title": self.title, "left": self.left}


class UnknownCarrier(StorefrontError):
    """No carrier has this code."""

    code = "unknown-carrier"
    status_code = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self) -> None:
        super().__init__("Choose one of the carriers in the list.")


def unshipped_quantities(order: Order) -> dict[str, int]:
    """Units by SKU that are still to be sent: bought, not sent, and not paid back without having been sent."""
    shipped, canceled, returned = order.shipped_quantities, order.canceled_quantities, order.returned_quantities
    return {
        line.sku: max(0, line.quantity - shipped[line.sku] - max(0, canceled[line.sku] - returned[line.sku]))
        for line in order.lines
    }


def ship_order(
    *,
    number: str,
    shipment_id: str,
    carrier: str,
    tracking_number: str = "",
    lines: Mapping[str, int] | None = None,
    now: datetime,
    publish: Callable[[str], None] = publishing.publish_order,
) -> Shipment:
    """Note that a parcel left, and have its tracking mailed: one read, one conditional write, one SQS message.

    The same id again gives the parcel that there is, so that a form sent twice ships once.

    :param shipment_id: made at the edge, once for each parcel.
    :param carrier: a code of `orders.carriers`.
    :param lines: units by SKU; everything that is still to be sent if left out.
    :raises OrderNotFound: if there is no such order.
    :raises CannotShip: if the order is not confirmed, not paid, or disputed.
    :raises NothingToShip: if the parcel would be empty.
    :raises TooManyToShip: if fewer units are still to be sent.
    :raises UnknownCarrier: if there is no such carrier.
    :raises EditConflict: if others kept changing the order.
    """
    chosen = carriers.find_carrier(carrier)
    if chosen is None:
        raise UnknownCarrier
    order = queries.get_order(number)

    def ship(order: Order) -> bool:
        if order.find_shipment(shipment_id) is not None:
            return False
        shipment = Shipment(
            shipment_id=shipment_id,
            lines=_pack(order, lines),
            carrier=chosen.code,
            tracking_number=tracking_number,
            tracking_url=chosen.tracking_url(tracking_number),
            shipped_at=now,
        )
        _add(order, shipment, carrier_name=chosen.name, now=now)
        return True

    if services.change_order(order, ship):
        logger.info("order.shipped", number=number, shipment_id=shipment_id, status=order.fulfillment_status)
        publish_if_due(order, publish)
    shipped = order.find_shipment(shipment_id)
    assert shipped is not None  # noqa: S101 (it was there or was just added)
    return shipped


def add_note(*, number: str, text: str, author: str, now: datetime) -> None:
    """Write a note of the staff into an order's timeline, which shoppers do not see: one read, one write.

    :raises OrderNotFound: if there is no such order.
    """

    def note(order: Order) -> bool:
        order.note("note", now=now, note=f"{author}: {text}")
        return True

    services.change_order(queries.get_order(number), note)


def _pack(order: Order, lines: Mapping[str, int] | None) -> list[ShipmentLine]:
    if not order.can_ship:
        raise CannotShip(order)
    left = unshipped_quantities(order)
    wanted = left if lines is None else lines
    packed = {sku: quantity for sku, quantity in wanted.items() if quantity > 0}
    if not packed:
        raise NothingToShip
    for sku, quantity in packed.items():
        if quantity > left.get(sku, 0):
            line = order.find_line(sku)
            raise TooManyToShip(line.name if line else sku, left=left.get(sku, 0))
    return [ShipmentLine(sku=sku, quantity=quantity) for sku, quantity in packed.items()]


def _add(order: Order, shipment: Shipment, *, carrier_name: str, now: datetime) -> None:
    order.shipments.append(shipment)
    is_all = not any(unshipped_quantities(order).values())
    order.fulfillment_status = FulfillmentStatus.SHIPPED if is_all else FulfillmentStatus.PART_SHIPPED
    order.note(
        "shipped" if is_all else "part_shipped", now=now, note=f"{carrier_name} {shipment.tracking_number}".strip()
    )
    order.owe(f"shipment_mail:{shipment.shipment_id}", now=now)


def _obstacle(order: Order) -> str:
    if order.is_canceled:
        return "it was canceled"
    if order.status == OrderStatus.PENDING:
        return "it is not confirmed yet"
    if order.is_disputed:
        return "its payment is disputed"
    return f"its payment is not there ({PaymentStatus(order.payment_status).label.lower()})"
