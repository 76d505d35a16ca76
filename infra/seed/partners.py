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
    scenarios=("shared-bike", "shared-e-bike"),
    acceptance_window_days=30,
)
BANK = Partner(
    partner="bank-core",
    title={"en": "Demo Bank", "zh-Hans": "示范银行"},
    source="urn:partner:bank-core",
    scenarios=("digital-card", "e-statement", "online-bill-payment"),
    acceptance_window_days=30,
)
RECYCLER = Partner(
    partner="recycler-demo",
    title={"en": "Demo Recycling", "zh-Hans": "示范回收"},
    source="urn:partner:recycler-demo",
    scenarios=(
        "paper-recycling",
        "plastic-recycling",
        "second-hand-clothes",
        "second-hand-phone",
    ),
    acceptance_window_days=30,
)
ELECTRICITY = Partner(
    partner="electricity-demo",
    title={"en": "Demo Electricity and Charging", "zh-Hans": "示范电力与充电"},
    source="urn:partner:electricity-demo",
    scenarios=("ev-charging", "ev-driving", "saved-electricity"),
    acceptance_window_days=30,
)
HEALTH = Partner(
    partner="health-demo",
    title={"en": "Demo Health", "zh-Hans": "示范健康"},
    source="urn:partner:health-demo",
    scenarios=("online-medical-registration", "walking"),
    acceptance_window_days=30,
)
TICKETS = Partner(
    partner="tickets-demo",
    title={"en": "Demo Tickets and Meals", "zh-Hans": "示范票务与餐饮"},
    source="urn:partner:tickets-demo",
    scenarios=("e-invoice", "no-cutlery", "reusable-cup", "show-e-ticket", "train-e-ticket"),
    acceptance_window_days=30,
)
WORKPLACE = Partner(
    partner="workplace-demo",
    title={"en": "Demo Reading and Meetings", "zh-Hans": "示范阅读与会议"},
    source="urn:partner:workplace-demo",
    scenarios=("e-reading", "home-office", "remote-meeting"),
    acceptance_window_days=30,
)
PARTNERS: Mapping[str, Partner] = {
    each.partner: each
    for each in (
        METRO,
        SOUTHERN_METRO,
        BIKE,
        BANK,
        RECYCLER,
        ELECTRICITY,
        HEALTH,
        TICKETS,
        WORKPLACE,
    )
}
# The quantity that the sample month's events of a scenario bring; those of others bring none.
QUANTITIES: Mapping[str, str] = {
    "bus": "distance_km",
    "ev-charging": "energy_kwh",
    "ev-driving": "distance_km",
    "metro": "distance_km",
    "paper-recycling": "weight_kg",
    "second-hand-clothes": "weight_kg",
    "shared-bike": "distance_km",
    "walking": "steps",
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
