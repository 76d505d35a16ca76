"""The throttling of a stage: a token bucket per route."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any


class Bucket:
    """`burst` requests at once, refilled with `rate` a second."""

    def __init__(self, rate: float, burst: int, now: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._now = rate, burst, now
        self._tokens, self._at = float(burst), now()
        self._lock = threading.Lock()

    def take(self) -> bool:
        with self._lock:
            now = self._now()
            self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
            self._at = now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True


class Throttle:
    """The buckets of a stage, from its DefaultRouteSettings and RouteSettings."""

    def __init__(self, stage: Mapping[str, Any]) -> None:
        self._default = stage.get("DefaultRouteSettings", {})
        self._by_route = stage.get("RouteSettings", {})
        self._buckets: dict[str, Bucket] = {}
        self._lock = threading.Lock()

    def admits(self, route_key: str) -> bool:
        settings = {**self._default, **self._by_route.get(route_key, {})}
        rate, burst = settings.get("ThrottlingRateLimit"), settings.get("ThrottlingBurstLimit")
        if rate is None or burst is None:
            return True
        with self._lock:
            if route_key not in self._buckets:
                self._buckets[route_key] = Bucket(float(rate), int(burst))
            bucket = self._buckets[route_key]
        return bucket.take()
