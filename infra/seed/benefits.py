"""The demo catalogue, and the demo supplier's secret in a stack.

No key is written in the code: each stack draws its own.
"""

import base64
import json
import secrets
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from shared.domain.webhook import SECRET_PREFIX, decode_secret

CATALOGUE = Path(__file__).with_name("benefits.toml")
SUPPLIER = "demo-supplier"
KEY_BYTES = 32


def read_benefits(path: Path = CATALOGUE) -> Mapping[str, Any]:
    """Return the event that publishes a file's benefits."""
    event: Mapping[str, Any] = tomllib.loads(path.read_text("utf-8"))
    return event


def seed_supplier(clients: Callable[[str], Any], secret_prefix: str, url: str) -> bytes:
    """Tell the stack where the demo supplier answers; return its key, which a repeat keeps."""
    secrets_manager, secret_id = clients("secretsmanager"), secret_prefix + SUPPLIER
    new = {
        "url": url,
        "key": SECRET_PREFIX + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode(),
    }
    try:
        secrets_manager.create_secret(Name=secret_id, SecretString=json.dumps(new))
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceExistsException":
            raise
        known = json.loads(secrets_manager.get_secret_value(SecretId=secret_id)["SecretString"])
        new = {**known, "url": url}
        secrets_manager.put_secret_value(SecretId=secret_id, SecretString=json.dumps(new))
    return decode_secret(new["key"])
