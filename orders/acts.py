"""What a shopper can do about an order now, as its page offers it."""

from dataclasses import dataclass
from datetime import datetime

from orders import cancellation, links, returns
from orders.models import Order
from orders.status import PaymentStatus


@dataclass(frozen=True)
class Acts:
    """Addresses of what can be done; an empty one is not offered. ``hold_until``: when an unpaid order is given up."""

    pay_url: str = ""
    cancel_url: str = ""
    refill_url: str = ""
    return_url: str = ""
    hold_until: datetime | None = None
    gives_money_back: bool = False

    @property
    def are_any(self) -> bool:
        return any((self.pay_url, self.cancel_url, self.refill_url, self.return_url))


def list_acts(order: Order, *, now: datetime) -> Acts:
    """Say what the order's page offers to its buyer."""

    def url(name: str, *, if_: bool) -> str:
        return links.path_to(order, f"orders:{name}") if if_ else ""

    return Acts(
        pay_url=url("payment", if_=order.is_payable),
        cancel_url=url("cancellation-create", if_=cancellation.can_cancel(order)),
        refill_url=url("cart-refill", if_=order.is_canceled),
        return_url=url("return-create", if_=returns.can_ask(order, now=now)),
        hold_until=order.hold_until if order.is_payable else None,
        gives_money_back=order.payment_status in {PaymentStatus.PAID, PaymentStatus.PART_REFUNDED},
    )
