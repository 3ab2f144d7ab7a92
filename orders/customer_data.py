"""All that the shop knows of a customer, as one file; and forgetting it."""

import json
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import structlog

from accounts import directory
from accounts import queries as account_queries
from accounts.directory import Account
from cart.models import Cart
from cloudcart.addresses import Address
from cloudcart.dynamo import StoreModel, batch_get
from orders import queries, services
from orders.invoices import archive
from orders.invoices import queries as invoice_queries
from orders.models import Order

logger = structlog.get_logger(__name__)

ERASED = "Erased"
# Reserved for what leads nowhere (RFC 2606).
ERASED_EMAIL = "erased@erased.invalid"


def export_customer(*, email: str, account: Account | None) -> bytes:
    """Put all data of a customer into a zip: account, addresses, cart, orders, invoices as data and as PDF.

    A query of ``by_email``, and one batch read for each hundred orders and invoices.

    :param account: the account of the address, if there is one; a guest has none.
    """
    customer = account_queries.find_customer(account.customer_id) if account else None
    cart = Cart.find(f"customer:{account.customer_id}") if account else None
    orders = list_orders(email=email, account=account)
    invoices = invoice_queries.list_invoices(orders)
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive_file:
        if account is not None:
            _add(archive_file, "account.json", vars(account))
        if customer is not None:
            _add(archive_file, "customer.json", customer.to_simple_dict())
        if cart is not None:
            _add(archive_file, "cart.json", cart.to_simple_dict())
        _add(archive_file, "orders.json", [order.to_simple_dict() for order in orders])
        _add(archive_file, "invoices.json", [invoice.to_simple_dict() for invoice in invoices])
        for invoice in invoices:
            if invoice.stored_at is not None:
                archive_file.writestr(f"invoices/{invoice.file_name}", archive.read_pdf(invoice))
    return target.getvalue()


def erase_customer(*, email: str, account: Account | None, now: datetime) -> int:
    """Forget a customer, or a guest: gives how many orders were made anonymous. Safe to repeat after a crash.

    The orders stay, without name, address and e-mail; the account, its sessions, its cart and its address book
    are gone. Invoices and credit notes keep the buyer: the law wants them kept as they were sent.

    :raises DirectoryUnavailable: if the account cannot be deleted now; what is done stays done.
    :raises EditConflict: if an order kept changing.
    """
    orders = list_orders(email=email, account=account)
    for order in orders:
        services.change_buyer(order, _anonymize(now))
    if account is not None:
        directory.delete_account(account)
        _delete(Cart(f"customer:{account.customer_id}"))
        customer = account_queries.find_customer(account.customer_id)
        if customer is not None:
            customer.delete()
    logger.info("customer.erased", customer_id=account.customer_id if account else "", orders=len(orders))
    return len(orders)


def list_orders(*, email: str, account: Account | None) -> list[Order]:
    """List the orders of an e-mail address and of its account, the newest first, whole and consistent."""
    numbers = queries.list_numbers_for_email(email)
    if account is not None:
        numbers += queries.list_numbers_for_customer(account.customer_id)
    found = batch_get({Order: numbers}, consistent=True).all_of(Order).values() if numbers else []
    return sorted(found, key=lambda order: order.placed_at, reverse=True)


def _anonymize(now: datetime) -> Any:
    def change(order: Order) -> None:
        order.customer_id = None
        order.email, order.email_key, order.buyer_name = ERASED_EMAIL, None, ERASED
        # The country stays: the books need to know where goods went.
        order.shipping_address = Address(name=ERASED, country_code=order.shipping_address.country_code)
        order.note("erased", now=now)

    return change


def _delete(item: StoreModel) -> None:
    item.delete(add_version_condition=False)


def _add(archive_file: ZipFile, name: str, content: dict[str, Any] | Sequence[Any]) -> None:
    archive_file.writestr(name, json.dumps(content, ensure_ascii=False, indent=2, default=str))
