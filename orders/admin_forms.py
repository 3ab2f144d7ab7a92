"""The forms of the staff's acts on an order."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from cloudcart.money import to_major, to_minor
from orders import carriers, fulfillment, refunds
from orders.models import Order


class _UnitsForm(forms.Form):
    """A form with a number of units for each line of an order, as the fields ``units-<position>``."""

    # One intent, made when the form is shown: sent twice, it does what it says once.
    intent = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, order: Order, left: dict[str, int], chosen: dict[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._skus = {f"units-{at}": line.sku for at, line in enumerate(order.lines) if left[line.sku] > 0}
        names = {line.sku: line.name for line in order.lines}
        for name, sku in self._skus.items():
            self.fields[name] = forms.IntegerField(
                label=names[sku],
                help_text=f"{sku}, {left[sku]} left",
                min_value=0,
                max_value=left[sku],
                required=False,
                initial=chosen.get(sku, 0),
                widget=UnfoldAdminIntegerFieldWidget(attrs={"inputmode": "numeric"}),
                error_messages={"max_value": f"At most {left[sku]} can be chosen."},
            )

    @property
    def unit_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self._skus]

    @property
    def units(self) -> dict[str, int]:
        """Units by SKU, without those of which none were chosen."""
        return {sku: self.cleaned_data[name] for name, sku in self._skus.items() if self.cleaned_data.get(name)}


class ShipForm(_UnitsForm):
    carrier = forms.ChoiceField(
        choices=lambda: [(carrier.code, carrier.name) for carrier in carriers.list_carriers()],
        widget=UnfoldAdminSelectWidget,
    )
    tracking_number = forms.CharField(
        required=False,
        max_length=60,
        help_text="The shopper's mail links to the carrier's page for it.",
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        left = fulfillment.unshipped_quantities(order)
        super().__init__(*args, order=order, left=left, chosen=left, **kwargs)

    def clean_tracking_number(self) -> str:
        return str(self.cleaned_data["tracking_number"]).strip()


class RefundForm(_UnitsForm):
    amount = forms.CharField(
        required=False,
        help_text="Leave it empty for what the chosen units cost, or for all that is left.",
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    reason = forms.CharField(
        max_length=200,
        help_text="It is on the credit note.",
        widget=UnfoldAdminTextInputWidget,
        error_messages={"required": "Say why; it is on the credit note."},
    )
    is_restocked = forms.BooleanField(
        label="The units can be sold again", required=False, widget=UnfoldBooleanSwitchWidget
    )

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        self._currency = order.currency
        super().__init__(*args, order=order, left=refunds.refundable_quantities(order), chosen={}, **kwargs)
        self.fields["amount"].label = f"Amount in {order.currency}"
        self.left = to_major(refunds.refundable_amount(order), order.currency)

    def clean_amount(self) -> int | None:
        text = str(self.cleaned_data["amount"]).strip().replace(",", ".")
        if not text:
            return None
        try:
            amount = to_minor(Decimal(text), self._currency)
        except (InvalidOperation, ValueError) as error:
            raise forms.ValidationError("Write the amount like 12.50.") from error
        if amount <= 0:
            raise forms.ValidationError("Write an amount of more than nothing.")
        return amount

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("is_restocked") and not self.units:
            raise forms.ValidationError("Choose which units can be sold again.")
        return cleaned


class NoteForm(forms.Form):
    text = forms.CharField(
        label="Note",
        max_length=1000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        error_messages={"required": "Write something to note."},
    )


class ReasonForm(forms.Form):
    """Why an order is called off, for the shopper to read."""

    reason = forms.CharField(
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        error_messages={"required": "Say why; the shopper reads it."},
    )


class AnswerForm(forms.Form):
    """What staff tells the shopper about a return."""

    answer = forms.CharField(
        max_length=1000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        error_messages={"required": "Tell the shopper where to send it, or why not."},
    )
