from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cart import merging, queries, services
from cart.merging import Cap, LeftOut
from cart.models import MAX_MERGED_LINES, MAX_QUANTITY, Cart, Line
from tests.factories import make_product

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SKUS = [f"SKU-{number}" for number in range(12)]

quantities = st.dictionaries(st.sampled_from(SKUS), st.integers(1, MAX_QUANTITY))
stock = st.dictionaries(st.sampled_from(SKUS), st.integers(0, 60))


def make_cart(cart_id: str, lines: dict[str, int]) -> Cart:
    return Cart(
        cart_id,
        lines=[
            Line(sku=sku, product_id="p", quantity=quantity, unit_amount=100, title=sku)
            for sku, quantity in lines.items()
        ],
    )


@given(own=quantities, guest=quantities, available=stock)
def test_every_unit_is_in_the_cart_or_in_the_report(
    own: dict[str, int], guest: dict[str, int], available: dict[str, int]
) -> None:
    cart = make_cart("customer:1", own)
    report = merging.merge_into(cart, make_cart("guest:1", guest), available=available)
    caps = {loss.sku: loss for loss in report.losses if isinstance(loss, Cap)}
    kept = {line.sku: line.quantity for line in cart.lines}
    assert kept.keys() == own.keys() | guest.keys()
    for sku, quantity in kept.items():
        wanted = own.get(sku, 0) + guest.get(sku, 0)
        if sku in caps:
            assert (caps[sku].wanted, caps[sku].kept) == (wanted, quantity)
            assert 1 <= quantity < wanted
            assert quantity in {MAX_QUANTITY, available.get(sku)}
        else:
            assert quantity == wanted
    assert not caps.keys() - guest.keys()


@given(own=quantities, guest=quantities, available=stock)
def test_a_merged_line_asks_for_no_more_than_there_is(
    own: dict[str, int], guest: dict[str, int], available: dict[str, int]
) -> None:
    cart = make_cart("customer:1", own)
    merging.merge_into(cart, make_cart("guest:1", guest), available=available)
    assert all(line.quantity <= (available.get(line.sku) or MAX_QUANTITY) for line in cart.lines if line.sku in guest)
    assert all(line.quantity <= MAX_QUANTITY for line in cart.lines)
