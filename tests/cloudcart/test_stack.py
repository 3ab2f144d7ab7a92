import json
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

import boto3
import pytest
from pynamodb.attributes import TTLAttribute

from catalog.models import Stock
from cloudcart.aws import stack
from cloudcart.dynamo import StoreModel

NAME = "cloudcart-local"
PARAMETERS = {"store_email": "shop@cloudcart.example", "shop_origin": "http://testserver"}
# A model is in the registry only when somebody has imported it, and some are in modules of their own.
for app in ("accounts", "cart", "catalog", "cloudcart", "orders"):
    for path in Path(app).rglob("*.py"):
        if "(StoreModel):" in path.read_text():
            import_module(".".join(path.with_suffix("").parts))
MODELS = {str(model.Meta.table): model for model in StoreModel.registry}  # type: ignore[attr-defined]
# What DynamoDB deletes by itself needs no way back to an earlier day.
SHORT_LIVED = {"carts", "exports", "idempotency", "imports", "payment-events", "rate-limits", "sessions"}


def declared_by_model(model: type[StoreModel]) -> dict[str, Any]:
    schema = model._get_schema()
    return {
        "attributes": {item["AttributeName"]: item["AttributeType"] for item in schema["attribute_definitions"]},
        "keys": keys_of(schema["key_schema"]),
        "indexes": {
            index["index_name"]: (keys_of(index["key_schema"]), projection_of(index["projection"]))
            for index in schema.get("global_secondary_indexes", [])
        },
    }


def declared(table: dict[str, Any]) -> dict[str, Any]:
    """The same of a template's table and of an answer of DescribeTable, which are spelled alike."""
    return {
        "attributes": {item["AttributeName"]: item["AttributeType"] for item in table["AttributeDefinitions"]},
        "keys": keys_of(table["KeySchema"]),
        "indexes": {
            index["IndexName"]: (keys_of(index["KeySchema"]), projection_of(index["Projection"]))
            for index in table.get("GlobalSecondaryIndexes", [])
        },
    }


def projection_of(projection: dict[str, Any]) -> tuple[str, list[str]]:
    return projection["ProjectionType"], sorted(projection.get("NonKeyAttributes", []))


def keys_of(schema: Iterable[Any]) -> dict[str, str]:
    return {key["KeyType"]: key["AttributeName"] for key in schema}


def test_the_template_has_the_tables_of_the_models_and_no_others() -> None:
    assert set(stack.declared_tables()) == set(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_template_model_and_table_agree_on_keys_types_indexes_and_projections(name: str) -> None:
    wanted = declared_by_model(MODELS[name])
    assert declared(stack.declared_tables()[name]) == wanted
    table = boto3.client("dynamodb").describe_table(TableName=f"{NAME}-{name}")["Table"]
    assert declared(dict(table)) == wanted
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


@pytest.mark.parametrize("name", MODELS)
def test_what_consumers_follow_has_a_stream_with_both_images_and_nothing_else_has(name: str) -> None:
    view = getattr(MODELS[name].Meta, "stream_view_type", None)
    assert stack.declared_tables()[name].get("StreamSpecification", {}).get("StreamViewType") == view
    table = boto3.client("dynamodb").describe_table(TableName=f"{NAME}-{name}")["Table"]
    stream = {"StreamEnabled": True, "StreamViewType": view} if view else {}
    assert table.get("StreamSpecification", {}) == stream
    assert view == ("NEW_AND_OLD_IMAGES" if name in {"orders", "products", "stock", "stock-ledger"} else None)


@pytest.mark.parametrize("name", MODELS)
def test_what_expires_is_deleted_and_what_stays_can_be_brought_back(name: str) -> None:
    expiry = [str(item.attr_name) for item in MODELS[name].get_attributes().values() if isinstance(item, TTLAttribute)]
    client = boto3.client("dynamodb")
    found = client.describe_time_to_live(TableName=f"{NAME}-{name}")["TimeToLiveDescription"]
    assert ([found["AttributeName"]] if found["TimeToLiveStatus"] == "ENABLED" else []) == expiry
    backups = client.describe_continuous_backups(TableName=f"{NAME}-{name}")["ContinuousBackupsDescription"]
    status = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    assert status == ("DISABLED" if name in SHORT_LIVED else "ENABLED")


def test_deploying_again_changes_nothing() -> None:
    Stock("mug", product_id="p1", available=3).save()
    first = stack.deploy(name=NAME, **PARAMETERS)
    assert stack.deploy(name=NAME, **PARAMETERS) == first
    assert Stock.get("mug").available == 3


def test_another_origin_of_the_shop_reaches_the_bucket_and_nothing_else() -> None:
    Stock("mug", product_id="p1", available=3).save()
    before = stack.deploy(name=NAME, **PARAMETERS)
    try:
        assert stack.deploy(name=NAME, **PARAMETERS | {"shop_origin": "http://127.0.0.1:8001"}) == before
        cors = boto3.client("s3").get_bucket_cors(Bucket=before.media_bucket)
        assert [rule["AllowedOrigins"] for rule in cors["CORSRules"]] == [["http://127.0.0.1:8001"]]
        assert Stock.get("mug").available == 3
    finally:
        stack.deploy(name=NAME, **PARAMETERS)


def test_a_task_that_fails_five_times_goes_to_the_dead_letters_for_two_weeks() -> None:
    sqs = boto3.client("sqs")
    queues = {
        name: sqs.get_queue_attributes(
            QueueUrl=sqs.get_queue_url(QueueName=f"{NAME}-{name}")["QueueUrl"], AttributeNames=["All"]
        )["Attributes"]
        for name in ("tasks", "tasks-dead")
    }
    redrive = json.loads(queues["tasks"]["RedrivePolicy"])
    assert redrive["deadLetterTargetArn"] == queues["tasks-dead"]["QueueArn"]
    assert int(redrive["maxReceiveCount"]) == 5
    assert int(queues["tasks-dead"]["MessageRetentionPeriod"]) == 14 * 24 * 3600


def test_a_parameter_that_aws_refuses_ends_with_a_sentence() -> None:
    with pytest.raises(stack.StackFailed, match=r"The stack no/such\*name cannot be deployed: "):
        stack.deploy(name="no/such*name", **PARAMETERS)


def test_without_an_answer_of_aws_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(stack.StackFailed, match="The stack cloudcart-local cannot be deployed: Could not connect"):
        stack.deploy(name=NAME, **PARAMETERS)


def test_a_table_that_is_gone_ends_with_a_sentence_that_names_it() -> None:
    name, parameters = "cloudcart-broken", PARAMETERS | {"store_email": "broken@cloudcart.example"}
    stack.deploy(name=name, **parameters)
    boto3.client("dynamodb").delete_table(TableName=f"{name}-carts")
    with pytest.raises(stack.StackFailed, match="cloudcart-broken-carts"):
        stack.deploy(name=name, **parameters)
