"""Rows by the names of their columns, and what is wrong with a file as a whole. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from catalog.spreadsheets.cells import UnusableCell
from catalog.spreadsheets.decoding import Cells, clean_name
from catalog.spreadsheets.drafts import Draft, Issue

T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """One row; cells are asked for by the plain name of their column."""

    number: int
    cells: Mapping[str, str]
    problems: Sequence[Issue] = ()
    titles: Mapping[str, str] = field(default_factory=dict)

    def text(self, *names: str) -> str:
        """The first cell of these columns that is not empty."""
        return next((self.cells[name].strip() for name in names if self.cells.get(name, "").strip()), "")

    def has(self, name: str) -> bool:
        return name in self.cells

    def title(self, *names: str) -> str:
        """What the file calls the first of these columns that it has."""
        return next((self.titles[name] for name in names if name in self.titles), names[0])

    def read(self, draft: Draft, names: Sequence[str], reader: Callable[[str], T], default: T) -> T:
        """Read a cell; if it cannot be used, the draft fails and the default is given."""
        try:
            return reader(self.text(*names))
        except UnusableCell as error:
            draft.fail(self.number, self.title(*names), str(error))
            return default


class Sheet:
    """The rows of a file, with columns under the names that its kind goes by."""

    def __init__(self, cells: Cells, *, aliases: Mapping[str, str], unescape: Callable[[str], str] = str) -> None:
        """:param aliases: other names of columns, in small letters, and the one they stand for."""
        self.notes = list(cells.notes)
        self._cells = cells
        self._unescape = unescape
        self._columns = [aliases.get(clean_name(name), clean_name(name)) for name in cells.header]
        self.titles = {
            column: title.strip() for column, title in zip(reversed(self._columns), reversed(cells.header), strict=True)
        }
        self._used: set[str] = set()
        self._note_doubles()

    @property
    def columns(self) -> set[str]:
        return {column for column in self._columns if column}

    @property
    def used(self) -> list[str]:
        """Columns that have anything in them, by the names that the file gives them."""
        return [title for column, title in self.titles.items() if column in self._used]

    def is_used(self, column: str) -> bool:
        return column in self._used

    def rows(self) -> Iterator[Row]:
        """The rows, read as they are asked for."""
        for number, cells in self._cells.rows:
            yield self._row(number, [self._unescape(cell) for cell in cells])

    def _row(self, number: int, cells: Sequence[str]) -> Row:
        values: dict[str, str] = dict.fromkeys(self.columns, "")
        problems = list(self._surplus(number, cells))
        for column, cell in zip(self._columns, cells, strict=False):
            if not column or not cell.strip():
                continue
            self._used.add(column)
            if values[column].strip() and values[column] != cell:
                sentence = (
                    "The column is in the file twice, and this row says two different things. Remove one of them."
                )
                problems.append(Issue(number, self.titles[column], sentence))
            values[column] = cell
        return Row(number, values, problems, self.titles)

    def _surplus(self, number: int, cells: Sequence[str]) -> Iterator[Issue]:
        unnamed = [
            cell
            for index, cell in enumerate(cells)
            if cell.strip() and (index >= len(self._columns) or not self._columns[index])
        ]
        if unnamed:
            yield Issue(
                number,
                "",
                f"“{unnamed[0].strip()[:40]}” is in a cell without a column's name above it. "
                "Perhaps a text with a comma in it lacks its quotation marks.",
            )

    def _note_doubles(self) -> None:
        doubled = sorted({name for name in self._columns if name and self._columns.count(name) > 1})
        if doubled:
            names = ", ".join(f"“{self.titles[name]}”" for name in doubled)
            self.notes.append(f"The file has more than one column {names}; the one that is filled in counts.")


def note_unused(sheet: Sheet, known: Mapping[str, str] | set[str]) -> str | None:
    """A sentence on columns that say something the shop has no use for."""
    names = [title for title in sheet.used if clean_name(title) not in known]
    if not names:
        return None
    shown = ", ".join(f"“{name}”" for name in names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
    return f"The shop has no use for these columns, and leaves them out: {shown}."
