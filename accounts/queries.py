"""Questions about customers, all by the key of their one item (docs/access-patterns.md)."""

from accounts.models import Customer, SavedAddress


def find_customer(customer_id: str) -> Customer | None:
    """Give a customer by Cognito's ``sub``, or None before the first sign-in. One read."""
    return Customer.find(customer_id, consistent=True)


def list_addresses(customer_id: str) -> list[SavedAddress]:
    """List the address book, the default first. One read."""
    customer = find_customer(customer_id)
    return list(customer.addresses) if customer else []


def find_address(customer_id: str, address_id: str) -> SavedAddress | None:
    """Give one entry of this customer's own address book, or None. One read."""
    customer = find_customer(customer_id)
    return customer.find_address(address_id) if customer else None
