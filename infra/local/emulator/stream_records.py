"""Stream records that survive a stop and a start, like the tables they tell of.

MiniStack saves its tables but not their streams: what no consumer had read by then was lost, and
the totals would never have learnt of it.
"""

from typing import Any

from infra.local.emulator import ministack

KEY = "carbon_stream_records"


def install() -> None:
    tables = ministack("services.dynamodb")
    get_state, restore_state = tables.get_state, tables._restore_state  # noqa: SLF001

    def get_state_with_streams() -> dict[str, Any]:
        state: dict[str, Any] = get_state()
        state[KEY] = {
            "records": tables._stream_records,  # noqa: SLF001
            "trimmed": tables._stream_trimmed,  # noqa: SLF001
            "counter": tables._stream_seq_counter,  # noqa: SLF001
        }
        return state

    def restore_state_with_streams(state: dict[str, Any]) -> None:
        restore_state(state)
        streams = state.get(KEY)
        if streams:
            tables._stream_records.update(streams["records"])  # noqa: SLF001
            tables._stream_trimmed.update(streams["trimmed"])  # noqa: SLF001
            tables._stream_seq_counter = streams["counter"]  # noqa: SLF001

    tables.get_state = get_state_with_streams
    tables._restore_state = restore_state_with_streams  # noqa: SLF001
