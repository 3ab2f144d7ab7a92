from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cart.pricing import (
    Gone,
    OnlyLeft,
    PriceChanged,
    PricedLine,
    SoldOut,
    TooManyLines,
    Totals,
    divide_half_up,
    price_line,
    total_up,
)
from catalog.models import Image, Product, Status
from tests.cart.carts import make_line
from tests.factories import build_product

amounts = st.integers(0, 10_000_000)
lines = st.lists(st.tuples(amounts, st.integers(1, 20)), max_size=50)
rates = st.integers(0, 5000)


def price(product: Product | None, *, quantity: int = 1, seen: int = 1200, available: int = 10) -> PricedLine:
    line = make_line("MUG", quantity, unit_amount=seen)
    return price_line(line, product, available=available, currency="EUR")


@pytest.mark.parametrize(
    ("prices_include_tax", "expected"),
    [
        # 19 % of 9600 + 490: 10090 * 19 / 119 = 1611.008…, and 10090 * 0.19 = 1917.1.
        (True, Totals(9600, 490, 1611, 10090, "EUR")),
        (False, Totals(9600, 490, 1917, 12007, "EUR")),
    ],
)
def test_tax_is_extracted_from_inclusive_prices_and_added_to_others(
    *, prices_include_tax: bool, expected: Totals
) -> None:
    totals = total_up(
        [(3600, 2), (2400, 1)],
        shipping_total=490,
        tax_rate_basis_points=1900,
        prices_include_tax=prices_include_tax,
        currency="EUR",
    )
    assert totals == expected


@given(lines=lines, shipping=amounts, rate=rates)
def test_an_inclusive_total_is_what_the_price_tags_say(lines: list[tuple[int, int]], shipping: int, rate: int) -> None:
    totals = total_up(
        lines, shipping_total=shipping, tax_rate_basis_points=rate, prices_include_tax=True, currency="EUR"
    )
    assert totals.subtotal == sum(amount * quantity for amount, quantity in lines)
    assert totals.total == totals.subtotal + shipping
    exact = Fraction(totals.total * rate, 10_000 + rate)
    assert abs(totals.tax_total - exact) <= Fraction(1, 2)


@given(lines=lines, shipping=amounts, rate=rates)
def test_exclusive_tax_comes_on_top_of_goods_and_shipping(
    lines: list[tuple[int, int]], shipping: int, rate: int
) -> None:
    totals = total_up(
        lines, shipping_total=shipping, tax_rate_basis_points=rate, prices_include_tax=False, currency="EUR"
    )
    assert totals.total == totals.subtotal + shipping + totals.tax_total
    assert abs(totals.tax_total - Fraction((totals.subtotal + shipping) * rate, 10_000)) <= Fraction(1, 2)


@given(dividend=st.integers(0, 10**12), divisor=st.integers(1, 20_000))
def test_division_rounds_to_the_nearest_and_a_half_up(dividend: int, divisor: int) -> None:
    rest = Fraction(dividend, divisor) - divide_half_up(dividend, divisor)
    assert Fraction(-1, 2) <= rest < Fraction(1, 2)


def test_a_line_costs_what_the_product_costs_now() -> None:
    line = price(build_product(sku="MUG", price=1400, compare_at=1800), quantity=3)
    assert (line.unit_amount, line.compare_at_amount, line.amount, line.seen_unit_amount) == (1400, 1800, 4200, 1200)
    assert line.problems == [PriceChanged(1200, 1400, "EUR")]
    assert str(line.problems[0]) == "Price changed from €12.00 to €14.00."
    assert line.is_buyable


def test_a_regular_price_that_is_not_higher_is_no_sale() -> None:
    assert price(build_product(sku="MUG", price=1200, compare_at=1200)).compare_at_amount is None


@pytest.mark.parametrize(
    ("available", "problem", "sentence"),
    [
        (0, SoldOut(), "This is sold out."),
        (1, OnlyLeft(1), "Only 1 is left."),
        (2, OnlyLeft(2), "Only 2 are left."),
    ],
)
def test_missing_stock_stops_a_line(available: int, problem: SoldOut | OnlyLeft, sentence: str) -> None:
    line = price(build_product(sku="MUG", price=1200), quantity=3, available=available)
    assert line.problems == [problem]
    assert str(problem) == sentence
    assert not line.is_buyable


@pytest.mark.parametrize(
    "product",
    [
        None,
        build_product(sku="MUG", status=Status.ARCHIVED),
        build_product(sku="MUG", status=Status.DRAFT),
        build_product(sku="CUP"),
    ],
)
def test_a_line_whose_product_is_gone_keeps_its_name_and_price(product: Product | None) -> None:
    line = price(product, quantity=2)
    assert line.problems == [Gone()]
    assert (line.title, line.amount, line.slug, line.image) == ("MUG", 2400, "", None)


@pytest.mark.parametrize(("image_key", "shown"), [("blue", "blue"), (None, "first"), ("missing", "first")])
def test_a_variant_shows_its_own_picture_or_the_first_one(image_key: str | None, shown: str) -> None:
    product = build_product(sku="MUG")
    product.variants[0].image_key = image_key
    product.images = [Image(key=key, widths=[320], width=320, height=400) for key in ("first", "blue")]
    image = price(product).image
    assert image is not None
    assert image.key == shown


def test_a_long_cart_says_how_much_has_to_go() -> None:
    assert str(TooManyLines(53, 50)) == (
        "Your cart has 53 different items, and one order takes 50. Please remove 3 of them."
    )
