"""Every form of the shop: where it goes, what is right in it, and who may send it."""

from dataclasses import dataclass
from uuid import uuid4

from tests.cast import PASSWORD
from tests.orders.checkouts import ADDRESS

NEW_EMAIL = "<a new address>"


@dataclass(frozen=True)
class Form:
    """A form of a guest with a full cart, or of a customer; ``right`` is what it takes."""

    path: str
    right: dict[str, str]
    is_customers: bool = False

    def __str__(self) -> str:
        return f"{self.path} {' '.join(self.right)}"

    @property
    def is_limited(self) -> bool:
        """Whether it may be sent only so often."""
        return self.path.startswith(("/accounts/", "/orders/"))

    def fill_in(self, **answers: str) -> dict[str, str]:
        filled = self.right | answers
        return {name: value.replace(NEW_EMAIL, f"{uuid4().hex}@example.com") for name, value in filled.items()}


_FULL_ADDRESS = {name: value for name, value in ADDRESS.items() if name != "shipping_method"} | {
    "line2": "2nd floor",
    "region": "",
    "phone": "+49 30 123456",
}

FORMS = [
    Form("/cart/items/", {"sku": "MUG-Small", "quantity": "1"}),
    Form("/cart/items/", {"sku": "MUG-Small", "quantity": "1", "option-0": "Large"}),
    Form("/cart/items/MUG-Small/", {"quantity": "2"}),
    Form("/cart/items/MUG-Small/price/", {"unit_amount": "3600"}),
    Form("/checkout/contact/", {"email": NEW_EMAIL}),
    Form("/checkout/shipping/", _FULL_ADDRESS | {"shipping_method": "standard"}),
    Form("/checkout/payment/", {"payment_method": "invoice"}),
    Form("/checkout/review/", {"idempotency_key": "1.x", "total": "4090"}),
    Form("/orders/find/", {"number": "LUSAB-MODIK-47", "email": NEW_EMAIL}),
    Form("/accounts/sign-up/", {"name": "Dora", "email": NEW_EMAIL, "password": PASSWORD}),
    Form("/accounts/confirm/", {"email": NEW_EMAIL, "code": "123456"}),
    Form("/accounts/confirm/resend/", {"email": NEW_EMAIL}),
    Form("/accounts/sign-in/", {"email": NEW_EMAIL, "password": PASSWORD}),
    Form("/accounts/forgot-password/", {"email": NEW_EMAIL}),
    Form("/accounts/reset-password/", {"email": NEW_EMAIL, "code": "654321", "password": PASSWORD}),
    Form("/accounts/profile/", {"name": "Dora Maar"}, is_customers=True),
    Form("/accounts/change-password/", {"current_password": "wrong", "password": PASSWORD}, is_customers=True),
    Form("/accounts/addresses/new/", _FULL_ADDRESS, is_customers=True),
    Form("/accounts/addresses/home/", _FULL_ADDRESS, is_customers=True),
]
