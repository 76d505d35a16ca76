"""Handles jobs: {"id": ..., "failures": how often it fails first}."""

import json
import sys
from typing import Any


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    failed = []
    for record in event["Records"]:
        job = json.loads(record["body"])
        tries = int(record["attributes"]["ApproximateReceiveCount"])
        sys.stdout.write(json.dumps({"job": job["id"], "try": tries}) + "\n")
        if tries <= job["failures"]:
            failed.append({"itemIdentifier": record["messageId"]})
    sys.stdout.write(json.dumps({"batch": len(event["Records"])}) + "\n")
    return {"batchItemFailures": failed}
