"""What DynamoDB Streams tells of the changes that a test makes."""

from collections.abc import Callable
from typing import Any

import boto3
from botocore.session import Session
from django.conf import settings

from cloudcart import streams
from cloudcart.item_reading import ItemParserFactory
from cloudcart.streams import StreamRecord


def follow(*tables: str) -> Callable[[], list[StreamRecord]]:
    """Begin to listen; the function gives what was written to the tables since its last call, table by table."""
    client = _client()
    iterators: dict[str, str] = {}
    for table in tables:
        arn = client.list_streams(TableName=settings.TABLE_PREFIX + table)["Streams"][0]["StreamArn"]
        shard = client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][-1]["ShardId"]
        answer = client.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="LATEST")
        iterators[table] = answer["ShardIterator"]

    def read() -> list[StreamRecord]:
        found: list[StreamRecord] = []
        for table in tables:
            answer = client.get_records(ShardIterator=iterators[table])
            iterators[table] = answer["NextShardIterator"]
            name = settings.TABLE_PREFIX + table
            found += [streams.parse_record(raw, table_name=name) for raw in answer["Records"]]
        return found

    return read


def _client() -> Any:
    session = Session()
    session.register_component("response_parser_factory", ItemParserFactory())
    return session.create_client("dynamodbstreams")


def reached_end(*tables: str) -> dict[str, str]:
    """Give checkpoints behind everything that was written to these tables so far, by the key of the shard."""
    reached: dict[str, str] = {}
    client = boto3.client("dynamodbstreams")
    for table in tables:
        arn = client.list_streams(TableName=settings.TABLE_PREFIX + table)["Streams"][0]["StreamArn"]
        described = client.describe_stream(StreamArn=arn)["StreamDescription"]
        changes = follow(table)
        key = {described["KeySchema"][0]["AttributeName"]: {"S": "the-end"}}
        dynamodb = boto3.client("dynamodb")
        dynamodb.put_item(TableName=settings.TABLE_PREFIX + table, Item=key)
        dynamodb.delete_item(TableName=settings.TABLE_PREFIX + table, Key=key)
        reached[f"{arn}/{described['Shards'][-1]['ShardId']}"] = changes()[-1].sequence_number
    return reached
