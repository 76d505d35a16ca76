"""Reads a table's stream, from MiniStack or DynamoDB Local, as records of a Lambda event."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from infra.local.aws import REGION, Clients
from infra.local.positions import Position

SHARDS_PER_PAGE_MAX = 100
PAGES_MAX = 50

# The iterator is too old, or the record it starts after is no longer there.
LOST_PLACE = {"ExpiredIteratorException", "TrimmedDataAccessException"}

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shard:
    shard_id: str
    parent_id: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """Records in their order; `next_iterator` is None at the end of a closed shard."""

    records: list[Record]
    next_iterator: str | None


class PlaceLostError(Exception):
    """The stream does not go back as far as asked."""


class StreamClient:
    def __init__(self, clients: Clients, table: str) -> None:
        description = clients("dynamodb").describe_table(TableName=table)["Table"]
        self.arn: str = description["LatestStreamArn"]
        self._streams = clients("dynamodbstreams")

    def shards(self) -> list[Shard]:
        """Return the shards, parents before children."""
        shards: list[Shard] = []
        request: dict[str, Any] = {"StreamArn": self.arn, "Limit": SHARDS_PER_PAGE_MAX}
        for _ in range(PAGES_MAX):
            description = self._streams.describe_stream(**request)["StreamDescription"]
            shards += [
                Shard(shard["ShardId"], shard.get("ParentShardId"))
                for shard in description["Shards"]
            ]
            if "LastEvaluatedShardId" not in description:
                break
            request["ExclusiveStartShardId"] = description["LastEvaluatedShardId"]
        return shards

    def iterator(self, shard_id: str, position: Position | None, start: str) -> str:
        """Return an iterator from after the position, or from `start` if there is none.

        `start` is TRIM_HORIZON or LATEST. Raises PlaceLostError.
        """
        place: Mapping[str, str] = (
            {"ShardIteratorType": start}
            if position is None or position.after is None
            else {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": position.after}
        )
        try:
            answer = self._streams.get_shard_iterator(StreamArn=self.arn, ShardId=shard_id, **place)
        except ClientError as error:
            raise _translated(error, error.response["Error"]["Code"]) from error
        iterator: str = answer["ShardIterator"]
        return iterator

    def read(self, iterator: str, limit: int) -> Page:
        """Return the next records, perhaps none. Raises PlaceLostError."""
        try:
            answer = self._streams.get_records(ShardIterator=iterator, Limit=limit)
        except ClientError as error:
            raise _translated(error, error.response["Error"]["Code"]) from error
        records = [self._for_lambda(record) for record in answer["Records"]]
        return Page(records, answer.get("NextShardIterator"))

    def _for_lambda(self, record: Record) -> Record:
        return {
            **_plain(record),
            "awsRegion": REGION,
            "eventSource": "aws:dynamodb",
            "eventSourceARN": self.arn,
        }


def sequence_number(record: Record) -> str:
    number: str = record["dynamodb"]["SequenceNumber"]
    return number


def _translated(error: Exception, code: str) -> Exception:
    return PlaceLostError(str(error)) if code in LOST_PLACE else error


def _plain(value: Any) -> Any:
    """Undo boto3's parsing: Lambda gives instants in epoch seconds and bytes in base64."""
    match value:
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
        case datetime():
            return int(value.timestamp())
        case bytes():
            return base64.b64encode(value).decode()
        case _:
            return value
