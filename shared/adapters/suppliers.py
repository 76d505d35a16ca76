"""Suppliers over HTTPS: one address each, to which every question is a signed message.

A question is a POST of JSON with Standard Webhooks headers, and its signature covers all of it:

    {"type": "order.create" | "order.find" | "order.cancel", "order_id": ..., "benefit_id": ...}

Only a 200 with `{"order_id": ..., "state": ..., "code": ...}` of the same order is an answer; the
states are those of `OrderState`, and `code` comes with `issued` alone. Anything else is silence.
"""

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import urllib3
from botocore.httpsession import get_cert_path

from shared.adapters import clock
from shared.adapters.secrets import read_secret
from shared.application.ports import OrderState, SupplierAnswer
from shared.domain.canonical import canonical_json
from shared.domain.errors import BusyError
from shared.domain.partner import NAME
from shared.domain.redemption import Redemption
from shared.domain.webhook import decode_secret, sign

logger = logging.getLogger("carbon-account.suppliers")

CONNECT_TIMEOUT_S = 1
# The whole answer has to be there by then; it is also how long a user's cancellation waits.
READ_TIMEOUT_S = 5
ANSWER_BYTES_MAX = 4096
CODE_LENGTH_MAX = 200
ACCESS_CACHE_S = 300
_OK = 200
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class _Access:
    """Where a supplier answers, and the key that its questions are signed with."""

    url: str
    key: bytes = field(repr=False)


class HttpSuppliers:
    """Suppliers whose secret `<prefix><supplier>` holds {"url": "https://...", "key": "whsec_..."}.

    An address comes from there and from nowhere else, and no answer can lead to another one.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._cache: dict[str, tuple[float, _Access]] = {}
        self._pool = urllib3.PoolManager(
            retries=False,
            timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=READ_TIMEOUT_S),
            cert_reqs="CERT_REQUIRED",
            # The same authorities that AWS is called with.
            ca_certs=get_cert_path(verify=True),
        )

    def order(self, redemption: Redemption) -> SupplierAnswer:
        return self._ask("order.create", redemption)

    def find(self, redemption: Redemption) -> SupplierAnswer:
        return self._ask("order.find", redemption)

    def cancel(self, redemption: Redemption) -> SupplierAnswer:
        return self._ask("order.cancel", redemption)

    def _ask(self, question: str, redemption: Redemption) -> SupplierAnswer:
        access = self._access(redemption.supplier)
        order_id = redemption.redemption_id
        body = canonical_json(
            {"benefit_id": redemption.benefit_id, "order_id": order_id, "type": question}
        )
        # The same question has the same id, however often it is asked.
        webhook_id = f"{question.replace('.', '_')}_{order_id}"
        now_s = int(clock.now().timestamp())
        headers = {
            "content-type": "application/json",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(now_s),
            "webhook-signature": sign(access.key, webhook_id, now_s, body),
        }
        try:
            return _read_answer(self._post(access.url, headers, body), order_id)
        except (urllib3.exceptions.HTTPError, RecursionError, ValueError) as error:
            # Its kind only: an answer's body may hold a code.
            logger.warning(
                "a supplier gave no clear answer",
                extra={
                    "supplier": redemption.supplier,
                    "redemption_id": order_id,
                    "question": question,
                    "error": type(error).__name__,
                },
            )
            raise BusyError("The supplier gives no clear answer now.") from None

    def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """Return the body of a 200; raise ValueError for another status or too much of it."""
        response = self._pool.request(
            "POST",
            url,
            body=body,
            headers=headers,
            redirect=False,
            preload_content=False,
            decode_content=False,
        )
        deadline = time.monotonic() + READ_TIMEOUT_S
        content = b""
        try:
            # A sender that drips byte by byte would outlive the timeout of each single read.
            while chunk := response.read1(ANSWER_BYTES_MAX):
                content += chunk
                if len(content) > ANSWER_BYTES_MAX or time.monotonic() > deadline:
                    raise ValueError("The answer is too long, or takes too long.")
        finally:
            response.close()
        if response.status != _OK:
            raise ValueError("The answer is a refusal to answer.")
        return content

    def _access(self, supplier: str) -> _Access:
        """Return how to reach a supplier. Raises BusyError where that cannot be read."""
        if NAME.fullmatch(supplier) is None:
            raise BusyError("A supplier's name is malformed.")
        cached = self._cache.get(supplier)
        if cached and time.monotonic() - cached[0] < ACCESS_CACHE_S:
            return cached[1]
        access = _parse_access(read_secret(self._prefix + supplier))
        self._cache[supplier] = (time.monotonic(), access)
        return access


def _parse_access(text: str | None) -> _Access:
    try:
        data = json.loads(text or "")
        access = _Access(str(data["url"]), decode_secret(data["key"]))
        is_safe = _is_safe(access.url)
    except (ValueError, KeyError, TypeError, AttributeError):
        is_safe = False
    if not is_safe:
        raise BusyError("A supplier's secret is missing or malformed.")
    return access


def _is_safe(url: str) -> bool:
    """Tell whether it is HTTPS, or on this very machine, as the local stack's supplier is."""
    parts = urlsplit(url)
    is_private = parts.scheme == "https" or (parts.scheme, parts.hostname) == ("http", _LOOPBACK)
    return is_private and bool(parts.hostname) and not parts.username and not parts.fragment


def _read_answer(content: bytes, order_id: str) -> SupplierAnswer:
    """Return the answer; raise ValueError for anything that does not say clearly what it is."""
    data: Any = json.loads(content)
    if not isinstance(data, dict) or data.get("order_id") != order_id:
        raise ValueError("The answer is about something else.")
    state, code = OrderState(str(data.get("state"))), data.get("code")
    if state is not OrderState.ISSUED:
        return SupplierAnswer(state)
    if not isinstance(code, str) or not code.isprintable() or not 0 < len(code) <= CODE_LENGTH_MAX:
        raise ValueError("A voucher has a code that can be printed.")
    return SupplierAnswer(state, code)
