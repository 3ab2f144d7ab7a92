from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from catalog.models import Stock
from cloudcart import streams
from cloudcart.streams import StreamRecord
from tests.factories import make_product
from tests.stream import follow

ARN = "arn:aws:dynamodb:eu-central-1:000000000000:table/cloudcart-local-stock/stream/2026-01-01T00:00:00.000"


def raw_record(number: int, *, arn: str = ARN, new: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "eventID": f"event-{number}",
        "eventName": "INSERT",
        "eventSourceARN": arn,
        "dynamodb": {
            "ApproximateCreationDateTime": 1767225600.0,
            "Keys": {"sku": {"S": f"mug-{number}"}},
            "NewImage": new or {"sku": {"S": f"mug-{number}"}},
            "SequenceNumber": f"{number:021d}",
        },
    }


def parsed(*numbers: int, arn: str = ARN) -> list[StreamRecord]:
    return [streams.parse_record(raw_record(number, arn=arn)) for number in numbers]


class Follower:
    """Remembers what it was given, and fails at the items that it was told of."""

    def __init__(self, *failing: str) -> None:
        self.failing = failing
        self.seen: list[str] = []
        self.__name__ = "follower"

    def __call__(self, record: StreamRecord) -> None:
        self.seen.append(record.keys["sku"])
        if record.keys["sku"] in self.failing:
            raise RuntimeError("Not today.")


def test_a_change_arrives_with_both_images_as_plain_values() -> None:
    product = make_product(sku="mug", stock=7)
    changes = follow("stock")
    Stock("mug").update([Stock.available.add(-2), Stock.reserved.add(2)])
    [record] = changes()
    assert (record.table, record.event_name, record.keys) == ("stock", "MODIFY", {"sku": "mug"})
    assert record.old is not None
    assert record.new is not None
    assert (record.old["available"], record.old["reserved"]) == (7, 0)
    assert (record.new["available"], record.new["reserved"]) == (5, 2)
    assert record.new["product_id"] == product.product_id
    assert record.changed("available")
    assert not record.changed("product_id")
    assert record.created_at.tzinfo is not None


def test_an_item_that_goes_leaves_its_old_image_alone() -> None:
    Stock("mug", product_id="p1").save()
    changes = follow("stock")
    Stock("mug").delete()
    [record] = changes()
    assert (record.event_name, record.new) == ("REMOVE", None)
    assert record.old is not None
    assert record.changed("sku")


def test_every_kind_of_value_of_an_event_becomes_a_plain_one() -> None:
    new = {
        "text": {"S": "Mug"},
        "whole": {"N": "12"},
        "fraction": {"N": "1.5"},
        "flag": {"BOOL": False},
        "nothing": {"NULL": True},
        "list": {"L": [{"S": "a"}, {"M": {"n": {"N": "1"}}}]},
        "words": {"SS": ["a", "b"]},
        "numbers": {"NS": ["1", "2"]},
        "bytes": {"B": "aGk="},
        "many_bytes": {"BS": ["aGk="]},
    }
    assert streams.parse_record(raw_record(1, new=new)).new == {
        "text": "Mug",
        "whole": 12,
        "fraction": Decimal("1.5"),
        "flag": False,
        "nothing": None,
        "list": ["a", {"n": 1}],
        "words": {"a", "b"},
        "numbers": {1, 2},
        "bytes": b"hi",
        "many_bytes": {b"hi"},
    }


def test_an_event_says_when_its_change_was_written() -> None:
    [record] = parsed(1)
    assert record.created_at == datetime(2026, 1, 1, tzinfo=UTC)


def test_records_reach_the_consumers_of_their_table_in_order() -> None:
    stock, orders = Follower(), Follower()
    assert streams.dispatch(parsed(1, 2, 3), consumers={"stock": [stock], "orders": [orders]}) == []
    assert stock.seen == ["mug-1", "mug-2", "mug-3"]
    assert orders.seen == []


def test_nothing_overtakes_a_record_that_fails_but_other_tables_go_on() -> None:
    stock, orders = Follower("mug-2"), Follower()
    others = parsed(8, 9, arn=ARN.replace("-stock/", "-orders/"))
    records = [*parsed(1, 2), *others, *parsed(3)]
    failed = streams.dispatch(records, consumers={"stock": [stock], "orders": [orders]})
    assert [record.keys["sku"] for record in failed] == ["mug-2"]
    assert stock.seen == ["mug-1", "mug-2"]
    assert orders.seen == ["mug-8", "mug-9"]


def test_a_consumer_that_fails_does_not_keep_the_record_from_the_others() -> None:
    broken, sound = Follower("mug-1"), Follower()
    failed = streams.dispatch(parsed(1), consumers={"stock": [broken, sound]})
    assert [record.event_id for record in failed] == ["event-1"]
    assert sound.seen == ["mug-1"]


def test_a_batch_of_lambda_is_told_from_which_record_on_it_has_to_come_again() -> None:
    follower = Follower("mug-2")
    streams.consumer("kettles")(follower)
    try:
        arn = ARN.replace("-stock/", "-kettles/")
        records = [raw_record(number, arn=arn) for number in (1, 2, 3)]
        assert streams.handle_event({"Records": records}) == {
            "batchItemFailures": [{"itemIdentifier": f"{2:021d}"}],
        }
        assert streams.handle_event({"Records": records[:1]}) == {"batchItemFailures": []}
    finally:
        streams.load_consumers().pop("kettles")


def test_a_function_that_is_registered_twice_is_called_once() -> None:
    follower = Follower()
    try:
        streams.consumer("kettles")(follower)
        streams.consumer("kettles")(follower)
        assert streams.load_consumers()["kettles"] == [follower]
    finally:
        streams.load_consumers().pop("kettles")
