"""The address book of a customer: a list within their one item, the default first."""

from collections.abc import Callable
from http import HTTPStatus

from pynamodb.exceptions import PutError

from accounts.errors import AccountError
from accounts.models import Customer, SavedAddress
from cloudcart.addresses import Address
from cloudcart.dynamo import is_condition_failure
from cloudcart.errors import EditConflict

# More than anybody needs, and far from the 400 kB that an item of DynamoDB may have.
ADDRESS_LIMIT = 20

_ATTEMPTS = 6


class AddressBookFull(AccountError):
    code = "address-book-full"
    status_code = HTTPStatus.CONFLICT
    sentence = f"Your address book is full: it has {ADDRESS_LIMIT} addresses. Remove one before you add another."


class AddressGone(AccountError):
    """There is no such address, or no longer, in this customer's book."""

    code = "address-gone"
    status_code = HTTPStatus.NOT_FOUND
    sentence = "This address is not in your address book any more."


def add_address(*, customer_id: str, address_id: str, address: Address) -> None:
    """Append an address; the first one is the default. An address that is in the book already is not doubled.

    :raises AddressBookFull: if there are 20.
    :raises EditConflict: if other changes keep coming first.
    """

    def add(customer: Customer) -> None:
        if any(_is_same(saved.address, address) for saved in customer.addresses):
            return
        if len(customer.addresses) >= ADDRESS_LIMIT:
            raise AddressBookFull
        customer.addresses.append(SavedAddress(address_id=address_id, address=address))

    _change(customer_id, add)


def change_address(*, customer_id: str, address_id: str, address: Address) -> None:
    """Replace an address in its place.

    :raises AddressGone: if it is not in this customer's book.
    :raises EditConflict: if other changes keep coming first.
    """

    def change(customer: Customer) -> None:
        _get(customer, address_id).address = address

    _change(customer_id, change)


def remove_address(*, customer_id: str, address_id: str) -> None:
    """Take an address out; one that is gone already is no mistake.

    :raises EditConflict: if other changes keep coming first.
    """

    def remove(customer: Customer) -> None:
        customer.addresses = [saved for saved in customer.addresses if saved.address_id != address_id]

    _change(customer_id, remove)


def make_default(*, customer_id: str, address_id: str) -> None:
    """Move an address to the front.

    :raises AddressGone: if it is not in this customer's book.
    :raises EditConflict: if other changes keep coming first.
    """

    def move(customer: Customer) -> None:
        chosen = _get(customer, address_id)
        customer.addresses.remove(chosen)
        customer.addresses.insert(0, chosen)

    _change(customer_id, move)


def _change(customer_id: str, act: Callable[[Customer], None]) -> None:
    # Two tabs may change the book at once. The version lets one of them write; the other acts again
    # on what that one left, so that neither loses anything.
    for _ in range(_ATTEMPTS):
        customer = Customer.get(customer_id, consistent_read=True)
        act(customer)
        try:
            customer.save()
            return
        except PutError as error:
            if not is_condition_failure(error):
                raise
    raise EditConflict


def _get(customer: Customer, address_id: str) -> SavedAddress:
    saved = customer.find_address(address_id)
    if saved is None:
        raise AddressGone
    return saved


def _is_same(one: Address, other: Address) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in Address.get_attributes())
