"""Handles new things; one whose name begins with `poison` never succeeds."""

import json
import sys
from typing import Any


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    assert event["shardId"]
    for record in event["Records"]:
        image = record["dynamodb"]["NewImage"]
        name = image["name"]["S"]
        if name.startswith("poison"):
            number = record["dynamodb"]["SequenceNumber"]
            return {"state": {}, "batchItemFailures": [{"itemIdentifier": number}]}
        sys.stdout.write(json.dumps({"thing": name}) + "\n")
    return {"state": {}, "batchItemFailures": []}
