"""State that is saved when it changes, not only on a clean stop.

Secrets are saved before the caller of a change has its answer; everything else (the stack, roles,
functions, queues) when the runner asks for it with SIGUSR1, which it does after each deployment.
"""

import signal
from types import FrameType
from typing import Any

from infra.local.emulator import ministack

READ_ACTIONS = ("BatchGet", "Describe", "Get", "List")


def install() -> None:
    app = ministack("app")
    persistence = ministack("core.persistence")
    secrets = ministack("services.secretsmanager")
    handle_request = secrets.handle_request

    async def handle_request_and_save(
        method: str, path: str, headers: dict[str, str], body: bytes, query: Any
    ) -> Any:
        response = await handle_request(method, path, headers, body, query)
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        if not action.startswith(READ_ACTIONS):
            persistence.save_state("secretsmanager", secrets.get_state())
        return response

    def save_everything() -> None:
        persistence.save_all(app._build_persistence_save_dict())  # noqa: SLF001

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        # Between two requests, not in the middle of one.
        app._MAIN_LOOP.call_soon_threadsafe(save_everything)  # noqa: SLF001

    secrets.handle_request = handle_request_and_save
    signal.signal(signal.SIGUSR1, on_signal)
