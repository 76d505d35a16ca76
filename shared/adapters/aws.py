"""How AWS is called: one botocore session, with explicit timeouts and retries for every client.

botocore is used directly because boto3 would add a sixth to every cold start and nothing else.
"""

from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config

CONNECT_TIMEOUT_S = 1
# Three attempts fit into the ten seconds of an HTTP function.
READ_TIMEOUT_S = 2
ATTEMPTS_MAX = 3


@cache
def client(service: str) -> Any:  # noqa: ANN401 - botocore makes its clients at run time
    """Return the one client of a service in this process."""
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS_MAX},
    )
    return botocore.session.get_session().create_client(service, config=config)
