from typing import Any

from django import forms
from django.forms.boundfield import BoundWidget

from cloudcart.address_form import AddressForm
from orders import payments, shipping
from orders.payments import PaymentMethod
from orders.shipping import ShippingMethod


class ContactForm(forms.Form):
    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        help_text="The confirmation goes there.",
        error_messages={
            "required": "Enter your e-mail address.",
            "invalid": "Enter an e-mail address like ada@example.com.",
            "max_length": "Enter an e-mail address of at most 254 characters.",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )


class ShippingForm(AddressForm):
    shipping_method = forms.ChoiceField(
        label="Shipping method",
        choices=lambda: [(method.code, method.name) for method in shipping.list_methods()],
        error_messages={
            "required": "Choose how we should ship.",
            "invalid_choice": "Choose one of the shipping methods in the list.",
        },
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("shipping_method", shipping.list_methods()[0].code)

    @property
    def method_cards(self) -> list[tuple[BoundWidget, ShippingMethod]]:
        return list(zip(self["shipping_method"], shipping.list_methods(), strict=True))


class PaymentForm(forms.Form):
    payment_method = forms.ChoiceField(
        label="Payment method",
        choices=lambda: [(method.code, method.name) for method in payments.list_methods()],
        error_messages={
            "required": "Choose how you would like to pay.",
            "invalid_choice": "Choose one of the payment methods in the list.",
        },
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("payment_method", next((method.code for method in payments.list_methods()), ""))

    @property
    def method_cards(self) -> list[tuple[BoundWidget, PaymentMethod]]:
        return list(zip(self["payment_method"], payments.list_methods(), strict=True))


class PlaceForm(forms.Form):
    """What the review page sends along: which cart was reviewed, and the total that was agreed to."""

    idempotency_key = forms.CharField(max_length=100)
    total = forms.IntegerField(min_value=0)
