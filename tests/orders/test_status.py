import pytest

from orders.status import InvalidTransition, OrderStatus, can_become, check_transition

PENDING, CONFIRMED, CANCELED = OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.CANCELED


@pytest.mark.parametrize(
    ("current", "wanted"),
    [(PENDING, CONFIRMED), (PENDING, CANCELED), (CONFIRMED, CANCELED), (CANCELED, CONFIRMED)],
)
def test_an_order_moves_on(current: OrderStatus, wanted: OrderStatus) -> None:
    assert can_become(current, wanted)


@pytest.mark.parametrize(
    ("current", "wanted"),
    [(CONFIRMED, PENDING), (CONFIRMED, CONFIRMED), (CANCELED, PENDING), (PENDING, PENDING)],
)
def test_an_order_never_becomes_pending_again_nor_what_it_is(current: OrderStatus, wanted: OrderStatus) -> None:
    with pytest.raises(InvalidTransition) as caught:
        check_transition(current, wanted)
    assert caught.value.extra == {"current": current, "wanted": wanted}
    assert str(caught.value) == f"This order is {current}, so it cannot become {wanted}."
