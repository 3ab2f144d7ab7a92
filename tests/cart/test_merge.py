from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cart import merging, services
from cart.merging import Cap, LeftOut, MergeReport
from cart.models import MAX_LINES, MAX_MERGED_LINES, Cart, CheckoutDetails
from catalog.models import Stock
from catalog.offers import MAX_QUANTITY
from cloudcart.addresses import Address
from tests.cart.carts import fill, make_line, save_long_cart, units
from tests.clock import NOW
from tests.factories import make_product

SKUS = [f"SKU-{number}" for number in range(12)]

quantities = st.dictionaries(st.sampled_from(SKUS), st.integers(1, MAX_QUANTITY))
stock = st.dictionaries(st.sampled_from(SKUS), st.integers(0, 60))


def make_cart(lines: dict[str, int]) -> Cart:
    return Cart("in memory", lines=[make_line(sku, quantity) for sku, quantity in lines.items()])


def merge() -> MergeReport:
    return services.merge_carts(guest_cart_id="guest:1", customer_cart_id="customer:1", now=NOW)


def add_as_guest() -> Cart:
    return services.add_item(cart_id="guest:1", sku="MUG", quantity=1, now=NOW)


@given(own=quantities, guest=quantities, available=stock)
def test_every_unit_is_in_the_cart_or_in_the_report(
    own: dict[str, int], guest: dict[str, int], available: dict[str, int]
) -> None:
    cart = make_cart(own)
    report = merging.merge_into(cart, make_cart(guest), available=available)
    lost = {loss.sku: loss.wanted - loss.kept for loss in report.losses if isinstance(loss, Cap)}
    assert len(lost) == len(report.losses)
    wanted = {sku: own.get(sku, 0) + guest.get(sku, 0) for sku in own | guest}
    assert {sku: quantity + lost.get(sku, 0) for sku, quantity in units(cart).items()} == wanted
    assert all(units(cart).values())


@given(own=quantities, guest=quantities, available=stock)
def test_units_are_only_lost_to_a_limit(own: dict[str, int], guest: dict[str, int], available: dict[str, int]) -> None:
    cart = make_cart(own)
    report = merging.merge_into(cart, make_cart(guest), available=available)
    caps = [loss for loss in report.losses if isinstance(loss, Cap)]
    assert all(cap.kept == min(MAX_QUANTITY, available.get(cap.sku) or MAX_QUANTITY) < cap.wanted for cap in caps)
    assert {cap.sku for cap in caps} <= guest.keys()
    assert all(
        quantity <= (available.get(sku) or MAX_QUANTITY) for sku, quantity in units(cart).items() if sku in guest
    )


@given(own=quantities, guest=quantities)
def test_the_lines_that_waited_come_first_and_the_new_ones_after_them(
    own: dict[str, int], guest: dict[str, int]
) -> None:
    cart = make_cart(own)
    merging.merge_into(cart, make_cart(guest), available={})
    assert list(units(cart)) == [*own, *(sku for sku in guest if sku not in own)]


def test_a_cap_says_why() -> None:
    assert str(Cap("MUG", "Blue mug", 5, 3, 3)) == "Blue mug: we kept 3 of 5, because only 3 are left."
    assert str(Cap("MUG", "Blue mug", 5, 1, 1)) == "Blue mug: we kept 1 of 5, because only 1 is left."
    assert str(Cap("MUG", "Blue mug", 24, 20, 90)) == "Blue mug: we kept 20 of 24, because one order takes at most 20."


def test_what_is_sold_out_keeps_its_quantity_because_there_is_nothing_to_cap_it_to() -> None:
    cart = make_cart({"MUG": 2})
    report = merging.merge_into(cart, make_cart({"MUG": 3}), available={"MUG": 0})
    assert units(cart) == {"MUG": 5}
    assert report.losses == ()


def test_a_merge_may_exceed_what_one_order_takes_but_not_without_end() -> None:
    cart = make_cart({f"OWN-{number}": 1 for number in range(MAX_MERGED_LINES - 1)})
    report = merging.merge_into(cart, make_cart({"LAST": 2, "TOO-MUCH": 3, "OWN-1": 4}), available={})
    assert len(cart.lines) == MAX_MERGED_LINES
    assert report.losses == (LeftOut("TOO-MUCH", "TOO-MUCH", 3),)
    assert str(report.losses[0]) == "TOO-MUCH: we could not bring 3 over, because your cart is full."
    assert (units(cart)["LAST"], units(cart)["OWN-1"]) == (2, 5)


def test_the_price_that_was_seen_last_is_the_one_to_compare_with() -> None:
    cart = Cart("in memory", lines=[make_line("MUG", unit_amount=1200)])
    guest = Cart("in memory", lines=[make_line("MUG", unit_amount=1400)])
    merging.merge_into(cart, guest, available={"MUG": 9})
    assert cart.lines[0].unit_amount == 1400


def test_checkout_details_fill_only_gaps_and_an_address_comes_whole() -> None:
    own = Cart("a", checkout=CheckoutDetails(email="alice@example.com", shipping_address=Address(city="Bonn")))
    guest = Cart(
        "b",
        checkout=CheckoutDetails(
            email="other@example.com",
            shipping_method="express",
            payment_method="invoice",
            shipping_address=Address(line1="Am Markt 1", postal_code="50667"),
        ),
    )
    merging.merge_into(own, guest, available={})
    details = own.checkout
    assert (details.email, details.shipping_method, details.payment_method) == (
        "alice@example.com",
        "express",
        "invoice",
    )
    assert (details.shipping_address.line1, details.shipping_address.city) == ("Am Markt 1", "")
    second = Cart("c", checkout=CheckoutDetails(shipping_address=Address(line1="Elsewhere 2")))
    merging.merge_into(own, second, available={})
    assert own.checkout.shipping_address.line1 == "Am Markt 1"


def test_carts_are_summed_and_the_guests_is_gone() -> None:
    for sku in ("MUG", "CUP", "JUG"):
        make_product(sku=sku)
    fill("customer:1", {"MUG": 1, "CUP": 2}, now=NOW)
    fill("guest:1", {"CUP": 3, "JUG": 4}, now=NOW)
    report = merge()
    assert units(Cart.get("customer:1")) == {"MUG": 1, "CUP": 5, "JUG": 4}
    assert (report.units_brought, report.units_waiting, report.losses) == (7, 3, ())
    assert Cart.count("guest:1") == 0


def test_a_customer_without_a_cart_gets_the_guests() -> None:
    make_product(sku="MUG")
    fill("guest:1", {"MUG": 4}, now=NOW)
    assert not merge().has_joined
    assert units(Cart.get("customer:1")) == {"MUG": 4}


def test_the_stock_of_the_moment_caps_and_the_report_says_so() -> None:
    make_product(title="Blue mug", sku="MUG", stock=10)
    fill("customer:1", {"MUG": 2}, now=NOW)
    fill("guest:1", {"MUG": 3}, now=NOW)
    Stock.get("MUG").update([Stock.available.set(3)])
    assert merge().losses == (Cap("MUG", "Blue mug", 5, 3, 3),)
    assert units(Cart.get("customer:1")) == {"MUG": 3}


def test_merging_again_adds_nothing_again() -> None:
    make_product(sku="MUG")
    fill("customer:1", {"MUG": 1}, now=NOW)
    fill("guest:1", {"MUG": 2}, now=NOW)
    merge()
    again = merge()
    assert (again.units_brought, again.cart.unit_count) == (0, 3)
    assert units(Cart.get("customer:1")) == {"MUG": 3}


def test_several_merges_at_once_bring_the_units_over_once() -> None:
    make_product(sku="MUG", stock=100)
    fill("customer:1", {"MUG": 1}, now=NOW)
    fill("guest:1", {"MUG": 5}, now=NOW)
    with ThreadPoolExecutor(4) as pool:
        reports = [future.result() for future in [pool.submit(merge) for _ in range(4)]]
    assert sorted(report.units_brought for report in reports) == [0, 0, 0, 5]
    assert units(Cart.get("customer:1")) == {"MUG": 6}


@pytest.mark.parametrize("attempt", range(5))
def test_a_tab_that_still_adds_as_a_guest_while_the_carts_merge_loses_nothing(attempt: int) -> None:
    make_product(sku="MUG", stock=100)
    fill("guest:1", {"MUG": 1}, now=NOW)
    with ThreadPoolExecutor(2) as pool:
        adding = pool.submit(lambda: [add_as_guest() for _ in range(6)])
        merges = pool.submit(lambda: [merge() for _ in range(3)])
        assert len(adding.result()) + len(merges.result()) == 9
    merge()
    assert units(Cart.get("customer:1")) == {"MUG": 7}


def test_two_full_carts_become_one_that_explains_itself() -> None:
    save_long_cart("guest:1", MAX_LINES, now=NOW, prefix="GUEST")
    save_long_cart("customer:1", MAX_LINES, now=NOW, prefix="OWN")
    assert merge().losses == ()
    assert len(Cart.get("customer:1").lines) == 2 * MAX_LINES
