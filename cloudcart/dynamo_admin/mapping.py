"""How a Django model stands over a PynamoDB model: which field is which attribute, and which index lists what."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import models
from pynamodb.attributes import Attribute, VersionAttribute
from pynamodb.constants import ALL, INCLUDE
from pynamodb.indexes import Index
from pynamodb.models import Model


@dataclass(frozen=True)
class ListIndex:
    """An index that can list: all items of one partition, by its range key."""

    name: str
    hash_name: str
    range_name: str | None
    # None: the index has every attribute.
    projected: frozenset[str] | None

    def has(self, name: str) -> bool:
        return self.projected is None or name in self.projected


class Mapping:
    """What `DynamoModel.Dynamo` says, worked out.

    :param item: the PynamoDB model; its table has a hash key alone.
    :param partitions: attributes that have the same value in every item, which makes an index over
        them list the whole table: ``{"kind": "product"}``.
    """

    def __init__(self, item: type[Model], partitions: dict[str, Any]) -> None:
        self.item = item
        self.partitions = partitions
        self.attributes: dict[str, Attribute[Any]] = dict(item.get_attributes())
        self.key = next(name for name, attribute in self.attributes.items() if attribute.is_hash_key)
        self.version = next(
            (name for name, attribute in self.attributes.items() if isinstance(attribute, VersionAttribute)), None
        )
        self.indexes = tuple(self._list_index(index) for index in item._indexes.values())

    def raw_name(self, name: str) -> str:
        return str(self.attributes[name].attr_name)

    def raw_value(self, name: str, value: Any) -> dict[str, Any]:
        attribute = self.attributes[name]
        return {attribute.attr_type: attribute.serialize(value)}

    def field_names(self, model: type[models.Model]) -> list[str]:
        """Names of the fields that are attributes of the item."""
        return [field.name for field in model._meta.concrete_fields if field.name in self.attributes]

    def _list_index(self, index: Index[Any]) -> ListIndex:
        python_names = {attribute.attr_name: name for name, attribute in self.attributes.items()}
        keys = {key: python_names[attribute.attr_name] for key, attribute in _index_keys(index).items()}
        projection = index.Meta.projection
        projected: frozenset[str] | None = None
        if projection.projection_type != ALL:
            extra = projection.non_key_attributes or () if projection.projection_type == INCLUDE else ()
            projected = frozenset([*(python_names[name] for name in extra), *keys.values(), self.key])
        return ListIndex(index.Meta.index_name, keys["hash"], keys.get("range"), projected)


def _index_keys(index: Index[Any]) -> dict[str, Attribute[Any]]:
    keys = {}
    for attribute in index.Meta.attributes.values():
        if attribute.is_hash_key:
            keys["hash"] = attribute
        elif attribute.is_range_key:
            keys["range"] = attribute
    return keys


@cache
def mapping_of(model: type[models.Model]) -> Mapping:
    """Give the mapping of a DynamoModel."""
    settings: Any = model.Dynamo  # type: ignore[attr-defined]
    return Mapping(settings.item, getattr(settings, "partitions", {}))
