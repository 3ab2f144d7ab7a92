"""The form in which staff change the stock of a SKU."""

from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextInputWidget,
)

from catalog.ledger import MANUAL, Reason

ADD, REMOVE, COUNT = "add", "remove", "count"
_MOST_UNITS = 1_000_000


class StockForm(forms.Form):
    """``token`` is made with the page, so that a form that is sent twice changes the stock once."""

    kind = forms.ChoiceField(
        label="What to do",
        choices=[(ADD, "Add units"), (REMOVE, "Take units away"), (COUNT, "Set to what was counted")],
        initial=ADD,
        widget=UnfoldAdminRadioSelectWidget(),
    )
    units = forms.IntegerField(
        label="Units",
        min_value=0,
        max_value=_MOST_UNITS,
        widget=UnfoldAdminIntegerFieldWidget({"inputmode": "numeric"}),
    )
    reason = forms.ChoiceField(
        label="Reason",
        choices=[(reason.value, reason.label) for reason in MANUAL if reason is not Reason.COUNTED],
        required=False,
        help_text="Not needed for a count.",
    )
    note = forms.CharField(
        label="Note",
        max_length=200,
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text="For whoever reads the ledger: a delivery note, what broke, who counted.",
    )
    token = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind, units, reason = cleaned.get("kind"), cleaned.get("units"), cleaned.get("reason")
        if kind in {ADD, REMOVE}:
            if units == 0:
                self.add_error("units", "Enter how many units, at least 1.")
            if not reason:
                self.add_error("reason", "Please choose why.")
            elif reason == Reason.OTHER and not cleaned.get("note"):
                self.add_error("note", "Please say in a few words why.")
        return cleaned

    @property
    def change(self) -> int:
        """Units to add, negative to take away."""
        units: int = self.cleaned_data["units"]
        return -units if self.cleaned_data["kind"] == REMOVE else units
