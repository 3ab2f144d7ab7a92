"""Read stored items without the detours that botocore and PynamoDB take on the way from JSON to a model."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from botocore.parsers import JSONParser, ResponseParser, ResponseParserFactory
from pynamodb.attributes import Attribute, ListAttribute
from pynamodb.constants import BINARY, BINARY_SET, LIST, MAP, NULL
from pynamodb.exceptions import AttributeDeserializationError

_Value = Mapping[str, Any]
Part = TypeVar("Part", bound=Attribute[Any])


class ListOfMaps(ListAttribute[Part]):
    """A list of maps of one kind.

    PynamoDB's own copies the attributes of the kind deeply each time that a list is read, an empty one too, to
    have a name for an error message.
    """

    def deserialize(self, values: Sequence[_Value]) -> list[Any]:
        return [None if NULL in value else self._read(value) for value in values]

    def _read(self, value: _Value) -> Any:
        if MAP not in value:
            raise AttributeDeserializationError(self.attr_name, MAP)
        return self.element_type._instantiate(value[MAP])  # type: ignore[union-attr]


class ItemParserFactory(ResponseParserFactory):
    """Gives botocore a parser that leaves items as they came; see `_ItemParser`."""

    def create_parser(self, protocol_name: str) -> ResponseParser:
        if protocol_name != "json":
            return super().create_parser(protocol_name)
        return _ItemParser(**self._defaults)  # type: ignore[attr-defined]


class _ItemParser(JSONParser):
    """botocore's own asks each value of an item for each of the ten types that there are.

    In JSON a value is already what botocore makes of it, except for bytes.
    """

    def _handle_structure(self, shape: Any, value: Any) -> Any:
        is_value = shape.name == "AttributeValue" and isinstance(value, dict)
        return _read_value(value) if is_value else super()._handle_structure(shape, value)  # type: ignore[misc]


def _read_value(value: _Value) -> _Value:
    [(kind, content)] = value.items()
    if kind == MAP:
        return {kind: {name: _read_value(each) for name, each in content.items()}}
    if kind == LIST:
        return {kind: [_read_value(each) for each in content]}
    if kind == BINARY:
        return {kind: base64.b64decode(content)}
    if kind == BINARY_SET:
        return {kind: [base64.b64decode(each) for each in content]}
    return value
