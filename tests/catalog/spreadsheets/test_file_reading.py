"""Whatever program wrote the file: its encoding, its separators, its mistakes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.spreadsheets.decoding import MAX_BYTES, FileTooLarge, UnreadableSheet
from tests.catalog.spreadsheets.files import read, write

ROWS = [{"slug": "mug", "title": "Grüner Becher", "sku": "MUG", "price": "12.50", "stock": 3}]


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_the_usual_encodings_are_read_and_the_unusual_ones_are_told(encoding: str, note: str | None) -> None:
    reading = read(write(ROWS).decode().encode(encoding))

    assert reading.drafts[0].fields["title"] == "Grüner Becher"
    assert (note or "") in " ".join(reading.notes)
    assert bool(reading.notes) is (note is not None)


@pytest.mark.parametrize(("delimiter", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_other_separators_are_found_and_told(delimiter: str, name: str) -> None:
    reading = read(write(ROWS, delimiter=delimiter))

    assert reading.drafts[0].variants[0].unit_amount == 1250
    assert reading.notes == [f"The cells are separated by {name}."]


def test_excels_first_line_that_names_the_separator_is_believed() -> None:
    body = b"sep=;\r\nsku;title;price\r\nMUG;Mug, green;1,50\r\n"

    assert read(body).drafts[0].variants[0].unit_amount == 150


def test_a_cell_may_have_lines_and_quotation_marks() -> None:
    rows = [{"slug": "mug", "title": 'The "best" mug', "description": "One\nTwo, three", "sku": "M", "price": 1}]

    assert read(write(rows)).drafts[0].fields["description"] == "One\nTwo, three"


def test_rows_are_counted_as_a_spreadsheet_does() -> None:
    body = b'\n\nsku,slug,title,description,price\nA,a,A,"two\nlines",1\n\nB,b,B,,x\n'
    reading = read(body)

    assert [draft.row for draft in reading.drafts] == [4, 6]
    assert [(issue.row, issue.column) for issue in reading.drafts[1].issues] == [(6, "price")]
    assert "in row 3" in reading.notes[0]


def test_a_column_that_is_there_twice_fails_only_rows_that_say_two_things() -> None:
    body = b"sku,title,price,price\nA,A,1,1\nB,B,,2\nC,C,1,2\n"
    reading = read(body)

    assert [draft.variants[0].unit_amount for draft in reading.drafts[:2]] == [100, 200]
    assert "more than one column “price”" in reading.notes[0]
    assert [issue.row for draft in reading.drafts for issue in draft.issues] == [4]


def test_a_row_with_more_cells_than_columns_says_that_marks_may_be_missing() -> None:
    issues = read(b"sku,title,price\nA,A mug, green,1\n").drafts[0].issues

    assert [(issue.row, issue.sentence) for issue in issues if "quotation marks" in issue.sentence]


def test_columns_without_use_are_named() -> None:
    assert read(b"sku,title,price,color of the box\nA,A,1,red\n").notes == [
        "The shop has no use for these columns, and leaves them out: “color of the box”."
    ]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"PK\x03\x04 and more", "Excel workbook"),
        (b"\xd0\xcf\x11\xe0 and more", "old Excel workbook"),
        (b"%PDF-1.7", "PDF"),
        (b"\x81\x8d\x8f\x00\x01", "no text"),
        (b"\x01\x00\x00\x02\x99\xff\x00 no text", "no text"),
        (b"sku,price\n", "no products below"),
        (b"name,cost\nMug,1\n", "columns that the shop does not know: “name”, “cost”"),
        (b'sku,title,price\nA,"A,1\nB,B,2\n', "opened in row 2 is never closed"),
        (b"a" * (MAX_BYTES + 1), "larger than 20 MB"),
    ],
)
def test_what_cannot_be_read_is_explained(body: bytes, words: str) -> None:
    with pytest.raises(UnreadableSheet, match=words) as refused:
        read(body)
    assert refused.value.status_code == 422


def test_too_many_rows_are_refused() -> None:
    with pytest.raises(FileTooLarge, match="100,000 rows"):
        read(b"sku,price\n" + b"\n" * 100_001)


@given(body=st.binary(max_size=300))
def test_whatever_bytes_come_the_answer_is_products_or_a_sentence(body: bytes) -> None:
    for start in (b"", b"sku,title,price\n", b"\xff\xfes\x00k\x00u\x00", b"Handle,Title\n", b"Type,SKU,Name\n"):
        try:
            assert read(start + body).drafts
        except UnreadableSheet as refused:
            assert str(refused).endswith(".")  # noqa: PT017 (either is right)
