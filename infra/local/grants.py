"""What Lambda and the scheduler do in a role's name: whether the role may, asked at the start.

The runner polls queues and streams and fires schedules as the endpoint's administrator; in the
cloud a role that lacks one of these rights would leave a trigger that never fires.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from infra.local.aws import ACCOUNT_ID, REGION, Clients
from infra.local.deploy import Resources
from infra.local.errors import DeployError
from infra.local.template import Template, logical_id

QUEUE_ACTIONS = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
STREAM_ACTIONS = (
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
)


@dataclass(frozen=True, slots=True)
class Need:
    """That a role must be allowed to do something; `who` is whose trigger needs it."""

    who: str
    role_arn: str
    actions: tuple[str, ...]
    resource_arn: str


def check_grants(clients: Clients, template: Template, resources: Resources) -> None:
    """Raise DeployError naming every right that a trigger's role lacks."""
    lacking = [
        f"  {need.who} needs {result['EvalActionName']} on {need.resource_arn}"
        for need in _needs(clients, template, resources)
        for result in clients("iam").simulate_principal_policy(
            PolicySourceArn=need.role_arn,
            ActionNames=list(need.actions),
            ResourceArns=[need.resource_arn],
        )["EvaluationResults"]
        if result["EvalDecision"] != "allowed"
    ]
    if lacking:
        raise DeployError("Roles lack what their triggers need:\n" + "\n".join(lacking))


def _needs(clients: Clients, template: Template, resources: Resources) -> Iterator[Need]:
    declared = template.document["Resources"]

    def role_arn(reference: Any) -> str:
        return f"arn:aws:iam::{ACCOUNT_ID}:role/{resources[logical_id(reference)].physical_id}"

    def arn(name: str) -> str:
        physical_id = resources[name].physical_id
        match resources[name].kind:
            case "AWS::SQS::Queue":
                return f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{physical_id.rpartition('/')[2]}"
            case "AWS::DynamoDB::Table":
                table = clients("dynamodb").describe_table(TableName=physical_id)["Table"]
                return str(table["LatestStreamArn"])
            case _:
                return f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{physical_id}"

    for source in template.event_sources:
        role = role_arn(declared[source.function]["Properties"]["Role"])
        actions = QUEUE_ACTIONS if source.kind == "queue" else STREAM_ACTIONS
        yield Need(source.name, role, actions, arn(source.source))
        on_failure = source.properties.get("DestinationConfig", {}).get("OnFailure")
        if on_failure is not None:
            queue = arn(logical_id(on_failure["Destination"]))
            yield Need(source.name, role, ("sqs:SendMessage",), queue)
    for schedule in template.schedules:
        target = schedule.properties["Target"]
        role = role_arn(target["RoleArn"])
        yield Need(schedule.name, role, ("lambda:InvokeFunction",), arn(schedule.function))
        if "DeadLetterConfig" in target:
            queue = arn(logical_id(target["DeadLetterConfig"]["Arn"]))
            yield Need(schedule.name, role, ("sqs:SendMessage",), queue)
