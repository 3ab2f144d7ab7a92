"""What a shopper may enter about the cart."""

from django import forms

from catalog.offers import MAX_QUANTITY

_SENTENCE = f"Please choose a quantity from 1 to {MAX_QUANTITY}."


class QuantityForm(forms.Form):
    """How many units; the SKU is in the address."""

    quantity = forms.IntegerField(
        min_value=1,
        max_value=MAX_QUANTITY,
        error_messages=dict.fromkeys(["required", "invalid", "min_value", "max_value"], _SENTENCE),
    )


class AddForm(QuantityForm):
    """A SKU, as long as the catalog lets one be, and how many units of it."""

    sku = forms.CharField(
        max_length=64,
        error_messages=dict.fromkeys(["required", "max_length"], "Please choose an item first."),
    )


class PriceForm(forms.Form):
    """The price that the page showed, in minor units."""

    unit_amount = forms.IntegerField(
        min_value=0,
        # No currency has prices of this size, and DynamoDB no numbers of more than 38 digits.
        max_value=10**12,
        error_messages=dict.fromkeys(
            ["required", "invalid", "min_value", "max_value"], "Please look at the price once more."
        ),
    )
