"""Write one item, with its entry of the audit table if there is one: both or neither."""

from collections.abc import Sequence
from typing import Any

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from cloudcart.dynamo_admin.errors import AlreadyExists, StaleObject


def put(item: Model, *, is_new: bool, beside: Sequence[Model] = ()) -> Model:
    """Store an item on condition of its version, or of its absence, together with items that are new.

    :raises AlreadyExists: if it is new and its key is taken.
    :raises StaleObject: if somebody saved it since it was read.
    """
    condition = _key_of(item).does_not_exist() if is_new else _key_of(item).exists()
    try:
        _write(saves=[(item, condition), *((other, None) for other in beside)])
    except StaleObject:
        if is_new:
            raise AlreadyExists(str(_key_value(item))) from None
        raise
    return item


def remove(item: Model, *, beside: Sequence[Model] = ()) -> None:
    """Delete an item on condition of its version, and store items that are new.

    :raises StaleObject: if somebody saved or deleted it since it was read.
    """
    _write(deletes=[(item, _key_of(item).exists())], saves=[(other, None) for other in beside])


def _write(*, saves: Sequence[tuple[Model, Condition | None]], deletes: Sequence[tuple[Model, Condition]] = ()) -> None:
    first = [*(item for item, _ in deletes), *(item for item, _ in saves)][0]
    try:
        with TransactWrite(connection=type(first)._get_connection().connection) as transaction:
            for item, condition in deletes:
                transaction.delete(item, condition=condition)
            for item, condition in saves:  # type: ignore[assignment]
                transaction.save(item, condition=condition)
    except TransactWriteError as error:
        if any(reason is not None and reason.code == "ConditionalCheckFailed" for reason in error.cancellation_reasons):
            raise StaleObject from error
        raise


def _key_of(item: Model) -> Any:
    return type(item)._hash_key_attribute()


def _key_value(item: Model) -> Any:
    return getattr(item, str(type(item)._hash_keyname), None)
