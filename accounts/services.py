"""The customer's own item: made at the first sign-in, kept in step with Cognito."""

from datetime import datetime

from accounts import cognito, queries
from accounts.models import Customer
from cloudcart.identity import Identity


def record_customer(identity: Identity, *, now: datetime) -> Customer:
    """Make the customer's item if there is none, and take over the e-mail and name that Cognito knows.

    One read, and one write if something differs.
    """
    customer = queries.find_customer(identity.customer_id)
    if customer is None:
        customer = Customer(identity.customer_id, email=identity.email, name=identity.name, created_at=now)
        customer.save()
    elif (customer.email, customer.name) != (identity.email, identity.name):
        customer.update(actions=[Customer.email.set(identity.email), Customer.name.set(identity.name)])
    return customer


def rename_customer(*, customer_id: str, access_token: str, name: str) -> None:
    """Change the name in Cognito and on the customer's item.

    :raises SignedOut: if Cognito no longer accepts the access token; nothing is changed then.
    """
    cognito.change_name(access_token=access_token, name=name)
    # Without its version: a name does not compete with an address that another tab adds.
    Customer(customer_id).update(actions=[Customer.name.set(name)], add_version_condition=False)
