from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from django.conf import settings
from pynamodb.exceptions import AttributeDeserializationError

from catalog.models import Option, Product, Variant
from cloudcart import item_reading
from cloudcart.dynamo import shared_connection
from orders.models import Order, Refund
from tests.factories import make_product
from tests.orders.carts import make_line, place_order

VALUES: dict[str, Any] = {
    "product_id": {"S": "every-type"},
    "text": {"S": ""},
    "number": {"N": "-12.5"},
    "bytes": {"B": b"\x00\xff"},
    "truth": {"BOOL": False},
    "nothing": {"NULL": True},
    "texts": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2"]},
    "blobs": {"BS": [b"\x01", b"\x02"]},
    "list": {"L": [{"B": b"deep"}, {"L": []}, {"M": {}}]},
    "map": {"M": {"S": {"S": "a name like a type"}, "B": {"M": {"B": {"B": b"deeper"}}}}},
}


def _sorted(item: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {kind: sorted(v) if kind.endswith("S") and kind != "S" else v for kind, v in value.items()}
        for name, value in item.items()
    }


def test_every_type_of_value_comes_as_botocore_itself_gives_it() -> None:
    table = settings.TABLE_PREFIX + "products"
    usual: Any
    usual, quick = boto3.client("dynamodb"), shared_connection().client
    usual.put_item(TableName=table, Item=VALUES)
    request: dict[str, Any] = {"TableName": table, "Key": {"product_id": {"S": "every-type"}}, "ConsistentRead": True}
    found = quick._make_api_call("GetItem", request)["Item"]
    assert _sorted(found) == _sorted(usual.get_item(**request)["Item"]) == VALUES
    usual.delete_item(TableName=table, Key=request["Key"])


def test_an_error_of_dynamodb_is_read_as_before() -> None:
    client: Any = shared_connection().client
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client._make_api_call("GetItem", {"TableName": "none", "Key": {"id": {"S": "x"}}})


def test_lists_of_maps_are_read_with_their_parts_and_defaults() -> None:
    product = make_product(options={"Size": ["S", "M"]})
    order = place_order(make_line(product, 2))
    order.update([Order.refunds.set([Refund(refund_id="r", amount=5, reason="", created_at=datetime.now(UTC))])])
    found, stored = Order.get(order.number), Product.get(product.product_id)
    assert [type(each) for each in (*stored.options, *stored.variants)] == [Option, Variant, Variant]
    assert (found.lines[0].quantity, found.refunds[0].amount, found.refunds[0].is_restocked) == (2, 5, False)
    assert found.refunds[0].lines == found.shipments == found.returns == []
    assert found.refunds[0].lines is not found.refunds[0].__class__(refund_id="s", amount=1, reason="").lines


def test_a_list_of_something_else_is_refused_by_name() -> None:
    with pytest.raises(AttributeDeserializationError, match="'variants' attribute from type: M"):
        Product.variants.deserialize([{"S": "text"}])
    assert isinstance(Product.variants, item_reading.ListOfMaps)
