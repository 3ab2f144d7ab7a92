"""Fields and forms of the staff's product pages."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from unfold.widgets import UnfoldAdminSelectMultipleWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from catalog import models as stored
from catalog import queries
from catalog.admin_models import ProductImage, ProductVariant
from catalog.tree import Tree
from catalog.uploads import read_picture
from cloudcart.dynamo_admin.forms import EmbeddedFormSet, VersionedForm
from cloudcart.money import to_major, to_minor


class AmountField(forms.Field):
    """An amount in the shop's currency, typed in major units: 36.00; its value is minor units: 3600."""

    widget = UnfoldAdminTextInputWidget

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal", "class": "max-w-32"}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return to_major(value, settings.CURRENCY) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        text = str(value or "").strip().replace(",", ".")
        if not text:
            return None
        try:
            amount = to_minor(Decimal(text), settings.CURRENCY)
        except (InvalidOperation, ValueError) as error:
            raise forms.ValidationError(f"“{value}” is no amount in {settings.CURRENCY}, such as 36.00.") from error
        if amount < 0:
            raise forms.ValidationError("An amount cannot be below zero.")
        return amount

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(initial != self.to_python(data))
        except forms.ValidationError:
            return True


class ProductForm(VersionedForm):
    """The product itself. Categories and collections are chosen by name."""

    category_id = forms.ChoiceField(label="Category", required=False, widget=UnfoldAdminSelectWidget)
    collection_ids = forms.MultipleChoiceField(
        label="Collections", required=False, widget=UnfoldAdminSelectMultipleWidget
    )

    # As it was read with the product; an empty form reads it by itself.
    tree: Tree | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "category_id" in self.fields:
            tree = queries.get_tree() if self.tree is None else self.tree
            self.fields["category_id"].choices = category_choices(tree)  # type: ignore[attr-defined]
            links = [(link.collection_id, link.name) for link in tree.collections]
            self.fields["collection_ids"].choices = links  # type: ignore[attr-defined]


class VariantForm(forms.ModelForm):  # type: ignore[type-arg]
    unit_amount = AmountField(label="Price")
    compare_at_amount = AmountField(label="Regular price", required=False)
    image_key = forms.ChoiceField(
        label="Picture",
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text="One of the product's pictures; new ones can be chosen once they are saved. None: the first one.",
    )

    class Meta:
        model = ProductVariant
        fields = ("values", "sku", "unit_amount", "compare_at_amount", "image_key", "units", "position")


class ImageForm(forms.ModelForm):  # type: ignore[type-arg]
    """A picture's row. ``picture`` is what the upload signed; only new rows have it."""

    picture = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = ProductImage
        fields = ("alt", "position")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.instance.part is None and self.has_changed():
            try:
                self.instance.part = read_picture(self.cleaned_data.get("picture", ""))
            except signing.BadSignature:
                self.add_error(None, "This picture did not arrive, or too long ago. Please upload it again.")
        return cleaned


class PartFormSet(EmbeddedFormSet):
    """Variants and pictures; empty positions mean the order in which they are shown.

    A variant's own picture is one of those that the product has.
    """

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["position"].required = False
        if "image_key" in form.fields:
            form.fields["image_key"].choices = picture_choices(getattr(self.instance.item, "images", ()))


def picture_choices(images: Sequence[stored.Image]) -> list[tuple[str, str]]:
    """A product's pictures by their number and what is to be seen on them: "2: The lid"."""
    return [
        ("", "None"),
        *((image.key, f"{number}: {image.alt or 'no description'}") for number, image in enumerate(images, start=1)),
    ]


def category_choices(tree: Tree) -> Sequence[tuple[str, str]]:
    """The categories in the order of the tree, each with those above it: "Kitchen › Mugs"."""
    choices = [("", "None")]

    def add(children: Sequence[stored.Category]) -> None:
        for category in children:
            path = " › ".join(part.name for part in tree.path_to(category.category_id))
            choices.append((category.category_id, path))
            add(tree.children_of(category.category_id))

    add(tree.top)
    return choices
