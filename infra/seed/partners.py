"""The demo partners, and their registration in a stack.

No key is written in the code: each stack draws its own and keeps them where partners' keys are.
"""

import base64
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from shared.adapters.partners import PartnerRow
from shared.domain.partner import Partner
from shared.domain.webhook import SECRET_PREFIX

KEY_BYTES = 32

METRO = Partner(
    partner="metro-demo",
    title={"en": "Demo City Metro and Bus", "zh-Hans": "示范城市公共交通"},
    source="urn:partner:metro-demo",
    scenarios=("bus", "metro"),
    acceptance_window_days=30,
)
SOUTHERN_METRO = Partner(
    partner="southern-metro",
    title={"en": "Southern City Metro", "zh-Hans": "南方城市地铁"},
    source="urn:partner:southern-metro",
    scenarios=("metro",),
    acceptance_window_days=30,
)
BIKE = Partner(
    partner="bike-demo",
    title={"en": "Demo Bikes", "zh-Hans": "示范单车"},
    source="urn:partner:bike-demo",
    scenarios=("shared-bike",),
    acceptance_window_days=30,
)
BANK = Partner(
    partner="bank-core",
    title={"en": "Demo Bank", "zh-Hans": "示范银行"},
    source="urn:partner:bank-core",
    scenarios=("digital-card", "e-statement", "online-bill-payment"),
    acceptance_window_days=30,
)
PARTNERS: Mapping[str, Partner] = {
    each.partner: each for each in (METRO, SOUTHERN_METRO, BIKE, BANK)
}
# In the middle of a rotation: what its former key signed is still taken.
ROTATING = frozenset({METRO.partner})

Keys = Mapping[str, Sequence[str]]
"""Signing keys (`whsec_...`) by partner, newest first."""


def seed_partners(clients: Callable[[str], Any], table: str, secret_prefix: str) -> Keys:
    """Register the demo partners where they are not; return their keys, which a repeat keeps."""
    keys: dict[str, Sequence[str]] = {}
    for name, partner in PARTNERS.items():
        clients("dynamodb").put_item(TableName=table, Item=PartnerRow.of(partner).serialize())
        count = 2 if name in ROTATING else 1
        keys[name] = _keys(clients("secretsmanager"), secret_prefix + name, count)
    return keys


def _keys(secrets_manager: Any, secret_id: str, count: int) -> Sequence[str]:
    try:
        secrets_manager.create_secret(
            Name=secret_id, SecretString=json.dumps({"keys": [_new_key() for _ in range(count)]})
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceExistsException":
            raise
    text = secrets_manager.get_secret_value(SecretId=secret_id)["SecretString"]
    keys: Sequence[str] = json.loads(text)["keys"]
    return keys


def _new_key() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
