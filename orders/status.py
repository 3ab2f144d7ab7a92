"""The states of an order, and which may follow which."""

from enum import StrEnum

from cloudcart.errors import StorefrontError


class OrderStatus(StrEnum):
    """Placed and waiting for the worker; taken on; called off."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    CANCELED = "canceled"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    OrderStatus.PENDING: "Being confirmed",
    OrderStatus.CONFIRMED: "Confirmed",
    OrderStatus.CANCELED: "Canceled",
}

_NEXT: dict[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.PENDING: frozenset({OrderStatus.CONFIRMED, OrderStatus.CANCELED}),
    OrderStatus.CONFIRMED: frozenset({OrderStatus.CANCELED}),
    OrderStatus.CANCELED: frozenset(),
}


class InvalidTransition(StorefrontError):
    """An order cannot go from where it stands to where somebody wanted it."""

    code = "invalid-transition"

    def __init__(self, *, current: str, wanted: str) -> None:
        self.current = current
        self.wanted = wanted
        super().__init__(f"This order is {current}, so it cannot become {wanted}.")

    @property
    def extra(self) -> dict[str, str]:
        return {"current": self.current, "wanted": self.wanted}


def can_become(current: str, wanted: OrderStatus) -> bool:
    """Whether an order may go from the one status to the other."""
    return wanted in _NEXT[OrderStatus(current)]


def check_transition(current: str, wanted: OrderStatus) -> None:
    """:raises InvalidTransition: if ``wanted`` cannot follow ``current``."""
    if not can_become(current, wanted):
        raise InvalidTransition(current=current, wanted=wanted)
