"""The two kinds of documents, each with numbers of its own."""

from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.conf import settings


class Kind(StrEnum):
    """What was sold; what of it is taken back."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {Kind.INVOICE: "Invoice", Kind.CREDIT_NOTE: "Credit note"}
_PREFIXES = {Kind.INVOICE: "INV", Kind.CREDIT_NOTE: "CN"}


def series_of(kind: Kind, *, at: datetime) -> str:
    """Give the series that a document of this moment belongs to: ``INV-2026``, by the shop's own calendar."""
    return f"{_PREFIXES[kind]}-{at.astimezone(ZoneInfo(settings.TIME_ZONE)).year}"


def number_of(series: str, position: int) -> str:
    """Give the number at a position of a series: ``INV-2026-000042``. Six digits, or more when they are used up."""
    return f"{series}-{position:06d}"
