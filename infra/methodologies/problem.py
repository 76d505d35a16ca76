"""What is wrong with a file, in one line that its author can act on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """`line` counts from 1. A warning is printed, but fails nothing."""

    file: str
    line: int
    reason: str
    is_warning: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {'warning: ' * self.is_warning}{self.reason}"
