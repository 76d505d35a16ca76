"""Does what no function should."""

import sys
import time
from typing import Any


def handler(event: dict[str, Any], _context: object) -> Any:
    match event["pathParameters"]["how"]:
        case "raise":
            raise ValueError("an inner detail")
        case "sleep":
            time.sleep(5)
            return {"statusCode": 200}
        case "nonsense":
            return {"statusCode": "many"}
        case _:
            sys.exit(1)
