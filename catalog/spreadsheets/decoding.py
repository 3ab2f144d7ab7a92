"""From the bytes of an upload to rows of cells, whatever program wrote them. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus

from cloudcart.errors import StorefrontError

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 100_000
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}

_BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_OTHER_FILES = {
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "a packed file",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}
_SAVE_AS = "In your spreadsheet program, choose “Save as” and “CSV UTF-8”, and upload that file."


class UnreadableSheet(StorefrontError):
    """A file cannot be read as a list of products at all; the sentence says what to do."""

    code = "unreadable-file"
    status_code = HTTPStatus.UNPROCESSABLE_ENTITY


class FileTooLarge(UnreadableSheet):
    """A file has more bytes or rows than an import takes."""

    code = "file-too-large"


@dataclass
class Cells:
    """A header and the rows below it, numbered as a spreadsheet does: the header is row 1."""

    header: list[str]
    rows: Iterator[tuple[int, list[str]]]
    notes: list[str] = field(default_factory=list)


def read_cells(body: bytes, *, known: Collection[str]) -> Cells:
    """Decode a file and find out what its cells are separated by.

    :param known: names of columns, in small letters: the separator that makes most of them is the right one.
    :raises FileTooLarge: if it has more than 20 MB, or while reading, more than 100,000 rows.
    :raises UnreadableSheet: if it is empty, no text, or another kind of file.
    """
    text, notes = decode(body)
    text, delimiter = _delimiter(text, known)
    _check_quotes(text, delimiter)
    rows = _rows(text, delimiter)
    number, header = next(rows, (0, []))
    if not any(header):
        raise UnreadableSheet("The file is empty. It needs a row with the names of the columns, and products below it.")
    if number > 1:
        notes.append(f"The names of the columns are in row {number}; the empty rows above are not used.")
    if delimiter != ",":
        notes.append(f"The cells are separated by {DELIMITERS[delimiter]}.")
    return Cells(header, rows, notes)


def decode(body: bytes) -> tuple[str, list[str]]:
    """Give the text of a file in UTF-8, UTF-16 or Windows-1252, and what to tell of it.

    :raises FileTooLarge: if it has more than 20 MB.
    :raises UnreadableSheet: if it is no text.
    """
    if len(body) > MAX_BYTES:
        raise FileTooLarge(
            f"The file is larger than {MAX_BYTES // 1024 // 1024} MB. Divide it into several, each with the header."
        )
    for start, description in _OTHER_FILES.items():
        if body.startswith(start):
            raise UnreadableSheet(f"This is {description}, not a CSV file. {_SAVE_AS}")
    utf_16 = _utf_16(body)
    try:
        if utf_16:
            return body.decode(utf_16).removeprefix("\ufeff"), ["The file is in UTF-16."]
        return body.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        if utf_16:
            raise UnreadableSheet(f"The file begins as UTF-16 and goes on otherwise. {_SAVE_AS}") from error
    return _decode_windows(body)


def _decode_windows(body: bytes) -> tuple[str, list[str]]:
    try:
        text = body.decode("cp1252")
    except UnicodeDecodeError as error:
        raise UnreadableSheet(f"The file is no text in UTF-8, UTF-16 or Windows-1252. {_SAVE_AS}") from error
    if "\0" in text:
        raise UnreadableSheet(f"The file is no text. {_SAVE_AS}")
    note = "The file is not in UTF-8 and was read as Windows-1252. Look whether letters such as ä, é or € are right."
    return text, [note]


def _utf_16(body: bytes) -> str | None:
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if body.startswith(mark):
            return encoding
    # Without a mark: the names of columns are of letters whose other half is zero.
    start = body[:200]
    if len(start) >= 8 and start[1::2].count(0) > len(start) // 3:
        return "utf-16-le"
    if len(start) >= 8 and start[0::2].count(0) > len(start) // 3:
        return "utf-16-be"
    return None


def _delimiter(text: str, known: Collection[str]) -> tuple[str, str]:
    # Excel reads and writes a first line such as "sep=;".
    first, _, rest = text.partition("\n")
    stated = first.strip().strip('"').removeprefix("sep=")
    if first.strip().strip('"').startswith("sep=") and stated in DELIMITERS:
        return rest, stated
    return text, max(DELIMITERS, key=lambda delimiter: _score(text, delimiter, known))


def _score(text: str, delimiter: str, known: Collection[str]) -> tuple[int, int]:
    try:
        header = next((row for row in csv.reader(_lines(text), delimiter=delimiter) if any(row)), [])
    except csv.Error:
        return 0, 0
    names = [clean_name(name) for name in header]
    return sum(name in known for name in names), len(names)


def clean_name(name: str) -> str:
    """A column's name as names are compared: small, with single spaces."""
    return " ".join(name.replace("\ufeff", "").split()).casefold()


def _check_quotes(text: str, delimiter: str) -> None:
    row = 1
    try:
        for _ in csv.reader(_lines(text), delimiter=delimiter, strict=True):
            row += 1
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise UnreadableSheet(
                f"A quotation mark that is opened in row {row} is never closed, so everything behind it would be one "
                "cell. Close it, or write the mark twice if it belongs to the text."
            ) from error


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    number = 0
    try:
        for number, cells in enumerate(csv.reader(_lines(text), delimiter=delimiter), 1):
            if number > MAX_ROWS + 1:
                raise FileTooLarge(f"The file has more than {MAX_ROWS:,} rows. Divide it into smaller ones.")
            if any(cell.strip() for cell in cells):
                yield number, [_plain(cell) for cell in cells]
    except csv.Error as error:
        raise UnreadableSheet(
            f"Row {number + 1} cannot be read ({error}). Perhaps a quotation mark in it, or above, is not closed."
        ) from error


def _lines(text: str) -> io.StringIO:
    return io.StringIO(text, newline="")


def _plain(cell: str) -> str:
    return cell.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
