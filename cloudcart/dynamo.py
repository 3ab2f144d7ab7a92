"""What every stored thing shares: the model base, one connection, and one read across tables."""

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self, TypeVar, cast

import structlog
from botocore import __version__ as botocore_version
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection
from botocore.session import Session
from django.conf import settings
from pynamodb.attributes import Attribute, ListAttribute, MapAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.connection.table import TableConnection
from pynamodb.constants import NUMBER
from pynamodb.exceptions import PynamoDBException
from pynamodb.models import Model

from cloudcart.errors import StorageUnavailable
from cloudcart.item_reading import ItemParserFactory

logger = structlog.get_logger(__name__)

# BatchGetItem takes 100 keys a request (DynamoDB's limit).
BATCH_LIMIT = 100

# What DynamoDB answers when it has too much to do, or trouble of its own, and the SDK has tried often enough.
_PASSING = {
    "InternalServerError",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingException",
}

M = TypeVar("M", bound="StoreModel")


@dataclass
class CallLog:
    """The DynamoDB requests made while it was open, as (operation, tables)."""

    calls: list[tuple[str, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.calls)

    def __str__(self) -> str:
        return ", ".join(f"{operation} {tables}" for operation, tables in self.calls) or "none"


_call_log: ContextVar[CallLog | None] = ContextVar("dynamodb_call_log", default=None)


@contextmanager
def count_calls() -> Iterator[CallLog]:
    """Log the DynamoDB requests of this thread while the block runs."""
    log = CallLog()
    token = _call_log.set(log)
    try:
        yield log
    finally:
        _call_log.reset(token)
        outer = _call_log.get()
        if outer is not None:
            outer.calls.extend(log.calls)


class SharedConnection(Connection):
    """The one connection of all models: a client costs some 40 ms to build, a table nothing.

    Its requests raise `StorageUnavailable` where waiting may help; PynamoDB translates all else.
    """

    @property
    def session(self) -> Session:
        """Give a session whose clients spend their time on requests: see `cloudcart.item_reading`."""
        session = Session()
        session.register_component("response_parser_factory", ItemParserFactory())
        # Else it is put together anew for each request, which takes a tenth of its time.
        session.set_default_client_config(Config(user_agent=f"CloudCart Botocore/{botocore_version}"))
        return session

    def _make_api_call(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        log = _call_log.get()
        if log is not None:
            tables = str(self._get_table_name_for_error_context(operation_kwargs))
            log.calls.append((operation_name, tables.replace(settings.TABLE_PREFIX, "")))
        try:
            return super()._make_api_call(operation_name, operation_kwargs)
        except (HTTPClientError, NoConnection) as error:
            logger.warning("dynamodb.unreachable", operation=operation_name, reason=type(error).__name__)
            raise StorageUnavailable from error
        except ClientError as error:
            reason = error.response["Error"].get("Code")
            if reason not in _PASSING:
                raise
            logger.warning("dynamodb.overloaded", operation=operation_name, reason=reason)
            raise StorageUnavailable from error


_connection: SharedConnection | None = None
_connection_lock = threading.RLock()


def shared_connection() -> SharedConnection:
    """Give the process's connection, its client built: building one is not thread-safe."""
    global _connection
    with _connection_lock:
        if _connection is None:
            _connection = SharedConnection(
                region=settings.AWS_REGION, connect_timeout_seconds=2, read_timeout_seconds=10, max_pool_connections=32
            )
            _ = _connection.client
        return _connection


class StoreModel(Model):
    """Base of all models. ``Meta.table`` is the table's name without the stage's prefix."""

    registry: ClassVar[list[type["StoreModel"]]] = []

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        meta = cls.__dict__.get("Meta")
        if meta is not None and hasattr(meta, "table"):
            meta.table_name = settings.TABLE_PREFIX + meta.table
            meta.region = settings.AWS_REGION
            meta.billing_mode = "PAY_PER_REQUEST"
            StoreModel.registry.append(cls)

    @classmethod
    def _get_connection(cls) -> TableConnection:
        # Locked, because the first request of every thread comes here at once.
        with _connection_lock:
            table = super()._get_connection()
            shared = shared_connection()
            if table.connection is not shared:
                if table.table_name not in shared._tables:
                    shared.add_meta_table(table.get_meta_table())
                table.connection = shared
            return table

    @classmethod
    def find(cls, key: str, *, consistent: bool = False) -> Self | None:
        """Give the item of this hash key, or None: one GetItem. Not for tables with a range key."""
        try:
            return cls.get(key, consistent_read=consistent)
        except cls.DoesNotExist:
            return None

    @classmethod
    def hash_key_attribute(cls) -> Attribute[Any]:
        return cls.get_attributes()[str(cls._hash_keyname)]


def is_condition_failure(error: PynamoDBException) -> bool:
    """Whether a write was refused because its condition did not hold, and not for any other reason."""
    return error.cause_response_code == "ConditionalCheckFailedException"


class IntegerAttribute(Attribute[int]):
    """A whole number: money in minor units, quantities, counts."""

    attr_type = NUMBER

    def serialize(self, value: Any) -> str:
        """:raises TypeError: if the value is not a whole number; money is never a float."""
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"expected a whole number, not {value!r}")
        return str(value)

    def deserialize(self, value: str) -> int:
        return int(value)


class StoredMap(MapAttribute[str, Any]):
    """A part of an item with attributes of its own; PynamoDB's base, typed."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)  # type: ignore[no-untyped-call]


def list_of_texts(*, default: Callable[[], list[str]] = list) -> ListAttribute[str]:
    """A list of strings, typed as what it gives (PynamoDB types it by its elements' attribute)."""
    return cast("ListAttribute[str]", ListAttribute(of=cast("Any", UnicodeAttribute), default=default))


def list_of_integers(*, default: Callable[[], list[int]] = list) -> ListAttribute[int]:
    return cast("ListAttribute[int]", ListAttribute(of=cast("Any", IntegerAttribute), default=default))


class BatchGot:
    """The items of one `batch_get`, by model and hash key."""

    def __init__(
        self,
        items: Mapping[type[StoreModel], Mapping[str, StoreModel]],
        asked: Mapping[type[StoreModel], Collection[str]],
    ) -> None:
        self._items, self._asked = items, asked

    def has_asked_for(self, wanted: Mapping[type[StoreModel], Collection[str]]) -> bool:
        """Whether it tells of all of these keys, be it that there is nothing."""
        return all(set(keys) <= set(self._asked.get(model, ())) for model, keys in wanted.items())

    def find(self, model: type[M], key: str) -> M | None:
        return cast("M | None", self._items.get(model, {}).get(key))

    def all_of(self, model: type[M]) -> dict[str, M]:
        return cast("dict[str, M]", dict(self._items.get(model, {})))


def batch_get(
    wanted: Mapping[type[StoreModel], Collection[str]], *, consistent: bool | Collection[type[StoreModel]] = False
) -> BatchGot:
    """Read items of several tables by hash key, in one request for each 100 keys.

    PynamoDB's own batches read one table a request; a page that needs two tables asks for both at
    once. Keys that do not exist are absent from the answer; doubled keys are asked for once.

    :param consistent: whether to read what was written last, at twice the price; or the models of which to.
    :raises StorageUnavailable: if DynamoDB keeps leaving keys unread.
    """
    pairs = [(model, key) for model, keys in wanted.items() for key in dict.fromkeys(keys)]
    found: dict[type[StoreModel], dict[str, StoreModel]] = {model: {} for model in wanted}
    models = (wanted if consistent else ()) if isinstance(consistent, bool) else consistent
    for start in range(0, len(pairs), BATCH_LIMIT):
        _batch_get_page(pairs[start : start + BATCH_LIMIT], found, consistent=models)
    return BatchGot(found, wanted)


def _batch_get_page(
    pairs: Sequence[tuple[type[StoreModel], str]],
    found: dict[type[StoreModel], dict[str, StoreModel]],
    *,
    consistent: Collection[type[StoreModel]],
) -> None:
    models = {model.Meta.table_name: model for model, _ in pairs}
    request: dict[str, Any] = {}
    for model, key in pairs:
        table = request.setdefault(model.Meta.table_name, {"Keys": [], "ConsistentRead": model in consistent})
        name, attribute = model._hash_keyname, model.hash_key_attribute()
        table["Keys"].append({name: {attribute.attr_type: attribute.serialize(key)}})
    for _ in range(5):
        if not request:
            return
        # A table's name is looked up in the connection's register, so the models have to be in it.
        connection = shared_connection()
        answer = connection.dispatch("BatchGetItem", {"RequestItems": request})
        for table_name, raw_items in answer["Responses"].items():
            model = models[table_name]
            for raw in raw_items:
                item = model.from_raw_data(raw)
                found[model][getattr(item, str(model.hash_key_attribute().attr_name))] = item
        request = answer.get("UnprocessedKeys") or {}
    logger.warning("dynamodb.overloaded", operation="BatchGetItem", reason="UnprocessedKeys")
    raise StorageUnavailable
