"""The condition key aws:PrincipalArn of a role's session is the role's ARN, as IAM has it.

MiniStack compares with the session's ARN, which no policy can know.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

import re
from typing import Any

from infra.local.emulator import ministack

KEY = "aws:principalarn"
_SESSION = re.compile(r"arn:([^:]+):sts::(\d+):assumed-role/([^/]+)/.+")


def install() -> None:
    evaluator = ministack("core.iam_evaluator")
    resolve_condition_key = evaluator._resolve_condition_key  # noqa: SLF001

    def resolve_role(key: str, context: Any) -> Any:
        value = resolve_condition_key(key, context)
        return role_of(value) if key.lower() == KEY else value

    evaluator._resolve_condition_key = resolve_role  # noqa: SLF001


def role_of(arn: str) -> str:
    """Return the ARN of the role behind a session (which does not say the role's path)."""
    return _SESSION.sub(r"arn:\1:iam::\2:role/\3", arn)
