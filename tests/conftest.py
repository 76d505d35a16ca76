"""Set before anything of the project is imported: a made-up account and no real credentials."""

import os

from tests.support.cloud import ENVIRONMENT

os.environ.update(ENVIRONMENT)
for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
    os.environ.pop(name, None)
