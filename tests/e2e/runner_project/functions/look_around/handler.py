"""Says what its role lets it do, what time it is, and what environment it has."""

import os
from collections.abc import Callable
from typing import Any

import botocore.session
from botocore.exceptions import ClientError

from shared.adapters import clock


def handler(_event: dict[str, Any], _context: object) -> dict[str, Any]:
    session = botocore.session.get_session()
    table, key = os.environ["THINGS_TABLE"], {"name": {"S": "a"}}
    tables, secrets = session.create_client("dynamodb"), session.create_client("secretsmanager")
    queues = session.create_client("sqs")
    return {
        "now": clock.now().isoformat(),
        "environment": sorted(os.environ),
        "get_item": attempt(lambda: tables.get_item(TableName=table, Key=key)),
        "put_item": attempt(lambda: tables.put_item(TableName=table, Item=key)),
        "open_secret": attempt(
            lambda: secrets.get_secret_value(SecretId=os.environ["OPEN_SECRET"])
        ),
        "closed_secret": attempt(
            lambda: secrets.get_secret_value(SecretId=os.environ["CLOSED_SECRET"])
        ),
        "send": attempt(
            lambda: queues.send_message(QueueUrl=os.environ["JOBS_QUEUE"], MessageBody="x")
        ),
    }


def attempt(call: Callable[[], object]) -> str:
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "done"
