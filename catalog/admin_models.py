"""Products as the staff edits them: Django's models over the stored ones (docs/dynamo-admin.md)."""

from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import slugify

from catalog import models as stored
from catalog.validation import MAX_DESCRIPTION_LENGTH, MAX_SLUG_LENGTH, MAX_TITLE_LENGTH
from cloudcart.dynamo_admin.models import DynamoModel, EmbeddedModel

STATUS_CHOICES = [
    (stored.Status.DRAFT, "Draft"),
    (stored.Status.ACTIVE, "Active"),
    (stored.Status.ARCHIVED, "Archived"),
]
AVAILABILITY_CHOICES = [
    (stored.Availability.IN_STOCK, "In stock"),
    (stored.Availability.LOW, "Low"),
    (stored.Availability.SOLD_OUT, "Sold out"),
]


class Product(DynamoModel):
    """A product. Options and facts are lines of text here, which are quickly typed and pasted."""

    product_id = models.CharField(primary_key=True, max_length=64, editable=False)
    title = models.CharField(max_length=MAX_TITLE_LENGTH)
    subtitle = models.CharField(max_length=MAX_TITLE_LENGTH, blank=True, help_text="One line under the title.")
    slug = models.CharField(
        "address",
        max_length=MAX_SLUG_LENGTH,
        blank=True,
        help_text="The end of the page's address; made of the title if left empty. The former address leads on.",
    )
    description = models.TextField(max_length=MAX_DESCRIPTION_LENGTH, blank=True)
    status = models.CharField(
        max_length=10,
        choices=STATUS_CHOICES,
        default=stored.Status.DRAFT,
        help_text="Only active products are on sale.",
    )
    category_id = models.CharField("category", max_length=64, null=True, blank=True)  # noqa: DJ001 (absent is null here)
    collection_ids = models.JSONField("collections", default=list, blank=True)
    options_text = models.TextField(
        "options",
        blank=True,
        help_text="One on a line, with its values: “Size: S, M, L”. None for a product in one form.",
    )
    facts_text = models.TextField("facts", blank=True, help_text="One on a line: “Material: Stoneware”.")
    featured_rank = models.PositiveIntegerField(
        "rank among featured", null=True, blank=True, help_text="1 comes first on the home page; empty is not featured."
    )
    seo_title = models.CharField("title for search engines", max_length=MAX_TITLE_LENGTH, blank=True)
    seo_description = models.CharField("description for search engines", max_length=320, blank=True)
    title_key = models.CharField(max_length=400, editable=False, blank=True)
    search_text = models.TextField(editable=False, blank=True)
    availability = models.CharField(max_length=10, choices=AVAILABILITY_CHOICES, editable=False, blank=True)
    currency = models.CharField(max_length=3, editable=False, blank=True)
    from_amount = models.IntegerField("price", null=True, editable=False)
    thumbnail = models.CharField(max_length=200, null=True, editable=False)  # noqa: DJ001 (absent is null here)
    updated_at = models.DateTimeField("changed", null=True, editable=False)

    # Units of SKUs that are new, as the variants' form gave them.
    new_stock: ClassVar[dict[str, int]] = {}

    class Meta:
        managed = False
        app_label = "catalog"
        ordering: ClassVar[list[str]] = ["-updated_at"]

    class Dynamo:
        item = stored.Product
        partitions: ClassVar[dict[str, Any]] = {"kind": "product"}

    def __str__(self) -> str:
        return self.title

    @classmethod
    def read_value(cls, name: str, item: Any) -> Any:
        if name == "options_text":
            return write_lines((option.name, ", ".join(option.values)) for option in item.options)
        if name == "facts_text":
            return write_lines((fact.name, fact.value) for fact in item.facts)
        return super().read_value(name, item)

    def write_value(self, name: str, item: Any) -> None:
        # What is not editable follows from the rest when the product is saved.
        if self._meta.get_field(name).editable:
            value = getattr(self, name)
            setattr(item, name, (value or None) if name == "category_id" else value)

    def to_item(self) -> stored.Product:
        item: Any = super().to_item()
        item.currency = item.currency or settings.CURRENCY
        item.slug = self.slug or slugify(self.title)[:MAX_SLUG_LENGTH].strip("-")
        item.options = [
            stored.Option(name=name, values=[value.strip() for value in values.split(",") if value.strip()])
            for name, values in read_lines(self.options_text)
        ]
        item.facts = [stored.Fact(name=name, value=value) for name, value in read_lines(self.facts_text)]
        product: stored.Product = item
        return product

    def assign_key(self) -> None:
        self.product_id = self.product_id or uuid4().hex

    def clean(self) -> None:
        problems = {}
        for name in ("options_text", "facts_text"):
            try:
                read_lines(getattr(self, name))
            except ValueError as error:
                problems[name] = str(error)
        if problems:
            raise ValidationError(problems)


class Category(models.Model):
    """What the history says of a category; its pages are the shop's own."""

    category_id = models.CharField(primary_key=True, max_length=64)
    name = models.CharField(max_length=MAX_TITLE_LENGTH)

    class Meta:
        managed = False
        app_label = "catalog"
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name


class Collection(models.Model):
    """What the history says of a collection; its pages are the shop's own."""

    collection_id = models.CharField(primary_key=True, max_length=64)
    name = models.CharField(max_length=MAX_TITLE_LENGTH)

    class Meta:
        managed = False
        app_label = "catalog"

    def __str__(self) -> str:
        return self.name


class ProductVariant(EmbeddedModel):
    """What is put into a cart: one row of the form."""

    parent = models.ForeignKey(Product, on_delete=models.DO_NOTHING)
    values = models.CharField(
        max_length=200, blank=True, help_text="One value of each option, in their order: M / Blue."
    )
    sku = models.CharField("SKU", max_length=64)
    unit_amount = models.BigIntegerField("price")
    compare_at_amount = models.BigIntegerField(
        "regular price", null=True, blank=True, help_text="If the price is a reduced one: shown struck through."
    )
    image_key = models.CharField("picture", max_length=200, null=True, blank=True)  # noqa: DJ001 (absent is null here)
    units = models.PositiveIntegerField(
        "units", null=True, blank=True, help_text="How many there are of a new SKU. Later, the stock's pages change it."
    )

    class Meta(EmbeddedModel.Meta):
        abstract = False
        app_label = "catalog"
        verbose_name = "variant"

    class Dynamo:
        attribute = "variants"
        part = stored.Variant

    def __str__(self) -> str:
        return self.sku

    @classmethod
    def from_part(cls, part: Any, *, parent: Any, position: int) -> "ProductVariant":
        variant = super().from_part(part, parent=parent, position=position)
        variant.values = " / ".join(part.values)
        return variant

    def to_part(self) -> Any:
        part = super().to_part()
        part.values = [value.strip() for value in self.values.split(" / ") if value.strip()]
        part.image_key = self.image_key or None
        return part


class ProductImage(EmbeddedModel):
    """A picture of a product: one row of the form. New ones come signed from the upload."""

    parent = models.ForeignKey(Product, on_delete=models.DO_NOTHING)
    key = models.CharField(max_length=200, editable=False, blank=True)
    alt = models.CharField(
        "description", max_length=250, blank=True, help_text="What is to be seen, for those who cannot see it."
    )

    class Meta(EmbeddedModel.Meta):
        abstract = False
        app_label = "catalog"
        verbose_name = "picture"

    class Dynamo:
        attribute = "images"
        part = stored.Image

    def __str__(self) -> str:
        return self.alt or "Picture"

    def to_part(self) -> Any:
        part = self.part if self.part is not None else stored.Image()
        part.alt = self.alt
        return part


def read_lines(text: str) -> list[tuple[str, str]]:
    """Read lines of “Name: value”.

    :raises ValueError: if a line has no colon, or nothing before or behind it.
    """
    pairs = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not (name and colon and value):
            raise ValueError(f"“{line}” needs a name, a colon and something behind it.")
        pairs.append((name, value))
    return pairs


def write_lines(pairs: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in pairs)
