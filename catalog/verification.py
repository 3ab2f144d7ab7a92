"""Compare the levels of the stock with the sum of its ledger. Scans: for commands, not for pages."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from catalog.ledger import Reason, StockEntry, StockLine
from catalog.models import Stock

_ATTEMPTS = 5


@dataclass(frozen=True)
class Levels:
    """Units of one SKU."""

    available: int = 0
    reserved: int = 0


@dataclass(frozen=True)
class Difference:
    """A SKU whose levels are not the sum of its ledger."""

    sku: str
    stored: Levels
    ledger: Levels

    def __str__(self) -> str:
        parts = [
            f"{stored} {kind}, but the ledger says {noted}"
            for kind, stored, noted in (
                ("available", self.stored.available, self.ledger.available),
                ("reserved", self.stored.reserved, self.ledger.reserved),
            )
            if stored != noted
        ]
        return f"{self.sku}: {'; '.join(parts)}."


@dataclass(frozen=True)
class Verification:
    """``unsettled`` are SKUs that were sold all the time while they were looked at."""

    skus: int
    entries: int
    differences: tuple[Difference, ...]
    unsettled: tuple[str, ...]


def verify_stock() -> Verification:
    """Look at every SKU and every entry, while the shop is running; three scans or more.

    The ledger is read between two readings of the levels. A SKU whose revision is the same in both was
    left alone meanwhile, so its ledger was whole; the others are looked at again.
    """
    open_skus: set[str] | None = None
    differences: list[Difference] = []
    skus = entries = 0
    before = _read_levels()
    for _ in range(_ATTEMPTS):
        sums, entries = _sum_ledger()
        after = _read_levels()
        skus = len(after)
        looked_at = before.keys() | after.keys() | sums.keys() if open_skus is None else open_skus
        settled = {sku for sku in looked_at if _revision(before.get(sku)) == _revision(after.get(sku))}
        differences += _differences(sorted(settled), after, sums)
        open_skus = looked_at - settled
        if not open_skus:
            break
        before = after
    return Verification(skus, entries, tuple(differences), tuple(sorted(open_skus or ())))


def correct_ledger(differences: Iterable[Difference], *, now: datetime, note: str) -> None:
    """Add an entry for each difference, so that the ledger agrees with the levels, which stay as they are.

    For stock from before there was a ledger, and after its cause was found.
    """
    for difference in differences:
        StockEntry(
            f"corrected:{difference.sku}:{now.isoformat()}",
            at=now,
            reason=Reason.CORRECTED,
            note=note,
            lines=[
                StockLine(
                    sku=difference.sku,
                    available=difference.stored.available - difference.ledger.available,
                    reserved=difference.stored.reserved - difference.ledger.reserved,
                )
            ],
        ).save(StockEntry.entry_id.does_not_exist())


def _read_levels() -> dict[str, Stock]:
    return {item.sku: item for item in Stock.scan(consistent_read=True)}


def _sum_ledger() -> tuple[dict[str, Levels], int]:
    available, reserved = Counter[str](), Counter[str]()
    entries = 0
    for entry in StockEntry.scan(consistent_read=True):
        entries += 1
        for line in entry.lines:
            available[line.sku] += line.available
            reserved[line.sku] += line.reserved
    return {sku: Levels(available[sku], reserved[sku]) for sku in available}, entries


def _differences(skus: Iterable[str], stored: dict[str, Stock], sums: dict[str, Levels]) -> Iterator[Difference]:
    for sku in skus:
        item = stored.get(sku)
        levels = Levels(item.available, item.reserved) if item else Levels()
        noted = sums.get(sku, Levels())
        if levels != noted:
            yield Difference(sku, levels, noted)


def _revision(item: Stock | None) -> int | None:
    return item.revision if item else None
