"""A partner's side of the webhook: signed requests, and link tokens for its users."""

import base64
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from standardwebhooks.webhooks import Webhook

from infra.local.errors import LocalError

EVENTS_PER_REQUEST_MAX = 100
BODY_BYTES_MAX = 64 * 1024
SINGLE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"

LINK_TOKEN_AUDIENCE = "carbon-account"  # noqa: S105 - no secret
LINK_TOKEN_LIFETIME = timedelta(minutes=10)
SECRET_PREFIX = "whsec_"  # noqa: S105 - as above

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SignedRequest:
    headers: dict[str, str]
    body: bytes
    events: tuple[Event, ...]


class Partner:
    """A partner with its newest signing key (`whsec_...`)."""

    def __init__(self, name: str, key: str) -> None:
        self.name = name
        self._key = key

    def sign(self, payload: str, now: datetime) -> dict[str, str]:
        """Return the Standard Webhooks headers of a payload that is sent now."""
        message_id = f"msg_{secrets.token_hex(12)}"
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(self._key).sign(message_id, now, payload),
        }

    def requests(self, events: Sequence[Event], now: datetime) -> Iterator[SignedRequest]:
        """Yield the signed requests that report the events, as many to each as it may hold."""
        for group in _groups(events):
            single = len(group) == 1
            body = _compact(group[0] if single else list(group))
            headers = {"content-type": SINGLE if single else BATCH, **self.sign(body, now)}
            yield SignedRequest(headers, body.encode(), tuple(group))

    def outcome_headers(self, event_id: str, now: datetime) -> dict[str, str]:
        """Return the headers that ask what became of an event."""
        return self.sign(f"GET /v1/partners/{self.name}/events/{event_id}", now)

    def link_token(self, reference: str, now: datetime) -> str:
        """Return the token by which a user proves to be the partner's `reference`."""
        claims = {
            "iss": self.name,
            "sub": reference,
            "aud": LINK_TOKEN_AUDIENCE,
            "iat": int(now.timestamp()),
            "exp": int((now + LINK_TOKEN_LIFETIME).timestamp()),
        }
        # The key is what the secret's text stands for, as in the signatures.
        secret = base64.b64decode(self._key.removeprefix(SECRET_PREFIX))
        return jwt.encode(claims, secret, algorithm="HS256")


def read_events(path: Path) -> list[Event]:
    """Read a file with one event, an array of events, or one event a line."""
    text = path.read_text(encoding="utf-8")
    try:
        content = json.loads(text)
    except ValueError:
        content = [
            _event_of_line(path, number, line)
            for number, line in enumerate(text.splitlines(), 1)
            if line.strip()
        ]
    events = content if isinstance(content, list) else [content]
    if not events or not all(isinstance(event, dict) for event in events):
        raise LocalError(f"{path} holds no events: an object, an array of them, or one a line.")
    return events


def _event_of_line(path: Path, number: int, line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise LocalError(f"{path}, line {number} is not JSON: {error}") from error


def _groups(events: Sequence[Event]) -> Iterator[list[Event]]:
    group: list[Event] = []
    size = 2
    for event in events:
        length = len(_compact(event).encode()) + 1
        if group and (len(group) == EVENTS_PER_REQUEST_MAX or size + length > BODY_BYTES_MAX):
            yield group
            group, size = [], 2
        group.append(event)
        size += length
    if group:
        yield group


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
