"""The functions' code as one zip, the same bytes for the same code."""

import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

CODE = ("functions", "shared")
LEFT_OUT = {"__pycache__"}

# Where the clock's overlay stands in for the project's module, and where that one is kept.
CLOCK = "shared/adapters/clock.py"
SYSTEM_CLOCK = "shared/adapters/system_clock.py"
CLOCK_OVERLAY = Path(__file__).parent / "overlay" / "clock.py"

# No file says when it was made.
EPOCH = (1980, 1, 1, 0, 0, 0)
FILE_MODE = 0o644 << 16


@dataclass(frozen=True, slots=True)
class Bundle:
    data: bytes
    digest: str

    @property
    def key(self) -> str:
        """The object's key in the deployment bucket."""
        return f"{self.digest}.zip"


def make_bundle(root: Path) -> Bundle:
    """Pack functions/ and shared/, with the local stack's clock (see overlay/clock.py)."""
    files = {
        path.relative_to(root).as_posix(): path
        for folder in CODE
        for path in (root / folder).rglob("*")
        if path.is_file() and not LEFT_OUT.intersection(path.parts)
    }
    if CLOCK in files:
        files |= {SYSTEM_CLOCK: files[CLOCK], CLOCK: CLOCK_OVERLAY}
    buffer = io.BytesIO()
    # Stored, not packed: it is unpacked at every cold start and never leaves the machine.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = FILE_MODE
            archive.writestr(entry, files[name].read_bytes())
    data = buffer.getvalue()
    return Bundle(data, hashlib.sha256(data).hexdigest())
