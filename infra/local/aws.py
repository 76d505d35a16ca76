"""Clients of the local endpoint as its administrator. Nothing here can reach AWS."""

import threading
from typing import Any

import boto3
from botocore.config import Config

from infra.local.processes import HOST

REGION = "us-east-1"
ACCOUNT_ID = "000000000000"
# MiniStack takes this key for the account's root; functions get keys of their roles instead.
ADMIN_KEY = "test"

CONNECT_TIMEOUT_S = 2
# The longest function may run for 900 s, and a direct invocation waits for it.
READ_TIMEOUT_S = 905
CONNECTIONS_MAX = 64


class Clients:
    """boto3 clients, made once each: making one costs more than most calls.

    `dynamodb_port` is None when the endpoint itself holds the tables.
    """

    def __init__(self, endpoint_port: int, dynamodb_port: int | None = None) -> None:
        self._endpoint = f"http://{HOST}:{endpoint_port}"
        self._dynamodb = f"http://{HOST}:{dynamodb_port or endpoint_port}"
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, int], Any] = {}
        # Explicit keys and region, or boto3 would look for the reader's own.
        self._session = boto3.Session(
            aws_access_key_id=ADMIN_KEY, aws_secret_access_key=ADMIN_KEY, region_name=REGION
        )

    def __call__(self, service: str, *, read_timeout_s: int = READ_TIMEOUT_S) -> Any:
        key = (service, read_timeout_s)
        with self._lock:
            if key not in self._clients:
                in_store = service in {"dynamodb", "dynamodbstreams"}
                self._clients[key] = self._session.client(
                    service,
                    endpoint_url=self._dynamodb if in_store else self._endpoint,
                    config=Config(
                        connect_timeout=CONNECT_TIMEOUT_S,
                        read_timeout=read_timeout_s,
                        max_pool_connections=CONNECTIONS_MAX,
                        # A call that is repeated unasked would invoke a function twice.
                        retries={"total_max_attempts": 1},
                        ignore_configured_endpoint_urls=True,
                        # botocore puts its own together for every call, at a fifth of its cost.
                        user_agent="carbon-account-local",
                    ),
                )
            return self._clients[key]

    def close(self) -> None:
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()
