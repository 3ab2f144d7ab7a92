"""Read a list of products in YAML, row by row, so that one bad row does not cost the others.

A row is a mapping: `id`, `name`, `category`, `price` (in major units) and, where there are any,
`description`, `style`, `current_stock` and `featured`. Other fields are not used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from catalog.listings import MAX_AMOUNT
from catalog.validation import ID, MAX_DESCRIPTION_LENGTH, MAX_TITLE_LENGTH
from cloudcart.errors import StorefrontError
from cloudcart.money import to_minor

MAX_CATEGORY_LENGTH = 60
MAX_STOCK = 1_000_000_000

_IMPOSSIBLE = object()


class UnreadableFile(StorefrontError):
    """A list of products cannot be read at all."""

    code = "unreadable-file"
    status_code = 422


@dataclass(frozen=True)
class BadRow:
    """A row that was left out: its line in the file and all that is wrong with it."""

    line: int
    reason: str


@dataclass(frozen=True)
class Row:
    """A row that can be sold; `unit_amount` is in minor units of the shop's currency."""

    line: int
    product_id: str
    name: str
    category: str
    style: str
    description: str
    unit_amount: int
    stock: int
    is_featured: bool


@dataclass(frozen=True)
class ProductList:
    """What a file holds: rows that can be sold, and rows that were left out."""

    rows: list[Row]
    bad_rows: list[BadRow]


def read_product_list(path: Path) -> ProductList:
    """Read a YAML file that holds a list of products.

    :raises UnreadableFile: if there is no such file, or if it is no text, no YAML, or no list.
    """
    document = _compose(_read_text(path), path)
    if document is None:
        raise UnreadableFile(f"{path} is empty.")
    if not isinstance(document, yaml.SequenceNode):
        raise UnreadableFile(f"{path} must hold a list of products, every one of them beginning with “- id: …”.")
    if not document.value:
        raise UnreadableFile(f"{path} holds no products.")
    products = ProductList([], [])
    line_of: dict[str, int] = {}
    for node in document.value:
        line = node.start_mark.line + 1
        fields = _Fields(_construct(node), line_of)
        row = fields.row(line)
        if fields.problems:
            products.bad_rows.append(BadRow(line, ", ".join(fields.problems)))
        else:
            line_of[row.product_id] = line
            products.rows.append(row)
    return products


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise UnreadableFile(f"There is no file {path}.") from error
    except IsADirectoryError as error:
        raise UnreadableFile(f"{path} is a folder, not a file.") from error
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{path} is not a text file in UTF-8.") from error
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror}.") from error


def _compose(text: str, path: Path) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        where = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UnreadableFile(f"{path} is not YAML: {error.problem}{where}.") from error
    except yaml.YAMLError as error:
        raise UnreadableFile(f"{path} is not YAML: it holds characters that text does not have.") from error


def _construct(node: yaml.Node) -> object:
    try:
        return yaml.constructor.SafeConstructor().construct_document(node)
    except (yaml.YAMLError, ValueError, TypeError):
        # The 31st of February, a number of five thousand digits, a tag that asks for code to be run.
        return _IMPOSSIBLE


class _Fields:
    """One row's fields, read with their types; what is wrong is collected, so that all of it is told at once."""

    def __init__(self, value: object, line_of: Mapping[str, int]) -> None:
        self.problems: list[str] = []
        self._line_of = line_of
        self._values: Mapping[Any, Any] = value if isinstance(value, dict) else {}
        if value is _IMPOSSIBLE:
            self.problems.append("the row holds an impossible value, such as the 31st of February")
        elif not isinstance(value, dict):
            self.problems.append("the row is not a mapping of fields, such as “name: Teapot”")

    def row(self, line: int) -> Row:
        """The row as far as it goes; of use only if there are no problems."""
        if self.problems:
            return Row(line, "", "", "", "", "", 0, 0, is_featured=False)
        return Row(
            line,
            product_id=self._id(),
            name=self._text("name", limit=MAX_TITLE_LENGTH, is_required=True),
            category=self._text("category", limit=MAX_CATEGORY_LENGTH, is_required=True),
            style=self._text("style", limit=MAX_CATEGORY_LENGTH),
            description=self._text("description", limit=MAX_DESCRIPTION_LENGTH),
            unit_amount=self._price(),
            stock=self._stock(),
            is_featured=self._flag("featured"),
        )

    def _id(self) -> str:
        value = self._values.get("id")
        # A number without quotes is as good an id as one with them.
        product_id = str(value) if _is_whole_number(value) else self._text("id", limit=64, is_required=True)
        if product_id and not ID.fullmatch(product_id):
            self.problems.append(f"the id “{product_id}” takes only letters, digits and hyphens")
        if product_id in self._line_of:
            self.problems.append(f"the id “{product_id}” is used already in line {self._line_of[product_id]}")
        return product_id

    def _text(self, name: str, *, limit: int, is_required: bool = False) -> str:
        value = self._values.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            if is_required:
                self.problems.append(f"the {name} is missing")
            return ""
        if not isinstance(value, str):
            self.problems.append(f"the {name} must be text, not {_describe(value)}")
            return ""
        if len(value) > limit:
            self.problems.append(f"the {name} is longer than {limit} characters")
        return value.strip() if name == "description" else " ".join(value.split())

    def _price(self) -> int:
        value = self._values.get("price")
        if value is None:
            self.problems.append("the price is missing")
        elif not _is_whole_number(value) and not (isinstance(value, float) and isfinite(value)):
            self.problems.append(f"the price must be a number such as 12.50, not {_describe(value)}")
        elif value < 0:
            self.problems.append("the price is below zero")
        elif value > MAX_AMOUNT:
            self.problems.append("the price is far too high")
        else:
            return self._minor(Decimal(str(value)))
        return 0

    def _minor(self, price: Decimal) -> int:
        try:
            amount = to_minor(price, settings.CURRENCY)
        except ValueError:
            self.problems.append(f"the price {price} has more decimal places than {settings.CURRENCY} has")
            return 0
        if amount > MAX_AMOUNT:
            self.problems.append("the price is far too high")
        return amount

    def _stock(self) -> int:
        value = self._values.get("current_stock")
        if value is None:
            return 0
        if not _is_whole_number(value):
            self.problems.append(f"current_stock must be a whole number, not {_describe(value)}")
        elif not 0 <= value <= MAX_STOCK:
            self.problems.append(f"current_stock must be between 0 and {MAX_STOCK:,}")
        else:
            return int(value)
        return 0

    def _flag(self, name: str) -> bool:
        value = self._values.get(name)
        if value is not None and not isinstance(value, bool):
            self.problems.append(f"{name} must be true or false, not {_describe(value)}")
        return value is True


def _is_whole_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _describe(value: object) -> str:
    if isinstance(value, str):
        return f"“{value[:40]}”"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "a mapping"
    return str(value)[:40].lower()
