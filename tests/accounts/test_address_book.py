import threading
from datetime import UTC, datetime

import pytest

from accounts import address_book, queries, services
from accounts.address_book import AddressGone
from accounts.models import Customer
from cloudcart.addresses import Address
from cloudcart.errors import EditConflict
from cloudcart.identity import Identity

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def customer() -> Customer:
    return services.record_customer(Identity("sub-1", "dora@example.com", "Dora"), now=NOW)


def test_two_tabs_that_add_an_address_at_once_lose_neither(customer: Customer) -> None:
    numbers = range(4)
    ready = threading.Barrier(len(numbers))

    def add(number: int) -> None:
        ready.wait()
        _add(f"a{number}", f"Street {number}")

    threads = [threading.Thread(target=add, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {saved.address_id for saved in queries.list_addresses("sub-1")} == {"a0", "a1", "a2", "a3"}


def test_a_new_name_does_not_undo_an_address_that_another_tab_adds(customer: Customer) -> None:
    stale = Customer.get("sub-1")
    _add("a1", "Street 1")
    stale.update(actions=[Customer.name.set("Theodora")], add_version_condition=False)
    stored = Customer.get("sub-1")
    assert (stored.name, [saved.address_id for saved in stored.addresses]) == ("Theodora", ["a1"])


def test_changes_that_never_get_their_turn_are_told(customer: Customer) -> None:
    def act_while_a_rival_saves(mine: Customer) -> None:
        rival = Customer.get("sub-1")
        rival.name += "!"
        rival.save()

    with pytest.raises(EditConflict):
        address_book._change("sub-1", act_while_a_rival_saves)


def test_what_was_removed_in_another_tab_is_gone(customer: Customer) -> None:
    _add("a1", "Street 1")
    address_book.remove_address(customer_id="sub-1", address_id="a1")
    with pytest.raises(AddressGone):
        address_book.change_address(customer_id="sub-1", address_id="a1", address=_address("Street 2"))
    with pytest.raises(AddressGone):
        address_book.make_default(customer_id="sub-1", address_id="a1")
    address_book.remove_address(customer_id="sub-1", address_id="a1")
    assert queries.list_addresses("sub-1") == []


def test_a_customer_without_an_item_has_no_addresses() -> None:
    assert queries.list_addresses("nobody") == []
    assert queries.find_address("nobody", "a1") is None


def _add(address_id: str, street: str) -> None:
    address_book.add_address(customer_id="sub-1", address_id=address_id, address=_address(street))


def _address(street: str) -> Address:
    return Address(name="Dora", line1=street, postal_code="10115", city="Berlin", country_code="DE")
