"""The stack over moto as a stage that a plan can be played on, in one thread."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from infra.local.http_client import Answer
from tests.support.cloud import Cloud, context, http_event, load
from tests.support.template import functions


class CloudStage:
    """Routes requests by the template's paths; a token is the subject's name itself.

    `time` is what the functions take for the clock: anything with a `now` that can be set.
    """

    def __init__(self, cloud: Cloud, time: Any) -> None:
        self._cloud = cloud
        self._time = time
        self._start = time.now
        self._routes = [
            (each["Properties"]["Method"], each["Properties"]["Path"], function)
            for function, properties in functions().items()
            for each in properties.get("Events", {}).values()
            if each["Type"] == "HttpApi"
        ]

    def request(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        raw_path, _, query = path.partition("?")
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        for route_method, route, function in self._routes:
            found = re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route), raw_path)
            if found is not None and route_method == method:
                event = http_event(
                    method,
                    raw_path,
                    route=route,
                    path=found.groupdict(),
                    query=dict(pair.split("=") for pair in query.split("&") if pair),
                    headers=dict(headers or {}),
                    body=None if body is None else body.decode(),
                    subject=token,
                )
                answer = load(function).handler(event, context())
                return Answer(answer["statusCode"], answer["headers"], answer["body"].encode())
        raise AssertionError(f"The template has no route {method} {raw_path}.")

    def token(self, subject: str) -> str:
        return subject

    def now(self) -> datetime:
        now: datetime = self._time.now
        return now

    def set_clock(self, instant: datetime | None) -> None:
        self._time.now = instant.astimezone(UTC) if instant else self._start

    def drain(self, timeout_s: float) -> None:
        self._cloud.drain()

    def fire(self, schedule: str) -> Any:
        return load(schedule).handler({}, context())
