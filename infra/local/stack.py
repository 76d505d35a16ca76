"""The whole stack: starts everything in order, and stops it in the opposite order."""

import fcntl
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import IO, Literal, Self

from infra.local.authorizer import PublishedKeys
from infra.local.aws import Clients
from infra.local.bundle import make_bundle
from infra.local.deploy import deploy, resources
from infra.local.dynamodb_local import DynamoDbLocal
from infra.local.endpoint import Endpoint
from infra.local.errors import LocalError, NotRunningError
from infra.local.files import read_json, write_json
from infra.local.gateway import AccessLog, Api, Gateway
from infra.local.grants import check_grants
from infra.local.issuer import ISSUER
from infra.local.places import DEFAULT_STATE, Project, StateDir
from infra.local.positions import Positions
from infra.local.processes import HOST, POLL_S, free_port, is_alive, is_one_of_ours
from infra.local.queues import QueuePump
from infra.local.running import RunningStack
from infra.local.schedules import Scheduler
from infra.local.sign_in import PATH as SIGN_IN_PATH
from infra.local.sign_in import SignIn
from infra.local.streams import StreamPump
from infra.local.supplier import Supplier, SupplierServer
from infra.local.template import Template, load_template
from infra.seed.articles import CONTENTS, publish_all, put_asset, read_assets, read_contents
from infra.seed.benefits import read_benefits, seed_supplier

logger = logging.getLogger("local")

Store = Literal["memory", "durable"]

CLOCK_VARIABLE = "CARBON_CLOCK_FILE"
SUPPLIER_PREFIX_PARAMETER = "SupplierSecretPrefix"
DYNAMODB_VARIABLE = "AWS_ENDPOINT_URL_DYNAMODB"
FORMER_TIMEOUT_S = 20.0
LOG_BYTES_MAX = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Ports:
    """All on 127.0.0.1; `dynamodb` is used by the durable store only."""

    http: int = 8080
    endpoint: int = 4566
    dynamodb: int = 8000

    @classmethod
    def free(cls) -> "Ports":
        """Return ports that nobody uses, for tests that run next to a stack."""
        return cls(free_port(), free_port(), free_port())


class LocalStack(RunningStack):
    """`with LocalStack(state_dir) as stack:` runs the template until the block ends.

    Enter it in a thread that lives as long as the stack: Linux ends the stack's processes with it.
    """

    def __init__(
        self,
        state_dir: Path = DEFAULT_STATE,
        ports: Ports | None = None,
        *,
        store: Store = "memory",
        project: Project | None = None,
        parameters: Mapping[str, str] | None = None,
        on_access: AccessLog | None = None,
    ) -> None:
        # What RunningStack needs is known only when the stack is deployed; see `start`.
        self._state = StateDir(state_dir.resolve())
        self._ports = ports or Ports()
        self._store_kind = store
        self._project = project or Project()
        self._given_parameters = parameters or {}
        self._lock_file: IO[str] | None = None
        self._clients: Clients | None = None
        durable = store == "durable"
        self._endpoint = Endpoint(
            self._project, self._state, self._ports.endpoint, journaled=durable
        )
        self._dynamodb = (
            DynamoDbLocal(self._project, self._state, self._ports.dynamodb) if durable else None
        )
        self._gateway = Gateway(self._ports.http, on_access or _no_access_log)
        self._pumps: list[QueuePump | StreamPump] = []
        self._scheduler: Scheduler | None = None
        self._supplier: SupplierServer | None = None
        # Given so that a test can make it misbehave; only a stack with benefits has one.
        self.supplier: Supplier | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start everything; raise LocalError, with nothing left running, if that cannot be."""
        self._state.create()
        self._lock_file = _lock(self._state)
        try:
            _await_former_processes(self._state)
            self._gateway.require_port()
            self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop everything; what is being handled is finished, and the state is saved."""
        self._state.run_file.unlink(missing_ok=True)
        self._gateway.stop()
        if self._scheduler is not None:
            self._scheduler.stop()
        for pump in self._pumps:
            pump.request_stop()
        for pump in self._pumps:
            pump.stop()
        self._stop_supplier()
        self._endpoint.stop()
        if self._dynamodb is not None:
            self._dynamodb.stop()
        self._release()

    def kill(self) -> None:
        """End everything at once, as a crash would: nothing is finished, nothing is saved."""
        for pump in self._pumps:
            pump.request_stop()
        self._endpoint.kill()
        if self._dynamodb is not None:
            self._dynamodb.kill()
        self._gateway.stop()
        if self._scheduler is not None:
            self._scheduler.stop()
        for pump in self._pumps:
            pump.stop()
        self._stop_supplier()
        self._release()

    def _start(self) -> None:
        _limit_log(self._state.handler_log)
        self._endpoint.launch()
        if self._dynamodb is not None:
            self._dynamodb.launch()
        bundle = make_bundle(self._project.root)
        template = _load(
            self._project,
            self._state,
            self._ports,
            self._store_kind,
            bundle.key,
            self._given_parameters,
        )
        self._endpoint.wait()
        self._clients = endpoint = Clients(self._ports.endpoint)
        deployed = deploy(endpoint, self._ports.endpoint, template, bundle)
        check_grants(endpoint, template, deployed)
        clients = endpoint
        if self._dynamodb is not None:
            self._dynamodb.wait()
            self._clients = clients = Clients(self._ports.endpoint, self._ports.dynamodb)
            tables = [deployed[name].physical_id for name in template.tables]
            self._dynamodb.create_tables(endpoint, clients, tables)
            endpoint.close()
            self._endpoint.save()
        super().__init__(
            http_port=self._ports.http,
            clients=clients,
            state=self._state,
            template=template,
            resources=deployed,
        )
        if SUPPLIER_PREFIX_PARAMETER in template.parameters:
            self._start_supplier(template.parameters[SUPPLIER_PREFIX_PARAMETER])
        if "PublishContentsFunction" in template.functions and CONTENTS.is_dir():
            publish_all(
                lambda event: self.invoke("publish_contents", event),
                partial(put_asset, self.clients("s3"), self.outputs["AssetsBucket"]),
                read_contents(),
                read_assets(),
            )
        self._start_pumps(template)
        if template.api is not None:
            keys = PublishedKeys(self.issuer.jwks_path)
            api = Api(template.api, self._invoker, keys)
            self._gateway.start(SignIn(api, self.token))
        write_json(
            self._state.run_file,
            {
                "http_port": self._ports.http,
                "endpoint_port": self._ports.endpoint,
                "dynamodb_port": self._ports.dynamodb if self._dynamodb is not None else None,
                "store": self._store_kind,
                "pids": [child.pid for child in (self._endpoint, self._dynamodb) if child],
                "project": str(self._project.root),
                "parameters": template.parameters,
            },
        )

    def _start_pumps(self, template: Template) -> None:
        positions = Positions(self._state.positions)
        invoker = self._invoker
        for source in template.event_sources:
            if source.kind == "queue":
                self._pumps.append(QueuePump(source, self.clients, self._resources, invoker))
            else:
                self._pumps.append(
                    StreamPump(source, self.clients, self._resources, invoker, positions)
                )
        for pump in self._pumps:
            pump.start()
        self._scheduler = Scheduler(template.schedules, self.clients, self._resources, invoker)
        self._scheduler.start()

    def _start_supplier(self, secret_prefix: str) -> None:
        """Start the demo supplier, tell the stack of it, and publish what it supplies."""
        self.supplier = supplier = Supplier(b"", self.now, self._state.supplier)
        self._supplier = SupplierServer(supplier)
        supplier.key = seed_supplier(self.clients, secret_prefix, self._supplier.url)
        self.invoke("publish_benefits", read_benefits())

    def _stop_supplier(self) -> None:
        if self._supplier is not None:
            self._supplier.stop()
            self._supplier = self.supplier = None

    def _nudge(self) -> None:
        for pump in self._pumps:
            if isinstance(pump, StreamPump):
                pump.nudge()

    def _release(self) -> None:
        self._pumps, self._scheduler = [], None
        if self._clients is not None:
            self._clients.close()
            self._clients = None
        if self._lock_file is not None:
            self._lock_file.close()
            self._lock_file = None


def attach(state_dir: Path = DEFAULT_STATE) -> RunningStack:
    """Return the stack that another process runs; raise NotRunningError if there is none."""
    state = StateDir(state_dir.resolve())
    run = read_json(state.run_file)
    if run is None or not is_running(state_dir):
        raise NotRunningError
    project = Project(Path(run["project"]))
    ports = Ports(run["http_port"], run["endpoint_port"], run["dynamodb_port"] or 0)
    # Only what the template says of routes, triggers and parameters is needed here, not the code.
    template = _load(project, state, ports, run["store"], "unused", run["parameters"])
    clients = Clients(run["endpoint_port"], run["dynamodb_port"])
    return RunningStack(
        http_port=run["http_port"],
        clients=clients,
        state=state,
        template=template,
        resources=resources(clients),
    )


def is_running(state_dir: Path) -> bool:
    """Whether a process runs a stack on this state directory."""
    state = StateDir(state_dir.resolve())
    if not state.lock.exists():
        return False
    try:
        _lock(state).close()
    except LocalError:
        return True
    return False


def _load(
    project: Project,
    state: StateDir,
    ports: Ports,
    store: Store,
    bundle_key: str,
    parameters: Mapping[str, str],
) -> Template:
    environment = {CLOCK_VARIABLE: str(state.clock)}
    if store == "durable":
        environment[DYNAMODB_VARIABLE] = f"http://{HOST}:{ports.dynamodb}"
    return load_template(
        project.template,
        bundle_key=bundle_key,
        parameters={"TokenIssuer": ISSUER, "SignInUrl": SIGN_IN_PATH, **parameters},
        environment=environment,
    )


def _lock(state: StateDir) -> IO[str]:
    """Take the state directory for this process; the system gives it back when the process ends."""
    file = state.lock.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise LocalError(
            f"Another local stack runs on {state.root}. Stop it, or choose another --state-dir."
        ) from error
    return file


def _await_former_processes(state: StateDir) -> None:
    """After a runner was killed, its processes still save their state for a moment."""
    former = read_json(state.run_file) or {}
    deadline = time.monotonic() + FORMER_TIMEOUT_S
    for pid in filter(None, former.get("pids", [])):
        while is_alive(pid) and is_one_of_ours(pid):
            if time.monotonic() > deadline:
                raise LocalError(f"Process {pid} of the former stack does not end; end it first.")
            time.sleep(POLL_S)
    state.run_file.unlink(missing_ok=True)


def _limit_log(path: Path) -> None:
    if path.exists() and path.stat().st_size > LOG_BYTES_MAX:
        path.replace(path.with_suffix(".log.1"))


def _no_access_log(_method: str, _path: str, _status: int, _seconds: float) -> None:
    """Requests are not logged."""
