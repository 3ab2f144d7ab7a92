from contextlib import suppress
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.product_list import BadRow, Row, UnreadableFile, read_product_list

GOOD = "{id: a1, name: Teapot, category: kitchen, price: 12.5}"


@pytest.fixture
def write(tmp_path: Path) -> Path:
    return tmp_path / "products.yaml"


def _reasons(path: Path, row: str) -> list[str]:
    path.write_text(f"- {row}\n", encoding="utf-8")
    return [bad_row.reason for bad_row in read_product_list(path).bad_rows]


def test_a_row_is_read_with_all_its_fields(write: Path) -> None:
    write.write_text(
        dedent("""
            - id: 6579c22f-be2b-444c-a52b-0116dd82df6c
              current_stock: 15
              name: Expedition Backpack
              category: accessories
              style: backpack
              description: Embark on your next journey
                with a rugged backpack.
              price: 129.99
              image: 6579c22f.jpg
              featured: true
              where_visible: UI
        """)
    )

    assert read_product_list(write).rows == [
        Row(
            line=2,
            product_id="6579c22f-be2b-444c-a52b-0116dd82df6c",
            name="Expedition Backpack",
            category="accessories",
            style="backpack",
            description="Embark on your next journey with a rugged backpack.",
            unit_amount=12999,
            stock=15,
            is_featured=True,
        )
    ]


def test_what_is_optional_may_be_absent_or_empty(write: Path) -> None:
    write.write_text(f"- {GOOD}\n- {{id: 7, name: Cup, category: kitchen, price: 3, style: , current_stock: }}\n")

    first, second = read_product_list(write).rows
    assert (first.style, first.description, first.stock, first.is_featured) == ("", "", 0, False)
    assert (second.product_id, second.unit_amount, second.stock) == ("7", 300, 0)


@pytest.mark.parametrize(
    ("price", "minor"), [("0", 0), ("0.1", 10), ("19.99", 1999), ("24999.99", 2499999), ("1_000", 100000)]
)
def test_prices_become_minor_units_without_a_rounding_error(write: Path, price: str, minor: int) -> None:
    write.write_text(f"- {{id: a1, name: Teapot, category: kitchen, price: {price}}}\n")

    assert [row.unit_amount for row in read_product_list(write).rows] == [minor]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("{id: a1, category: kitchen, price: 1}", "the name is missing"),
        ("{id: a1, name: '  ', category: kitchen, price: 1}", "the name is missing"),
        ("{id: a1, name: [Tea, pot], category: kitchen, price: 1}", "the name must be text, not a list"),
        ("{id: a1, name: 1984, category: kitchen, price: 1}", "the name must be text, not 1984"),
        (f"{{id: a1, name: {'x' * 201}, category: kitchen, price: 1}}", "the name is longer than 200 characters"),
        ("{name: Teapot, category: kitchen, price: 1}", "the id is missing"),
        ("{id: true, name: Teapot, category: kitchen, price: 1}", "the id must be text, not true"),
        ("{id: a/1, name: Teapot, category: kitchen, price: 1}", "the id “a/1” takes only letters, digits and hyphens"),
        ("{id: a1, name: Teapot, price: 1}", "the category is missing"),
        ("{id: a1, name: Teapot, category: {a: b}, price: 1}", "the category must be text, not a mapping"),
        ("just a line of text", "the row is not a mapping of fields, such as “name: Teapot”"),
        ("[a, list]", "the row is not a mapping of fields, such as “name: Teapot”"),
        ("", "the row is not a mapping of fields, such as “name: Teapot”"),
    ],
)
def test_a_bad_row_is_refused_in_words(write: Path, row: str, reason: str) -> None:
    assert _reasons(write, row) == [reason]


@pytest.mark.parametrize(
    ("price", "reason"),
    [
        ("", "the price is missing"),
        ("cheap", "the price must be a number such as 12.50, not “cheap”"),
        ("'9.50'", "the price must be a number such as 12.50, not “9.50”"),
        (".inf", "the price must be a number such as 12.50, not inf"),
        (".nan", "the price must be a number such as 12.50, not nan"),
        ("true", "the price must be a number such as 12.50, not true"),
        ("-1", "the price is below zero"),
        ("9.999", "the price 9.999 has more decimal places than EUR has"),
        ("9.0e+30", "the price is far too high"),
        (str(10**400), "the price is far too high"),
    ],
)
def test_a_bad_price_is_refused_in_words(write: Path, price: str, reason: str) -> None:
    assert _reasons(write, f"{{id: a1, name: Teapot, category: kitchen, price: {price}}}") == [reason]


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("current_stock: many", "current_stock must be a whole number, not “many”"),
        ("current_stock: 1.5", "current_stock must be a whole number, not 1.5"),
        ("current_stock: true", "current_stock must be a whole number, not true"),
        ("current_stock: -1", "current_stock must be between 0 and 1,000,000,000"),
        ("featured: perhaps", "featured must be true or false, not “perhaps”"),
        ("style: [a]", "the style must be text, not a list"),
        ("since: 2026-02-31", "the row holds an impossible value, such as the 31st of February"),
        ("run: !!python/name:os.system x", "the row holds an impossible value, such as the 31st of February"),
    ],
)
def test_a_bad_optional_field_is_refused_in_words(write: Path, field: str, reason: str) -> None:
    assert _reasons(write, GOOD.replace("}", f", {field}}}")) == [reason]


def test_all_that_is_wrong_with_a_row_is_told_at_once(write: Path) -> None:
    (reason,) = _reasons(write, "{id: a1, name: Teapot, price: cheap, current_stock: many}")

    assert reason == (
        "the category is missing, the price must be a number such as 12.50, not “cheap”, "
        "current_stock must be a whole number, not “many”"
    )


def test_bad_rows_are_named_by_their_line_and_the_others_are_read(write: Path) -> None:
    write.write_text(
        dedent("""\
            # What we sell
            - id: a1
              name: Teapot
              category: kitchen
              price: 12.50

            - id: a2
              category: kitchen
              price: 3
            - text
            - id: a1
              name: Another teapot
              category: kitchen
              price: 4
        """)
    )

    products = read_product_list(write)
    assert [row.name for row in products.rows] == ["Teapot"]
    assert products.bad_rows == [
        BadRow(7, "the name is missing"),
        BadRow(10, "the row is not a mapping of fields, such as “name: Teapot”"),
        BadRow(11, "the id “a1” is used already in line 2"),
    ]


def test_the_id_of_a_bad_row_is_free_for_a_good_one(write: Path) -> None:
    write.write_text(f"- {{id: a1, name: Teapot, category: kitchen}}\n- {GOOD}\n")

    products = read_product_list(write)
    assert [row.line for row in products.rows] == [2]
    assert [row.line for row in products.bad_rows] == [1]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty."),
        (b"# nothing here\n", "is empty."),
        (b"[]", "holds no products."),
        (b"name: Teapot\n", "must hold a list of products"),
        (b"Teapots, cups and plates", "must hold a list of products"),
        (b"- [1,\n", "is not YAML: "),
        (b"- a\n--- \n- b\n", "is not YAML: "),
        (b"- *unknown\n", "is not YAML: "),
        (b"- \x07", "is not YAML: "),
        (b"\x7fELF\x02\x01\x01\xff\xfe", "is not a text file in UTF-8."),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_a_sentence(write: Path, content: bytes, sentence: str) -> None:
    write.write_bytes(content)

    with pytest.raises(UnreadableFile) as refused:
        read_product_list(write)
    assert sentence in str(refused.value)


def test_a_syntax_error_is_named_by_its_line(write: Path) -> None:
    write.write_text(f"- {GOOD}\n- {{id: a2\n- {GOOD}\n")

    with pytest.raises(UnreadableFile, match=r"in line 3\.$"):
        read_product_list(write)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"There is no file .*nowhere\.yaml\."):
        read_product_list(tmp_path / "nowhere.yaml")
    with pytest.raises(UnreadableFile, match=r"is a folder, not a file\."):
        read_product_list(tmp_path)


def test_a_file_with_a_byte_order_mark_is_read(write: Path) -> None:
    write.write_bytes(b"\xef\xbb\xbf- " + GOOD.encode())

    assert [row.name for row in read_product_list(write).rows] == ["Teapot"]


def test_a_list_that_repeats_itself_by_aliases_is_read_once(write: Path) -> None:
    write.write_text("- &row {id: a1, name: Teapot, category: kitchen, price: 1}\n- *row\n- &loop [*loop]\n")

    products = read_product_list(write)
    assert len(products.rows) == 1
    assert len(products.bad_rows) == 2


@given(content=st.text(max_size=300))
def test_any_text_is_a_list_or_a_sentence(content: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(content.encode("utf-8", "surrogatepass"))

    with suppress(UnreadableFile):
        products = read_product_list(path)
        assert products.rows or products.bad_rows
