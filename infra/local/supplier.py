"""The demo supplier: what a supplier of benefits has to answer, and what it may do wrong.

`Supplier` is the supplier apart from its socket: one signed question in, a status and a body out.
`SupplierServer` serves it on 127.0.0.1. Every benefit can be made slow, failing, refusing or
forgetful; by itself, each order is issued at once, and once.
"""

import json
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from infra.local.files import read_json, write_json
from infra.local.processes import HOST
from shared.domain.errors import SignatureRefusedError
from shared.domain.webhook import verify_signature

BODY_BYTES_MAX = 4096
STOP_TIMEOUT_S = 5.0
OK, UNAUTHORIZED, UNPROCESSABLE, BROKEN = 200, 401, 422, 500

Answer = tuple[int, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How orders of a benefit go, each number being counted for each order.

    The first `errors` questions fail, and nothing is done. The first `pending` orders are still
    being worked at. The first `lost` orders that are issued fail to say so. With `is_forgetful`,
    an order that comes again is issued again, with another code, even where it was called off.
    """

    errors: int = 0
    pending: int = 0
    lost: int = 0
    is_refusing: bool = False
    is_forgetful: bool = False


GOOD = Behaviour()


@dataclass(slots=True)
class Order:
    """An order and what was said of it; `codes` are all that were ever issued."""

    state: str
    codes: list[str]
    errors: int = 0
    pending: int = 0
    lost: int = 0


class Supplier:
    """Orders by their ids, kept in `file` if there is one."""

    def __init__(self, key: bytes, now: Callable[[], datetime], file: Path | None = None) -> None:
        self.key = key
        self.behaviours: dict[str, Behaviour] = {}
        self.orders: dict[str, Order] = {}
        self.asked: list[tuple[str, str]] = []
        self._now = now
        self._file = file
        self._lock = threading.Lock()
        if file is not None:
            self.orders = {name: Order(**each) for name, each in (read_json(file) or {}).items()}

    def answer(self, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Answer one question; `headers` have lower-case names."""
        try:
            verify_signature(headers, body, [self.key], self._now())
        except SignatureRefusedError:
            return UNAUTHORIZED, b"{}"
        try:
            question = json.loads(body)
            kind, order_id = str(question["type"]), str(question["order_id"])
            benefit_id = str(question["benefit_id"])
        except (ValueError, KeyError, TypeError):
            return UNPROCESSABLE, b"{}"
        with self._lock:
            self.asked.append((kind, order_id))
            status, said = self._answer(kind, order_id, self.behaviours.get(benefit_id, GOOD))
            self._save()
        return status, json.dumps({"order_id": order_id, **said}).encode()

    def _save(self) -> None:
        if self._file is not None:
            write_json(self._file, {name: asdict(order) for name, order in self.orders.items()})

    def _answer(self, kind: str, order_id: str, behaviour: Behaviour) -> Answer:
        order = self.orders.setdefault(order_id, Order("unknown", []))
        if order.errors < behaviour.errors:
            order.errors += 1
            return BROKEN, {}
        match kind:
            case "order.create":
                return self._create(order, behaviour)
            case "order.find":
                return _said(order)
            case "order.cancel":
                if order.state in {"unknown", "pending"}:
                    order.state = "cancelled"
                return _said(order)
            case _:
                return UNPROCESSABLE, {}

    def _create(self, order: Order, behaviour: Behaviour) -> Answer:
        if order.state in {"unknown", "pending"}:
            if behaviour.is_refusing:
                order.state = "refused"
            elif order.pending < behaviour.pending:
                order.state, order.pending = "pending", order.pending + 1
            else:
                order.state, order.codes = "issued", [_new_code()]
        elif behaviour.is_forgetful:
            order.state, order.codes = "issued", [*order.codes, _new_code()]
        if order.state == "issued" and order.lost < behaviour.lost:
            order.lost += 1
            return BROKEN, {}
        return _said(order)


def _said(order: Order) -> Answer:
    if order.state == "issued":
        return OK, {"state": "issued", "code": order.codes[-1]}
    return OK, {"state": order.state}


def _new_code() -> str:
    return f"DEMO-{secrets.token_hex(4)}-{secrets.token_hex(4)}".upper()


class SupplierServer:
    """Serves a supplier on a port of its own until it is stopped."""

    def __init__(self, supplier: Supplier) -> None:
        handler = type("Handler", (_Handler,), {"supplier": supplier})
        self._server = _Server((HOST, 0), handler)
        self.url = f"http://{HOST}:{self._server.server_address[1]}/orders"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="supplier"
        )
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(STOP_TIMEOUT_S)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False


class _Handler(BaseHTTPRequestHandler):
    supplier: Supplier

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        if length > BODY_BYTES_MAX:
            self._write(UNPROCESSABLE, b"{}")
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._write(*self.supplier.answer(headers, self.rfile.read(length)))

    def _write(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Questions are not logged; they name redemptions."""
