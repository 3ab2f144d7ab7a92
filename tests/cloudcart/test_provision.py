import io
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from django.core.management import CommandError, call_command

from cloudcart.aws import parameters, provisioning
from cloudcart.aws.change_sets import Change

TABLE = "AWS::DynamoDB::Table"
STAGE = "rehearsed"
NAME = f"cloudcart-{STAGE}"
VALUES = ["StoreEmail=rehearsal@cloudcart.example", "ShopOrigin=https://shop.example"]


def provision(**options: Any) -> str:
    told = io.StringIO()
    call_command("provision", **{"stage": STAGE, "part": "base", "yes": True, "stdout": told, **options})
    return told.getvalue()


@pytest.fixture
def no_stack() -> Iterator[None]:
    """Whatever a test deploys under the stage's name goes with it, so that the next one begins without."""
    yield
    client = boto3.client("cloudformation")
    client.delete_stack(StackName=NAME)
    dynamodb = boto3.client("dynamodb")
    for name in dynamodb.list_tables()["TableNames"]:
        if name.startswith(f"{NAME}-"):
            dynamodb.delete_table(TableName=name)


def change_sets_left() -> list[Any]:
    return list(boto3.client("cloudformation").list_change_sets(StackName=NAME)["Summaries"])


@pytest.mark.usefixtures("no_stack")
def test_a_new_stage_is_shown_made_and_told_and_stays_as_it_is_the_second_time() -> None:
    told = provision(values=VALUES)
    assert "+ OrdersTable" in told
    assert "AWS::DynamoDB::Table" in told
    assert "CREATE_COMPLETE      OrdersTable (AWS::DynamoDB::Table)" in told
    assert f"{NAME}-tasks" in told
    ttl = boto3.client("dynamodb").describe_time_to_live(TableName=f"{NAME}-carts")["TimeToLiveDescription"]
    assert ttl["TimeToLiveStatus"] == "ENABLED"
    # The values are remembered by the stack.
    assert "none: everything is as the template says" in provision()


@pytest.mark.usefixtures("no_stack")
def test_a_plan_changes_nothing_and_leaves_nothing_behind() -> None:
    assert "+ OrdersTable" in provision(values=VALUES, plan=True)
    stacks = boto3.client("cloudformation").list_stacks(StackStatusFilter=["REVIEW_IN_PROGRESS", "CREATE_COMPLETE"])
    assert NAME not in [item["StackName"] for item in stacks["StackSummaries"]]


@pytest.mark.usefixtures("no_stack")
def test_without_somebody_to_ask_nothing_is_changed() -> None:
    with pytest.raises(CommandError, match="Nothing was changed: there is nobody to ask"):
        provision(values=VALUES, yes=False)


@pytest.mark.usefixtures("no_stack")
def test_a_table_is_not_made_anew_unless_it_is_said_twice() -> None:
    table = {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "TableName": f"{NAME}-slugs",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "other", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "other", "KeyType": "HASH"}],
        },
    }
    client = boto3.client("cloudformation")
    client.create_stack(StackName=NAME, TemplateBody=json.dumps({"Resources": {"SlugsTable": table}}))
    client.get_waiter("stack_create_complete").wait(StackName=NAME, WaiterConfig={"Delay": 1, "MaxAttempts": 9})
    with pytest.raises(CommandError, match="Refused, nothing was changed: SlugsTable would be made anew"):
        provision(values=VALUES)
    assert change_sets_left() == []
    found = boto3.client("dynamodb").describe_table(TableName=f"{NAME}-slugs")["Table"]
    assert found["KeySchema"] == [{"AttributeName": "other", "KeyType": "HASH"}]


def test_missing_values_are_named_with_what_they_are_for() -> None:
    with pytest.raises(CommandError, match=r"--set StoreEmail=…   The address that mails to shoppers come from\."):
        provision(stage="unheard-of")


def test_a_value_for_no_parameter_is_refused_with_the_names_that_there_are() -> None:
    with pytest.raises(
        CommandError, match=r"The base template has no parameter StoreMail; it has Stage, .*, StoreEmail, "
    ):
        provision(values=["StoreMail=x"])


def test_a_value_without_a_name_is_refused() -> None:
    with pytest.raises(CommandError, match="--set takes NAME=VALUE, not 'StoreName'"):
        provision(values=["StoreName"])


def test_values_are_taken_from_the_operator_then_what_is_found_then_the_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STORE_NAME", "Of the environment")
    monkeypatch.setenv("STORE_EMAIL", "env@shop.example")
    values = parameters.resolve(
        "base", given={"StoreName": "Said"}, found={"ShopOrigin": "https://found.example"}, deployed={"StoreEmail": "x"}
    )
    assert values["StoreName"] == "Said"
    assert values["ShopOrigin"] == "https://found.example"
    assert values["StoreEmail"] == "env@shop.example"
    monkeypatch.delenv("STORE_EMAIL")
    assert parameters.resolve("base", given={"ShopOrigin": "x"}, found={}, deployed={"StoreEmail": "x"}) == {
        **values,
        "StoreName": "Of the environment",
        "ShopOrigin": "x",
        "StoreEmail": None,
    }
    # What was found to be nothing is not what it was before.
    nothing = parameters.resolve(
        "base", given={}, found={"ShopOrigin": ""}, deployed={"ShopOrigin": "x", "StoreEmail": "x"}
    )
    assert nothing["ShopOrigin"] == ""


def test_the_table_of_changes_says_what_is_made_anew() -> None:
    shown = provisioning.as_table(
        [
            Change("Add", "Queue", "AWS::SQS::Queue"),
            Change("Modify", "Orders", TABLE, "Conditional", ("KeySchema", "Tags"), ("KeySchema",)),
            Change("Modify", "Carts", TABLE, "Conditional", ("AttributeDefinitions",), ("AttributeDefinitions",)),
            Change("Modify", "Topic", "AWS::SNS::Topic", "True", ("Name", "Tags"), ("Name",)),
            Change("Remove", "Slugs", TABLE),
        ]
    )
    assert shown.splitlines() == [
        "  + Queue   AWS::SQS::Queue",
        "  ~ Orders  AWS::DynamoDB::Table  MADE ANEW because of KeySchema, its data does not come along",
        "  ~ Carts   AWS::DynamoDB::Table  AttributeDefinitions",
        "  ~ Topic   AWS::SNS::Topic       made anew because of Name",
        "  - Slugs   AWS::DynamoDB::Table  LEAVES THE STACK, its data stays where it is",
        "",
        "  1 to add, 3 to modify, 1 to remove",
    ]
