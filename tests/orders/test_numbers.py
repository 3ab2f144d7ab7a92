from hypothesis import given
from hypothesis import strategies as st

from orders.numbers import _UNWANTED, new_number, parse_number


def test_a_number_is_two_words_and_two_digits() -> None:
    number = new_number()
    assert len(number) == 14
    assert parse_number(number) == number


def test_numbers_do_not_repeat_and_hold_no_unwanted_word() -> None:
    numbers = [new_number() for _ in range(5_000)]
    assert len(set(numbers)) == 5_000
    assert not any(_UNWANTED.search(word) for number in numbers for word in number.split("-"))


@given(st.builds(new_number), st.sampled_from(["-", " ", "", " - ", ". "]), st.booleans())
def test_a_number_is_read_however_it_is_typed(number: str, separator: str, is_lower: bool) -> None:
    typed = number.replace("-", separator)
    assert parse_number(typed.lower() if is_lower else typed) == number


def test_letters_and_digits_that_look_alike_are_told_apart_by_their_place() -> None:
    assert parse_number("D0NAK-M1LUS-O7") == "DONAK-MILUS-07"


@given(st.text(max_size=30))
def test_other_texts_are_no_numbers(text: str) -> None:
    number = parse_number(text)
    assert number is None or parse_number(number) == number


def test_too_much_and_too_little_is_no_number() -> None:
    assert parse_number("LUSAB-MODIK") is None
    assert parse_number("LUSAB-MODIK-470") is None
    assert parse_number("LUSAB-MODQK-47") is None
