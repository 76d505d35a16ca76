"""Documents: what stands beside the ledger and changes by steps, such as a redemption or a dispute.

A document is replaced by its next version only, so that each of its steps is taken once.
"""

from datetime import datetime
from typing import ClassVar, Protocol


class Document(Protocol):
    """A frozen dataclass of one kind, with plain fields; `owner` and `name` are its address."""

    KIND: ClassVar[str]

    @property
    def version(self) -> int:
        """1 for a new one, and one more with each change."""
        ...

    @property
    def owner(self) -> str:
        """Whose list it stands in: an account, a benefit, or the document itself."""
        ...

    @property
    def name(self) -> str:
        """What it is called in that list; lists are in the order of names."""
        ...

    @property
    def due_at(self) -> datetime | None:
        """When a schedule has to look at it; None while there is nothing to do."""
        ...
