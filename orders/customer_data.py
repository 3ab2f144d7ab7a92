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
from cloudcart.errors import StorefrontError
from orders import fulfillment, queries, services
from orders.invoices import archive
from orders.invoices import queries as invoice_queries
from orders.models import Order

logger = structlog.get_logger(__name__)

ERASED = "Erased"
# Reserved for what leads nowhere (RFC 2606).
ERASED_EMAIL = "erased@erased.invalid"


class OpenOrders(StorefrontError):
    """Orders are on their way or to be paid back, for which the shop still needs to know the buyer."""

    code = "open-orders"

    def __init__(self, numbers: Sequence[str]) -> None:
        self.numbers = tuple(numbers)
        super().__init__(
            f"Nothing was erased: {', '.join(numbers)} {'is' if len(numbers) == 1 else 'are'} still open. "
            "Ship or cancel what is open, and answer returns, first."
        )

    @property
    def extra(self) -> dict[str, Any]:
        return {"numbers": list(self.numbers)}


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

    :raises OpenOrders: if an order is not over yet; nothing is done then.
    :raises DirectoryUnavailable: if the account cannot be deleted now; what is done stays done.
    :raises EditConflict: if an order kept changing.
    """
    orders = list_orders(email=email, account=account)
    still_open = [order.number for order in orders if is_open(order)]
    if still_open:
        raise OpenOrders(still_open)
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


def is_open(order: Order) -> bool:
    """Whether something of an order is still to be sent, mailed, paid back or taken back."""
    is_unsent = not order.is_canceled and any(fulfillment.unshipped_quantities(order).values())
    has_open_return = any(each.is_open for each in order.returns)
    return is_unsent or has_open_return or bool(order.pending_effects) or bool(order.pending_refund_amount)


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
