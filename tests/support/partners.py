"""Demo partners and signed requests, as a partner's engineer would make them."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from standardwebhooks import Webhook

from shared.domain.partner import Partner

METRO_SECRET = "whsec_" + base64.b64encode(b"m" * 32).decode()
METRO_NEXT_SECRET = "whsec_" + base64.b64encode(b"n" * 32).decode()
GRID_SECRET = "whsec_" + base64.b64encode(b"g" * 32).decode()
BANK_SECRET = "whsec_" + base64.b64encode(b"b" * 32).decode()

METRO = Partner(
    partner="metro-demo",
    title={"en": "Demo Metro", "zh-Hans": "示范地铁"},
    source="urn:partner:metro-demo",
    scenarios=("bus", "metro"),
    acceptance_window_days=30,
)
BANK = Partner(
    partner="bank-core",
    title={"en": "Demo Bank", "zh-Hans": "示范银行"},
    source="urn:partner:bank-core",
    scenarios=("digital-card", "e-statement", "online-bill-payment"),
    acceptance_window_days=30,
)
GRID = Partner(
    partner="grid-demo",
    title={"en": "Demo Grid", "zh-Hans": "示范电网"},
    source="urn:partner:grid-demo",
    scenarios=("ev-charging", "saved-electricity"),
    acceptance_window_days=30,
)


def metro_event(event_id: str, **changes: Any) -> dict[str, Any]:
    """Return one metro ride of 8 km; keywords replace attributes."""
    event = {
        "specversion": "1.0",
        "id": event_id,
        "source": METRO.source,
        "type": "carbon.metro.v1",
        "time": "2026-11-09T08:12:33+08:00",
        "subject": "rider-1",
        "data": {"distance_km": 8},
    }
    return {**event, **changes}


def bank_event(event_id: str, scenario: str = "e-statement", **changes: Any) -> dict[str, Any]:
    event = metro_event(event_id, source=BANK.source, type=f"carbon.{scenario}.v1", data={})
    return {**event, **changes}


def saving_event(event_id: str, **changes: Any) -> dict[str, Any]:
    """Return one day on which a home used 4 kWh less than its baseline."""
    event = metro_event(
        event_id,
        source=GRID.source,
        type="carbon.saved-electricity.v1",
        subject="meter-2",
        data={"baseline_kwh": 12, "actual_kwh": 8},
    )
    return {**event, **changes}


def signed(body: str, secret: str, at: datetime, webhook_id: str = "msg_1") -> dict[str, str]:
    """Return the headers that the reference library makes."""
    # The library takes naive instants for UTC's, whatever zone the machine is in.
    signature = Webhook(secret).sign(webhook_id, at.astimezone(UTC), body)
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }


def link_token(partner: str, reference: str, secret: str, at: datetime, **changes: Any) -> str:
    claims = {
        "iss": partner,
        "sub": reference,
        "aud": "carbon-account",
        "exp": int((at + timedelta(minutes=10)).timestamp()),
    }
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return jwt.encode({**claims, **changes}, key, algorithm="HS256")


def dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
