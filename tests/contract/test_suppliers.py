"""The suppliers' adapter against a supplier on a socket, good and bad."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from moto import mock_aws

from infra.local.supplier import Behaviour, Supplier, SupplierServer
from infra.seed.benefits import SUPPLIER, seed_supplier
from shared.adapters import suppliers
from shared.adapters.suppliers import ANSWER_BYTES_MAX, HttpSuppliers
from shared.application.ports import OrderState, SupplierAnswer, Suppliers
from shared.domain.errors import BusyError
from shared.domain.redemption import Redemption, RedemptionState, hold
from tests.support.cloud import SUPPLIER_PREFIX, Cloud, client
from tests.support.fakes import FakeSuppliers
from tests.support.redeeming import NOW, a_benefit, a_buyer

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def a_redemption(redemption_id: str = "r1") -> Redemption:
    return hold(
        a_buyer(), a_benefit(), redemption_id=redemption_id, block=0, request_digest="", now=NOW
    ).redemption


REDEMPTION = a_redemption()
ISSUED, PENDING, REFUSED, CANCELLED, UNKNOWN = (
    OrderState.ISSUED,
    OrderState.PENDING,
    OrderState.REFUSED,
    OrderState.CANCELLED,
    OrderState.UNKNOWN,
)


@dataclass
class Counter:
    """A supplier behind its port, and the way to make it misbehave."""

    port: Suppliers
    behave: Callable[[Behaviour], None]


@pytest.fixture(params=["in memory", "over HTTP"])
def counter(request: pytest.FixtureRequest) -> Iterator[Counter]:
    if request.param == "in memory":
        fake = FakeSuppliers()
        yield Counter(fake, lambda behaviour: setattr(fake, "behaviour", behaviour))
        return
    with mock_aws():
        Cloud()
        supplier = Supplier(b"", lambda: datetime.now(UTC))
        server = SupplierServer(supplier)
        supplier.key = seed_supplier(client, SUPPLIER_PREFIX, server.url)
        try:
            yield Counter(
                HttpSuppliers(SUPPLIER_PREFIX),
                lambda behaviour: supplier.behaviours.update(coffee=behaviour),
            )
        finally:
            server.stop()


def test_an_order_is_issued_once_however_often_it_is_placed(counter: Counter):
    assert counter.port.find(REDEMPTION) == SupplierAnswer(UNKNOWN)
    first = counter.port.order(REDEMPTION)
    assert first.state is ISSUED
    assert first.code
    assert counter.port.order(REDEMPTION) == first == counter.port.find(REDEMPTION)
    assert counter.port.cancel(REDEMPTION) == first
    assert counter.port.order(a_redemption("r2")).code != first.code


def test_an_order_that_was_called_off_is_never_issued(counter: Counter):
    assert counter.port.cancel(REDEMPTION) == SupplierAnswer(CANCELLED)
    assert counter.port.order(REDEMPTION) == SupplierAnswer(CANCELLED)
    assert counter.port.find(REDEMPTION) == SupplierAnswer(CANCELLED)


def test_a_slow_one_says_so(counter: Counter):
    counter.behave(Behaviour(pending=1))
    assert counter.port.order(REDEMPTION) == SupplierAnswer(PENDING)
    assert counter.port.find(REDEMPTION) == SupplierAnswer(PENDING)
    assert counter.port.order(REDEMPTION).state is ISSUED


def test_one_that_refuses_says_so(counter: Counter):
    counter.behave(Behaviour(is_refusing=True))
    assert counter.port.order(REDEMPTION) == SupplierAnswer(REFUSED)
    assert counter.port.cancel(REDEMPTION) == SupplierAnswer(REFUSED)


def test_a_failure_is_no_answer(counter: Counter):
    counter.behave(Behaviour(errors=1))
    with pytest.raises(BusyError):
        counter.port.order(REDEMPTION)
    assert counter.port.find(REDEMPTION) == SupplierAnswer(UNKNOWN)


def test_an_answer_that_is_lost_was_given_all_the_same(counter: Counter):
    counter.behave(Behaviour(lost=1))
    with pytest.raises(BusyError):
        counter.port.order(REDEMPTION)
    found = counter.port.find(REDEMPTION)
    assert found.state is ISSUED
    assert counter.port.order(REDEMPTION) == found


def test_a_forgetful_one_issues_another_code(counter: Counter):
    counter.behave(Behaviour(is_forgetful=True))
    assert counter.port.order(REDEMPTION).code != counter.port.order(REDEMPTION).code


# What only the adapter can get wrong


class Wire:
    """A server that answers every POST as `reply` does, and keeps what it was sent."""

    def __init__(self) -> None:
        wire = self
        self.reply: Callable[[BaseHTTPRequestHandler], None] = lambda _: None
        self.seen: list[tuple[str, dict[str, str], bytes]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                wire.seen.append((self.path, headers, body))
                wire.reply(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.block_on_close = False
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/orders"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def answering(body: object, status: int = 200, **headers: str) -> Callable[[Any], None]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("content-length", str(len(content)))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    return reply


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    with mock_aws():
        Cloud()
        seed_supplier(client, SUPPLIER_PREFIX, wire.url)
        yield wire
    wire.stop()


@pytest.fixture
def port(wire: Wire) -> HttpSuppliers:
    return HttpSuppliers(SUPPLIER_PREFIX)


GOOD = {"order_id": "r1", "state": "issued", "code": "DEMO-1"}


def test_a_question_is_signed_as_a_whole_and_says_no_more_than_it_must(
    wire: Wire, port: HttpSuppliers
):
    from standardwebhooks import Webhook

    wire.reply = answering(GOOD)
    assert port.order(REDEMPTION) == SupplierAnswer(ISSUED, "DEMO-1")
    [(path, headers, body)] = wire.seen
    assert path == "/orders"
    assert json.loads(body) == {
        "type": "order.create",
        "order_id": "r1",
        "benefit_id": "coffee",
    }
    secret = client("secretsmanager").get_secret_value(SecretId=SUPPLIER_PREFIX + SUPPLIER)
    key = json.loads(secret["SecretString"])["key"]
    # The reference library takes it for genuine.
    assert Webhook(key).verify(body, headers) == json.loads(body)
    assert headers["webhook-id"] == "order_create_r1"


@pytest.mark.parametrize(
    "reply",
    [
        answering(GOOD, status=201),
        answering(GOOD, status=404),
        answering(GOOD, status=500),
        answering(b""),
        answering(b"issued"),
        answering(b"\xff"),
        answering([GOOD]),
        answering(None),
        answering(b"[" * ANSWER_BYTES_MAX),
        answering({**GOOD, "order_id": "r2"}),
        answering({**GOOD, "state": "shipped"}),
        answering({**GOOD, "state": None}),
        answering({**GOOD, "code": None}),
        answering({**GOOD, "code": ""}),
        answering({**GOOD, "code": 12345678}),
        answering({**GOOD, "code": "x" * 201}),
        answering({**GOOD, "code": "line\nend"}),
        answering({"order_id": "r1", "state": "issued"}),
        answering({**GOOD, "more": "x" * ANSWER_BYTES_MAX}),
        lambda handler: handler.wfile.close(),
    ],
    ids=[
        "created", "not found", "server error", "empty", "text", "not UTF-8", "list", "null",
        "four thousand levels", "another order", "unknown state", "no state", "no code",
        "empty code", "code as number", "long code", "code with a line end", "code left out",
        "too long", "connection closed",
    ],
)  # fmt: skip
def test_what_is_not_a_clear_answer_is_silence(
    wire: Wire, port: HttpSuppliers, reply: Callable[[Any], None]
):
    wire.reply = reply
    with pytest.raises(BusyError):
        port.order(REDEMPTION)
    assert len(wire.seen) == 1, "A question is repeated by who knows what may be repeated."


def test_an_answer_leads_nowhere_else(wire: Wire, port: HttpSuppliers):
    wire.reply = answering(b"", status=307, location=wire.url + "/elsewhere")
    with pytest.raises(BusyError):
        port.order(REDEMPTION)
    assert [path for path, _, _ in wire.seen] == ["/orders"]


@pytest.mark.parametrize("drips", [False, True], ids=["says nothing", "drips byte by byte"])
def test_a_supplier_that_takes_too_long_is_not_waited_for(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, drips: bool
):
    monkeypatch.setattr(suppliers, "READ_TIMEOUT_S", 0.3)
    port = HttpSuppliers(SUPPLIER_PREFIX)
    is_over = threading.Event()

    def reply(handler: BaseHTTPRequestHandler) -> None:
        if drips:
            handler.send_response(200)
            handler.send_header("content-length", "100")
            handler.end_headers()
        for _ in range(100):
            if is_over.wait(0.05):
                return
            if drips:
                handler.wfile.write(b" ")

    wire.reply = reply
    started = time.monotonic()
    with pytest.raises(BusyError):
        port.order(REDEMPTION)
    assert time.monotonic() - started < 3
    is_over.set()


def test_no_code_is_ever_logged(wire: Wire, port: HttpSuppliers, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    wire.reply = answering(GOOD)
    answer = port.order(REDEMPTION)
    wire.reply = answering({**GOOD, "order_id": "r2"})
    with pytest.raises(BusyError):
        port.order(REDEMPTION)
    text = "".join(f"{record.getMessage()}{record.__dict__}" for record in caplog.records)
    assert "r1" in text
    assert "DEMO-1" not in text + repr(answer)


@pytest.mark.parametrize(
    "secret",
    [
        None,
        "{",
        "[]",
        '{"url": "https://supplier.test/"}',
        '{"url": "https://supplier.test/", "key": "short"}',
        '{"url": "http://supplier.test/", "key": "KEY"}',
        '{"url": "http://127.0.0.1.supplier.test/", "key": "KEY"}',
        '{"url": "https://user:word@supplier.test/", "key": "KEY"}',
        '{"url": "https://", "key": "KEY"}',
        '{"url": "file:///etc/passwd", "key": "KEY"}',
    ],
    ids=str,
)
def test_an_address_that_is_not_private_is_never_called(secret: str | None):
    with mock_aws():
        Cloud()
        vault = client("secretsmanager")
        if secret is not None:
            text = secret.replace("KEY", "whsec_" + "A" * 44)
            vault.create_secret(Name=SUPPLIER_PREFIX + SUPPLIER, SecretString=text)
        with pytest.raises(BusyError):
            HttpSuppliers(SUPPLIER_PREFIX).order(REDEMPTION)


def test_a_supplier_s_name_is_no_path():
    with mock_aws():
        Cloud()
        other = replace(REDEMPTION, supplier="../partners/metro-demo")
        with pytest.raises(BusyError):
            HttpSuppliers(SUPPLIER_PREFIX).order(other)
    assert RedemptionState.HELD is REDEMPTION.state


def test_the_demo_supplier_takes_only_what_is_signed(wire: Wire):
    supplier = Supplier(b"k" * 32, lambda: datetime.now(UTC))
    assert supplier.answer({}, b"{}") == (401, b"{}")
    assert supplier.orders == {}


def test_the_demo_supplier_remembers_its_orders(tmp_path):
    file = tmp_path / "supplier.json"
    fake = Supplier(b"k" * 32, lambda: datetime.now(UTC), file)
    status, said = fake._answer("order.create", "r1", Behaviour())
    assert status == 200
    fake._save()
    again = Supplier(b"k" * 32, lambda: datetime.now(UTC), file)
    assert again._answer("order.create", "r1", Behaviour()) == (200, said)
