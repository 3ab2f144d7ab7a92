from typing import Any

from django import forms

from catalog.spreadsheets.decoding import MAX_BYTES


class ImportForm(forms.Form):
    file = forms.FileField(
        label="File",
        help_text="CSV from this shop, from Shopify or from WooCommerce; 20 MB at most, also in a zip archive.",
        error_messages={"required": "Choose a file.", "empty": "The file is empty. Choose another."},
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.zip,text/csv,application/zip"}),
    )
    takes_stock = forms.BooleanField(
        label="Set the stock to the numbers in the file",
        help_text="Leave this out if the file is older than your latest sales.",
        required=False,
        initial=True,
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            megabytes = MAX_BYTES // 1024 // 1024
            raise forms.ValidationError(
                f"The file has {(file.size or 0) / 1024 / 1024:.1f} MB; {megabytes} MB is the limit. Divide it into "
                "several, each with the row of names, or pack it into a zip archive."
            )
        return file
