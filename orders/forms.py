from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.forms.boundfield import BoundWidget

from cart.pricing import Totals
from cloudcart.address_form import AddressForm
from orders import payments, returns, shipping
from orders.models import Order, OrderLine
from orders.numbers import parse_number
from orders.payments import PaymentMethod
from orders.shipping import ShippingMethod


def _email_field(help_text: str) -> forms.EmailField:
    return forms.EmailField(
        label="E-mail",
        max_length=254,
        help_text=help_text,
        error_messages={
            "required": "Enter your e-mail address.",
            "invalid": "Enter an e-mail address like ada@example.com.",
            "max_length": "Enter an e-mail address of at most 254 characters.",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )


class ContactForm(forms.Form):
    email = _email_field("The confirmation goes there.")


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
    """The ways to pay an order of these totals; ``missing`` explains why some are not among them."""

    payment_method = forms.ChoiceField(
        label="Payment method",
        error_messages={
            "required": "Choose how you would like to pay.",
            "invalid_choice": "Choose one of the payment methods in the list.",
        },
        widget=forms.RadioSelect,
    )

    def __init__(self, totals: Totals, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._methods, self.missing = payments.list_methods(totals), payments.explain_missing(totals)
        codes = [method.code for method in self._methods]
        field = cast("forms.ChoiceField", self.fields["payment_method"])
        field.choices = [(method.code, method.name) for method in self._methods]
        if self.missing and payments.find_method(self.data.get("payment_method", "")) is not None:
            field.error_messages["invalid_choice"] = self.missing
        if self.initial.get("payment_method") not in codes:
            self.initial["payment_method"] = next(iter(codes), "")

    @property
    def method_cards(self) -> list[tuple[BoundWidget, PaymentMethod]]:
        return list(zip(self["payment_method"], self._methods, strict=True))


class PlaceForm(forms.Form):
    """What the review page sends along: which cart was reviewed, its lines, and the total that was agreed to."""

    idempotency_key = forms.CharField(max_length=100)
    total = forms.IntegerField(min_value=0)
    lines = forms.CharField(required=False)

    def clean_lines(self) -> list[tuple[str, str]]:
        """Give product's id and SKU of each line. They only say what to read, so what makes no sense is left out."""
        pairs = (word.partition(":") for word in self.cleaned_data["lines"].split())
        return [(product_id, sku) for product_id, _, sku in pairs if 0 < len(product_id) <= 64 and 0 < len(sku) <= 64]


class FindForm(forms.Form):
    number = forms.CharField(
        label="Order number",
        max_length=40,
        help_text="Two words and two digits, like LUSAB-MODIK-47.",
        error_messages={"required": "Enter the number of your order."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    email = _email_field("The one that you ordered with.")

    def clean_number(self) -> str:
        number = parse_number(self.cleaned_data["number"])
        if number is None:
            raise forms.ValidationError("Enter a number of two words and two digits, like LUSAB-MODIK-47.")
        return number


class ReturnForm(forms.Form):
    """How many units of each line to send back, and why. Fields are named by the place of a line, not by its SKU."""

    return_id = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)
    reason = forms.ChoiceField(
        label="Why do you return it?",
        choices=[("", "Choose a reason"), *returns.REASONS.items()],
        error_messages={
            "required": "Choose a reason.",
            "invalid_choice": "Choose one of the reasons in the list.",
        },
    )
    note = forms.CharField(
        label="Anything else we should know?",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": "Please keep it under 1,000 characters."},
    )

    def __init__(self, order: Order, *args: Any, quantities: Mapping[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows: list[tuple[str, OrderLine]] = []
        for index, line in enumerate(order.lines):
            if line.sku in quantities:
                name, most = f"quantity-{index}", quantities[line.sku]
                self.fields[name] = forms.TypedChoiceField(
                    label=line.name,
                    coerce=int,
                    choices=[(str(number), str(number)) for number in range(most + 1)],
                    initial="0",
                    error_messages=dict.fromkeys(
                        ["required", "invalid_choice"], f"Choose how many to return, from 0 to {most}."
                    ),
                )
                self.rows.append((name, line))

    @property
    def quantity_fields(self) -> list[tuple[forms.BoundField, OrderLine]]:
        return [(self[name], line) for name, line in self.rows]

    @property
    def quantities(self) -> dict[str, int]:
        return {line.sku: self.cleaned_data[name] for name, line in self.rows}

    def clean(self) -> None:
        super().clean()
        chosen = [self.cleaned_data.get(name) for name, _ in self.rows]
        if None not in chosen and not any(chosen):
            self.add_error(self.rows[0][0], "Choose what you would like to send back.")
