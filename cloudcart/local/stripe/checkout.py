"""Checkout sessions: made from line items, open until they are paid or over."""

from typing import Any

from cloudcart.local.stripe import events
from cloudcart.local.stripe import parameters as p
from cloudcart.local.stripe.identifiers import new_id
from cloudcart.local.stripe.problems import StripeProblem, missing
from cloudcart.local.stripe.store import Store, StripeObject

SHORTEST, LONGEST = 30 * 60, 24 * 60 * 60
# Stripe asks for half a dollar at least; other currencies have limits much like it.
SMALLEST_AMOUNT = 50
PAYMENT_METHOD_TYPES = ("card", "paypal", "sepa_debit")

_ADDRESS = p.Fields(dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"), p.text))
_SHIPPING = p.Fields(
    {"address": _ADDRESS, "name": p.text, "phone": p.text, "carrier": p.text, "tracking_number": p.text},
    required=("address", "name"),
)
_PRODUCT = p.Fields(
    {
        "name": p.text,
        "description": p.text,
        "images": p.list_of(p.url, most=8),
        "metadata": p.metadata,
        "tax_code": p.text,
    },
    required=("name",),
)
_PRICE = p.Fields(
    {
        "currency": p.currency,
        "unit_amount": p.integer,
        "product_data": _PRODUCT,
        "tax_behavior": p.one_of("exclusive", "inclusive", "unspecified"),
    },
    required=("currency", "unit_amount", "product_data"),
)
_RATE = p.Fields(
    {
        "display_name": p.text,
        "type": p.one_of("fixed_amount"),
        "fixed_amount": p.Fields({"amount": p.integer, "currency": p.currency}, required=("amount", "currency")),
        "metadata": p.metadata,
        "tax_behavior": p.one_of("exclusive", "inclusive", "unspecified"),
    },
    required=("display_name", "fixed_amount"),
)
_INTENT = p.Fields(
    {
        "capture_method": p.one_of("automatic", "automatic_async"),
        "description": p.text,
        "metadata": p.metadata,
        "receipt_email": p.email,
        "shipping": _SHIPPING,
        "statement_descriptor": p.text,
        "statement_descriptor_suffix": p.text,
    }
)
CREATE = p.Fields(
    {
        "billing_address_collection": p.one_of("auto", "required"),
        "cancel_url": p.url,
        "client_reference_id": p.text,
        "customer_creation": p.one_of("always", "if_required"),
        "customer_email": p.email,
        "expand": p.list_of(p.text),
        "expires_at": p.integer,
        "line_items": p.list_of(
            p.Fields({"price_data": _PRICE, "quantity": p.integer}, required=("price_data", "quantity"))
        ),
        "locale": p.text,
        "metadata": p.metadata,
        "mode": p.one_of("payment"),
        "payment_intent_data": _INTENT,
        "payment_method_types": p.list_of(p.one_of(*PAYMENT_METHOD_TYPES)),
        # Stripe takes up to five; here the shop has chosen one already.
        "shipping_options": p.list_of(
            p.Fields({"shipping_rate_data": _RATE}, required=("shipping_rate_data",)), most=1
        ),
        "submit_type": p.one_of("auto", "book", "donate", "pay"),
        "success_url": p.url,
        "ui_mode": p.one_of("hosted_page"),
    },
    required=("line_items", "mode", "success_url"),
)


def create(store: Store, given: dict[str, Any], *, origin: str) -> StripeObject:
    """Open a session.

    :param origin: of the page that it is paid on.
    :raises StripeProblem: if Stripe would refuse it.
    """
    now = int(store.now())
    identifier = new_id("cs_test_", 58)
    items = [_line_item(item, f"line_items[{index}]") for index, item in enumerate(given["line_items"])]
    shipping = _shipping_cost(given)
    currency = _only_currency(items, given)
    subtotal = sum(item["amount_total"] for item in items)
    total = subtotal + (shipping["amount_total"] if shipping else 0)
    if total < SMALLEST_AMOUNT:
        raise StripeProblem(
            f"The Checkout Session's total amount due must add up to at least {SMALLEST_AMOUNT} {currency} cents.",
            code="amount_too_small",
        )
    session: StripeObject = {
        "id": identifier,
        "object": "checkout.session",
        "amount_subtotal": subtotal,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": given.get("cancel_url"),
        "client_reference_id": given.get("client_reference_id"),
        "created": now,
        "currency": currency,
        "custom_fields": [],
        "customer": None,
        "customer_creation": given.get("customer_creation", "if_required"),
        "customer_details": None,
        "customer_email": given.get("customer_email"),
        "discounts": [],
        "expires_at": _expires_at(given, now=now),
        "livemode": False,
        "locale": given.get("locale"),
        "metadata": given.get("metadata", {}),
        "mode": "payment",
        # As at Stripe, there is none before the first attempt to pay.
        "payment_intent": None,
        "payment_method_types": given.get("payment_method_types", list(PAYMENT_METHOD_TYPES)),
        "payment_status": "unpaid",
        "shipping_cost": shipping,
        "shipping_options": [],
        "status": "open",
        "submit_type": given.get("submit_type"),
        "success_url": given["success_url"],
        "total_details": {
            "amount_discount": 0,
            "amount_shipping": shipping["amount_total"] if shipping else 0,
            "amount_tax": 0,
        },
        "ui_mode": given.get("ui_mode", "hosted_page"),
        "url": f"{origin}/c/pay/{identifier}",
        "_line_items": items,
        "_shipping_name": given["shipping_options"][0]["shipping_rate_data"]["display_name"] if shipping else "",
        "_payment_intent_data": given.get("payment_intent_data", {}),
    }
    return store.put(session)


def get(store: Store, identifier: str) -> StripeObject:
    """Give a session as it is now: one whose time is over has expired.

    :raises StripeProblem: if there is none.
    """
    session = store.find(identifier)
    if session is None or session["object"] != "checkout.session":
        raise missing("checkout.session", identifier, param="session")
    if session["status"] == "open" and session["expires_at"] <= store.now():
        return _end(store, session)
    return session


def expire(store: Store, identifier: str) -> StripeObject:
    """End an open session at once.

    :raises StripeProblem: if it is not open.
    """
    session = get(store, identifier)
    if session["status"] != "open":
        raise StripeProblem(
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of `{session['status']}`."
        )
    return _end(store, session)


def expire_overdue(store: Store) -> None:
    """End the sessions whose time is over and which nobody looked at."""
    overdue = store.rows(
        "SELECT id FROM objects WHERE kind = 'checkout.session' AND json_extract(body, '$.status') = 'open' "
        "AND json_extract(body, '$.expires_at') <= ?",
        store.now(),
    )
    for row in overdue:
        with store.transaction():
            get(store, row["id"])


def line_items_of(session: StripeObject) -> list[StripeObject]:
    return list(session["_line_items"])


def _end(store: Store, session: StripeObject) -> StripeObject:
    # Stripe takes the address away, so that an ended session is never shown again.
    session |= {"status": "expired", "url": None}
    store.put(session)
    events.record(store, "checkout.session.expired", session)
    return session


def _line_item(given: dict[str, Any], param: str) -> StripeObject:
    price, quantity = given["price_data"], given["quantity"]
    if quantity < 1:
        raise StripeProblem(
            "This value must be greater than or equal to 1.",
            code="parameter_invalid_integer",
            param=f"{param}[quantity]",
        )
    if price["unit_amount"] < 0:
        raise StripeProblem(
            "This value must be greater than or equal to 0.",
            code="parameter_invalid_integer",
            param=f"{param}[price_data][unit_amount]",
        )
    product = price["product_data"]
    amount = price["unit_amount"] * quantity
    return {
        "id": new_id("li_"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": product["name"],
        "quantity": quantity,
        "price": {
            "id": new_id("price_"),
            "object": "price",
            "active": False,
            "currency": price["currency"],
            "livemode": False,
            "metadata": {},
            "product": new_id("prod_", 14),
            "tax_behavior": price.get("tax_behavior", "unspecified"),
            "type": "one_time",
            "unit_amount": price["unit_amount"],
        },
        "_detail": product.get("description", ""),
    }


def _shipping_cost(given: dict[str, Any]) -> StripeObject | None:
    if not given.get("shipping_options"):
        return None
    amount = given["shipping_options"][0]["shipping_rate_data"]["fixed_amount"]["amount"]
    if amount < 0:
        param = "shipping_options[0][shipping_rate_data][fixed_amount][amount]"
        raise StripeProblem(
            "This value must be greater than or equal to 0.", code="parameter_invalid_integer", param=param
        )
    return {"amount_subtotal": amount, "amount_tax": 0, "amount_total": amount, "shipping_rate": new_id("shr_")}


def _only_currency(items: list[StripeObject], given: dict[str, Any]) -> str:
    if not items:
        raise StripeProblem("You must pass at least one line item.", code="parameter_missing", param="line_items")
    currencies = {item["currency"] for item in items}
    currencies |= {
        option["shipping_rate_data"]["fixed_amount"]["currency"] for option in given.get("shipping_options", [])
    }
    if len(currencies) > 1:
        raise StripeProblem("All prices on a Checkout Session must use the same currency.", param="line_items")
    return str(currencies.pop())


def _expires_at(given: dict[str, Any], *, now: int) -> int:
    wanted = int(given.get("expires_at", now + LONGEST))
    if wanted < now + SHORTEST:
        message = "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."
        raise StripeProblem(message, param="expires_at")
    if wanted > now + LONGEST:
        message = "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."
        raise StripeProblem(message, param="expires_at")
    return wanted
