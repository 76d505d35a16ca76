"""Start MiniStack with the additions; everything is configured by environment variables."""

import os
from pathlib import Path

from infra.local.emulator import (
    batch_actions,
    handler_logs,
    ministack,
    principal_arns,
    queue_journal,
    snapshots,
    stream_records,
)

HANDLER_LOG = "CARBON_LOCAL_HANDLER_LOG"
# Set when the tables are in DynamoDB Local: what is left here must outlive a kill as they do.
JOURNAL = "CARBON_LOCAL_QUEUE_JOURNAL"


def main() -> None:
    batch_actions.install()
    handler_logs.install(Path(os.environ.pop(HANDLER_LOG)))
    principal_arns.install()
    stream_records.install()
    journal = os.environ.pop(JOURNAL, None)
    if journal is not None:
        queue_journal.install(Path(journal))
        snapshots.install()
    ministack("app").main()


if __name__ == "__main__":
    main()
