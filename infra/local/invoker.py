"""Invokes functions in the endpoint, never more of one at a time than this machine bears."""

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.local.aws import Clients
from infra.local.deploy import Resources

# Each concurrent invocation of a function has a worker process of some 80 MB, and starting one
# costs a core for most of a second; more workers than this only wait for each other.
WORKERS_PER_FUNCTION_MAX = max(2, min(8, os.cpu_count() or 2))

TIMED_OUT = "Sandbox.Timedout"


class FunctionError(Exception):
    """The function failed; `kind` and the message are as Lambda reports them."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


class EndpointUnavailableError(Exception):
    """The function could not be reached, throttled it or took longer than the caller waits."""


@dataclass(frozen=True, slots=True)
class _Function:
    physical_id: str
    slots: threading.BoundedSemaphore


class Invoker:
    """Invokes functions by logical id."""

    def __init__(self, clients: Clients, resources: Resources) -> None:
        self._clients = clients
        self._functions: Mapping[str, _Function] = {
            name: _Function(
                resource.physical_id, threading.BoundedSemaphore(WORKERS_PER_FUNCTION_MAX)
            )
            for name, resource in resources.items()
            if resource.kind == "AWS::Lambda::Function"
        }

    def invoke(self, function: str, event: Any, *, timeout_s: float | None = None) -> Any:
        """Return the function's answer.

        Raises FunctionError, or EndpointUnavailableError when there was no answer in time.
        """
        target = self._functions[function]
        client = (
            self._clients("lambda")
            if timeout_s is None
            else self._clients("lambda", read_timeout_s=int(timeout_s))
        )
        with target.slots:
            try:
                response = client.invoke(
                    FunctionName=target.physical_id, Payload=json.dumps(event).encode()
                )
                payload = json.loads(response["Payload"].read() or b"null")
            except (BotoCoreError, ClientError) as error:
                raise EndpointUnavailableError(str(error)) from error
        if "FunctionError" in response:
            raise FunctionError(
                payload.get("errorType", "Unhandled"), payload.get("errorMessage", "")
            )
        return payload
