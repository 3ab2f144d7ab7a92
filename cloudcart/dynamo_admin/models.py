"""Django models that are stored in DynamoDB: a whole item, or a part of one."""

from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from pynamodb.models import Model

from cloudcart.dynamo_admin import django_internals, writing
from cloudcart.dynamo_admin.mapping import mapping_of
from cloudcart.dynamo_admin.querysets import DynamoQuerySet, EmbeddedQuerySet


class DynamoModel(models.Model):
    """An item of a PynamoDB model, as Django's admin wants to see it.

    ``Dynamo.item`` is the PynamoDB model. Fields with the name of an attribute are that attribute; other
    fields are the form's own. ``Dynamo.partitions`` names attributes that are the same in every item.
    """

    objects: ClassVar[Any] = DynamoQuerySet.as_manager()

    # The whole stored item; None for a new object and for one that came from a list.
    item: Model | None = None
    # What was read of it, perhaps a part.
    read_item: Model | None = None

    class Meta:
        abstract = True
        managed = False
        base_manager_name = "objects"

    class Dynamo:
        item: type[Model]
        partitions: ClassVar[dict[str, Any]] = {}

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the object if nobody saved it since it was read.

        :raises StaleObject: if somebody did.
        :raises AlreadyExists: if it is new and its key is taken.
        """
        self.item = writing.put(self.to_item(), is_new=self._state.adding)
        self._state.adding = False

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Delete the object if nobody saved it since it was read.

        :raises StaleObject: if somebody did.
        """
        writing.remove(self.full_item())
        return 1, {self._meta.label: 1}

    @classmethod
    def from_item(cls, item: Model, projected: frozenset[str] | None = None) -> Self:
        """Make the object of an item. What the index does not project is deferred: read when asked for, never wiped."""
        names = [name for name in mapping_of(cls).field_names(cls) if projected is None or name in projected]
        values = {name: cls.read_value(name, item) for name in names}
        if projected is None:
            values |= {
                field.name: cls.read_value(field.name, item)
                for field in cls._meta.concrete_fields
                if field.name not in values
            }
        obj: Self = django_internals.build_instance(cls, values)
        obj.item = item if projected is None else None
        obj.read_item = item
        return obj

    @classmethod
    def read_value(cls, name: str, item: Model) -> Any:
        """Give a field's value from an item; override it for fields that are no attribute."""
        return _value_or_default(cls, name, item)

    @property
    def stored_version(self) -> int | None:
        """The version that was read, or None if it is new or its table has no versions."""
        version = mapping_of(type(self)).version
        return getattr(self.read_item, version) if self.read_item is not None and version else None

    def to_item(self) -> Model:
        """Give the item as it is to be stored: the one that was read, with the fields of this object."""
        mapping = mapping_of(type(self))
        item = self.item if self.item is not None else mapping.item(self.pk)
        for name in mapping.field_names(type(self)):
            if name not in {mapping.key, mapping.version} and name not in self.get_deferred_fields():
                self.write_value(name, item)
        for name, value in mapping.partitions.items():
            setattr(item, name, value)
        return item

    def write_value(self, name: str, item: Model) -> None:
        """Put a field's value into the item; override it for fields that are more than one attribute."""
        setattr(item, name, getattr(self, name))

    def parts_of(self, part_model: type["EmbeddedModel"]) -> list["EmbeddedModel"]:
        """Give the parts that are stored in this object, in their order."""
        stored = getattr(self.item, part_model.Dynamo.attribute, None) or []
        return [part_model.from_part(part, parent=self, position=number) for number, part in enumerate(stored)]

    def assign_key(self) -> None:
        """Give a new object its key, if it is not the person who types it."""

    def validate_unique(self, exclude: Any = None) -> None:
        """Say early that the key is taken; what guarantees it is the condition of the write."""
        key = self._meta.pk.name
        is_typed = key not in (exclude or ()) and self.pk
        if self._state.adding and is_typed and type(self).objects.filter(pk=self.pk).exists():
            raise ValidationError({key: f"“{self.pk}” exists already."})

    def full_item(self) -> Model:
        """Give the whole stored item: one read if this object came from a list."""
        if self.item is None:
            self.item = type(self).objects.get(pk=self.pk).item
        return self.item


class EmbeddedModel(models.Model):
    """One map of a list inside a parent's item: a variant, a picture. Saved with its parent, never alone.

    ``Dynamo.attribute`` is the list's name in the item, ``Dynamo.part`` the class of its maps. Subclasses
    declare ``parent``, a foreign key to their DynamoModel, with ``on_delete=DO_NOTHING``.
    """

    objects: ClassVar[Any] = EmbeddedQuerySet.as_manager()

    row = models.CharField(primary_key=True, max_length=20, editable=False)
    position = models.PositiveIntegerField(null=True, blank=True)

    # The map as it is stored; None for a new part.
    part: Any = None

    class Meta:
        abstract = True
        managed = False
        # With the key behind it, Django takes the order for complete and asks for no other.
        ordering = ["position", "row"]

    class Dynamo:
        attribute: str
        part: type[Any]

    @classmethod
    def from_part(cls, part: Any, *, parent: DynamoModel, position: int) -> Self:
        values = {name: _value_or_default(cls, name, part) for name in cls.part_names()}
        obj = cls(row=str(position), position=position, parent=parent, **values)
        obj._state.adding = False
        obj.part = part
        return obj

    @classmethod
    def part_names(cls) -> list[str]:
        """Names of the fields that the map has as well."""
        stored = cls.Dynamo.part.get_attributes()
        return [field.name for field in cls._meta.concrete_fields if field.name in stored]

    def to_part(self) -> Any:
        """Give the map as it is to be stored: the one that was read, with the fields of this object."""
        part = self.part if self.part is not None else self.Dynamo.part()
        for name in self.part_names():
            setattr(part, name, getattr(self, name))
        return part

    def validate_unique(self, exclude: Any = None) -> None:
        """Nothing to ask: what must be unique among the parts, the formset compares."""


def _value_or_default(model: type[models.Model], name: str, stored: Any) -> Any:
    field: Any = model._meta.get_field(name)
    value = getattr(stored, name, None)
    return field.get_default() if value is None and not field.null else value
