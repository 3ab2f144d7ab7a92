"""What an import would do, or did, with each product of a file; kept as JSON. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from catalog.spreadsheets.drafts import Issue

# Longer texts are cut where they are only shown.
SHOWN_LENGTH = 300


class Outcome(StrEnum):
    """What becomes of one product."""

    CREATED = "created"
    CHANGED = "changed"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True)
class FieldChange:
    """One field, as a person reads it, before and after."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class StockChange:
    """Units of one SKU that can be sold, as they were read and as the file has them."""

    sku: str
    old: int
    new: int


@dataclass
class Entry:
    """One product of a file: what would change, from which version of it, and what is wrong.

    `pictures` are addresses that are to be fetched. `reason` says why a product is skipped.
    """

    row: int
    name: str
    product_id: str
    outcome: str
    version: int | None = None
    changes: list[FieldChange] = field(default_factory=list)
    stock: list[StockChange] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    notes: list[Issue] = field(default_factory=list)
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Entry:
        return cls(
            **{
                **values,
                "changes": [FieldChange(**change) for change in values["changes"]],
                "stock": [StockChange(**change) for change in values["stock"]],
                "issues": [Issue(**issue) for issue in values["issues"]],
                "notes": [Issue(**note) for note in values["notes"]],
            }
        )


def cut(text: str) -> str:
    """A text as it is shown in a list of changes."""
    return text if len(text) <= SHOWN_LENGTH else f"{text[: SHOWN_LENGTH - 1]}…"
