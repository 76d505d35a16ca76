"""SQS's batch calls under the rights that AWS asks for: those of the single calls.

MiniStack asks for sqs:SendMessageBatch, which IAM does not know.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
"""

from infra.local.emulator import ministack

SINGLE_ACTIONS = {
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}


def install() -> None:
    actions = ministack("core.iam_actions")
    extract_iam_action = actions.extract_iam_action

    def extract_single_action(*request: object) -> str | None:
        action: str | None = extract_iam_action(*request)
        return action if action is None else SINGLE_ACTIONS.get(action, action)

    actions.extract_iam_action = extract_single_action
