"""What a file wants of a product, whatever kind of file it is; kept as JSON between the steps of an import. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Issue:
    """What to put right, or to know: the row as a spreadsheet counts them (1 is the header), the column, a sentence."""

    row: int
    column: str
    sentence: str


@dataclass
class WantedImage:
    """A picture by its address."""

    url: str
    alt: str = ""


@dataclass
class WantedVariant:
    """One variant's row. `None` is what the file does not say; amounts are minor units of the shop's currency.

    `is_sku_made`: the file has no SKU, and this is made of the address and the values.
    `clears_compare_at` is said by an empty cell: the sale is over.
    """

    row: int
    sku: str = ""
    is_sku_made: bool = False
    values: list[str] = field(default_factory=list)
    unit_amount: int | None = None
    compare_at_amount: int | None = None
    clears_compare_at: bool = False
    stock: int | None = None
    image_url: str = ""


@dataclass
class Draft:
    """A product as the file wants it.

    `name` is what the file calls it. `product_id` is the id that it has or gets, `slug` the address
    that it wants; `keeps_slug` leaves a product that exists where it is. `fields` holds what the file says
    of the product, by the names of `catalog.spreadsheets.fields`, and `columns` where it says so. A file that
    `states_options` has a value of each option for each variant; one that does not only names SKUs.
    """

    row: int
    name: str
    product_id: str = ""
    slug: str = ""
    keeps_slug: bool = False
    is_found_by_sku: bool = False
    fields: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    states_options: bool = False
    option_names: list[str] = field(default_factory=list)
    variants: list[WantedVariant] = field(default_factory=list)
    images: list[WantedImage] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    notes: list[Issue] = field(default_factory=list)
    skipped: str = ""

    @property
    def skus(self) -> list[str]:
        return [variant.sku for variant in self.variants if variant.sku]

    def column(self, name: str) -> str:
        return self.columns.get(name, name)

    def fail(self, row: int, column: str, sentence: str) -> None:
        """Something stands in the way of this product."""
        self.issues.append(Issue(row, column, sentence))

    def note(self, row: int, column: str, sentence: str) -> None:
        """Something is imported otherwise than the file says."""
        self.notes.append(Issue(row, column, sentence))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Draft:
        return cls(
            **{
                **values,
                "variants": [WantedVariant(**variant) for variant in values["variants"]],
                "images": [WantedImage(**image) for image in values["images"]],
                "issues": [Issue(**issue) for issue in values["issues"]],
                "notes": [Issue(**note) for note in values["notes"]],
            }
        )
