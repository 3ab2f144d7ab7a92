import pytest

from cloudcart.address_form import AddressForm
from cloudcart.addresses import Address, country_name, list_countries

PARTS = ("name", "line1", "line2", "postal_code", "city", "region", "country_code", "phone")
BERLIN = ("Ada Lovelace", "Torstrasse 1", "", "10115", "Berlin", "", "DE", "")


def form(*values: str, **changes: str) -> AddressForm:
    return AddressForm(dict(zip(PARTS, values or BERLIN, strict=True)) | changes)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ({}, {"postal_code": "10115", "region": ""}),
        ({"region": "Berlin"}, {"region": ""}),
        ({"country_code": "GB", "postal_code": "sw1a1aa", "city": "London"}, {"postal_code": "SW1A 1AA"}),
        ({"country_code": "GB", "postal_code": "M1 1AE", "city": "Manchester"}, {"postal_code": "M1 1AE"}),
        ({"country_code": "IE", "postal_code": "", "city": "Cork"}, {"postal_code": "", "region": ""}),
        ({"country_code": "IE", "postal_code": "d02af30", "city": "Dublin"}, {"postal_code": "D02 AF30"}),
        ({"country_code": "US", "postal_code": "94043", "region": "california"}, {"region": "CA"}),
        ({"country_code": "US", "postal_code": "940431351", "region": "ca"}, {"postal_code": "94043-1351"}),
        ({"country_code": "JP", "postal_code": "１５４００２３", "region": "Tokyo"}, {"postal_code": "154-0023"}),
        ({"country_code": "JP", "postal_code": "154-0023", "region": "東京都", "city": ""}, {"region": "東京都"}),
        ({"country_code": "CH", "postal_code": "CH-8001"}, {"postal_code": "8001"}),
        ({"country_code": "PL", "postal_code": "00950"}, {"postal_code": "00-950"}),
        ({"name": "  Ada \n Lovelace "}, {"name": "Ada Lovelace"}),
        ({"phone": "+49 (30) 123-456"}, {"phone": "+49 (30) 123-456"}),
    ],
)
def test_an_address_is_taken_as_its_country_writes_it(typed: dict[str, str], stored: dict[str, str]) -> None:
    address = form(**typed)
    assert address.errors == {}
    assert {name: getattr(address.address, name) for name in stored} == stored


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"name": " "}, "name", "Enter the full name of the person or company it goes to."),
        ({"line1": ""}, "line1", "Enter a street and house number."),
        ({"line1": "x" * 101}, "line1", "Shorten this to 100 characters."),
        ({"postal_code": ""}, "postal_code", "Enter a postal code, like 26133."),
        ({"postal_code": "1011"}, "postal_code", "Enter a postal code, like 26133."),
        ({"city": ""}, "city", "Enter a city."),
        ({"country_code": ""}, "country_code", "Choose a country."),
        ({"country_code": "KP"}, "country_code", "Choose a country from the list. We do not ship anywhere else yet."),
        ({"country_code": "IE", "postal_code": "12"}, "postal_code", "Enter an Eircode, like A65 F4E2."),
        ({"country_code": "GB", "city": ""}, "city", "Enter a town or city."),
        ({"country_code": "US", "region": ""}, "region", "Enter a state, like Alabama."),
        ({"country_code": "US", "region": "Bavaria"}, "region", "Enter a state, like Alabama."),
        (
            {"country_code": "US", "postal_code": "94043", "region": "NY"},
            "postal_code",
            "Enter a ZIP code of New York, like 10000.",
        ),
        ({"country_code": "JP", "postal_code": "154-0023"}, "region", "Enter a prefecture, like Hokkaido."),
        ({"phone": "call me"}, "phone", "Enter a phone number like +49 30 123456, or leave it empty."),
    ],
)
def test_a_wrong_part_is_named_with_an_example(typed: dict[str, str], field: str, sentence: str) -> None:
    assert form(**typed).errors[field] == [sentence]


def test_a_country_without_a_field_is_not_asked_for_it() -> None:
    assert not form().asks_for_region
    assert form(country_code="US").asks_for_region
    assert form(country_code="US").fields["postal_code"].label == "ZIP code"
    assert not form(country_code="IE").fields["postal_code"].required


def test_every_country_of_the_shop_has_a_form_and_a_name() -> None:
    countries = list_countries()
    assert len(countries) == 22
    assert [name for _, name in countries] == sorted(name for _, name in countries)
    assert all(form(country_code=code).fields["city"].label for code, _ in countries)
    assert country_name("JP") == "Japan"


def test_a_stored_address_fills_the_form_and_comes_back_the_same() -> None:
    first = form()
    assert first.is_valid()
    initial = AddressForm.initial_of(first.address)
    again = AddressForm(initial)
    assert again.is_valid()
    assert AddressForm.initial_of(again.address) == initial
    assert AddressForm(initial=initial)["line1"].value() == "Torstrasse 1"
    assert AddressForm.initial_of(Address()) == {}


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({}, ["Ada Lovelace", "Torstrasse 1", "10115 Berlin", "Germany"]),
        (
            {"country_code": "US", "postal_code": "94043", "city": "Mountain View", "region": "CA", "line2": "Floor 2"},
            ["Ada Lovelace", "Torstrasse 1", "Floor 2", "Mountain View, CA 94043", "United States"],
        ),
        (
            {"country_code": "GB", "postal_code": "SW1A 1AA", "city": "London"},
            ["Ada Lovelace", "Torstrasse 1", "London", "SW1A 1AA", "United Kingdom"],
        ),
        (
            {"country_code": "IE", "postal_code": "", "city": "Cork"},
            ["Ada Lovelace", "Torstrasse 1", "Cork", "Ireland"],
        ),
        (
            {"country_code": "CH", "postal_code": "8001", "city": "Zürich"},
            ["Ada Lovelace", "Torstrasse 1", "CH-8001 Zürich", "Switzerland"],
        ),
        (
            {"country_code": "JP", "postal_code": "154-0023", "region": "Tokyo", "city": "Setagaya"},
            ["Ada Lovelace", "Torstrasse 1", "Setagaya, Tokyo", "154-0023", "Japan"],
        ),
    ],
)
def test_an_address_is_written_in_the_order_of_its_country(changes: dict[str, str], lines: list[str]) -> None:
    filled = form(**changes)
    assert filled.errors == {}
    assert filled.address.as_lines == lines


def test_an_address_in_its_own_script_keeps_the_order_of_that_script() -> None:
    address = Address(line1="1-2-3", city="世田谷区", region="東京都", postal_code="154-0023", country_code="JP")
    assert address.as_lines == ["〒154-0023", "東京都", "1-2-3", "世田谷区", "Japan"]


def test_no_address_has_no_lines() -> None:
    assert Address().as_lines == []
