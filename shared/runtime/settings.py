"""Settings: what the template puts into a function's environment, and nothing else."""

import os


def setting(name: str) -> str:
    """Return an environment variable; a missing one stops the function before it does anything."""
    value = os.environ.get(name, "")
    if not value:
        raise RuntimeError(f"{name} is not set; template.yaml sets it for every function.")
    return value
