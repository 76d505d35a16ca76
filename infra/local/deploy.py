"""Creates or updates the template's stack in the endpoint, and says which resource is which."""

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from infra.local.aws import Clients
from infra.local.bundle import Bundle
from infra.local.errors import DeployError
from infra.local.processes import HOST, POLL_S
from infra.local.template import BUCKET, Template

STACK = "carbon-account"
TEMPLATE_KEY = "template.json"
# The stack carries what it was made from; the same again needs no update.
DIGEST_TAG = "local:digest"

DEPLOY_TIMEOUT_S = 60.0
# botocore repeats the refused value, which may be the whole template.
MESSAGE_CHARS_MAX = 600


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of the stack by its physical id, such as a table's name or a queue's URL."""

    kind: str
    physical_id: str


Resources = Mapping[str, Resource]


def deploy(clients: Clients, endpoint_port: int, template: Template, bundle: Bundle) -> Resources:
    """Bring the stack to what the template says; return its resources by logical id.

    Raises DeployError with the resources that failed and why.
    """
    body = json.dumps(template.document)
    digest = hashlib.sha256(
        json.dumps([body, sorted(template.parameters.items()), bundle.digest]).encode()
    ).hexdigest()
    stack = _describe(clients)
    if stack is not None and stack["StackStatus"].endswith("FAILED"):
        raise DeployError(
            f"The stack is in {stack['StackStatus']}. `python -m infra.local reset` starts afresh."
        )
    if stack is None or _digest_of(stack) != digest:
        _upload(clients, body, bundle)
        _apply(clients, endpoint_port, template, digest, exists=stack is not None)
        _set_time_to_live(clients, template)
    return resources(clients)


def resources(clients: Clients) -> Resources:
    """Return the resources of the stack that is there."""
    listed = clients("cloudformation").describe_stack_resources(StackName=STACK)
    return {
        resource["LogicalResourceId"]: Resource(
            resource["ResourceType"], resource["PhysicalResourceId"]
        )
        for resource in listed["StackResources"]
    }


def _describe(clients: Clients) -> dict[str, Any] | None:
    try:
        stack: dict[str, Any] = clients("cloudformation").describe_stacks(StackName=STACK)[
            "Stacks"
        ][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    # A first creation that failed leaves a stack that can only be made anew.
    if stack["StackStatus"] in {"DELETE_COMPLETE", "ROLLBACK_COMPLETE"}:
        return None
    return stack


def _digest_of(stack: Mapping[str, Any]) -> str | None:
    return next((tag["Value"] for tag in stack.get("Tags", []) if tag["Key"] == DIGEST_TAG), None)


def _upload(clients: Clients, body: str, bundle: Bundle) -> None:
    storage = clients("s3")
    storage.create_bucket(Bucket=BUCKET)
    storage.put_object(Bucket=BUCKET, Key=bundle.key, Body=bundle.data)
    # By URL: in the call itself a template may have 51,200 bytes, and this one has more.
    storage.put_object(Bucket=BUCKET, Key=TEMPLATE_KEY, Body=body.encode())


def _apply(
    clients: Clients, endpoint_port: int, template: Template, digest: str, *, exists: bool
) -> None:
    formation = clients("cloudformation")
    request = {
        "StackName": STACK,
        "TemplateURL": f"http://{HOST}:{endpoint_port}/{BUCKET}/{TEMPLATE_KEY}",
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        "Parameters": [
            {"ParameterKey": name, "ParameterValue": value}
            for name, value in template.parameters.items()
        ],
        "Tags": [{"Key": DIGEST_TAG, "Value": digest}],
    }
    try:
        if exists:
            formation.update_stack(**request)
        else:
            formation.create_stack(**request)
    except ClientError as error:
        if "No updates are to be performed" in str(error):
            return
        raise DeployError(f"The stack was refused: {str(error)[-MESSAGE_CHARS_MAX:]}") from error
    deadline = time.monotonic() + DEPLOY_TIMEOUT_S
    while True:
        stack = formation.describe_stacks(StackName=STACK)["Stacks"][0]
        status = stack["StackStatus"]
        if not status.endswith("IN_PROGRESS"):
            break
        if time.monotonic() > deadline:
            raise DeployError(f"The stack is still {status} after {DEPLOY_TIMEOUT_S:.0f} s.")
        time.sleep(POLL_S)
    if status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        raise DeployError(f"The stack is in {status}:\n{_failures(formation)}")


def _failures(formation: Any) -> str:
    events = formation.describe_stack_events(StackName=STACK)["StackEvents"]
    return "\n".join(
        f"  {event['LogicalResourceId']} ({event['ResourceType']}): "
        f"{event.get('ResourceStatusReason', event['ResourceStatus'])[-MESSAGE_CHARS_MAX:]}"
        for event in reversed(events)
        if event["ResourceStatus"].endswith("FAILED")
    )


def _set_time_to_live(clients: Clients, template: Template) -> None:
    """MiniStack's CloudFormation leaves a table's TTL out; its API does not."""
    deployed = resources(clients)
    for name in template.tables:
        wanted = template.document["Resources"][name]["Properties"].get("TimeToLiveSpecification")
        if wanted and wanted.get("Enabled"):
            clients("dynamodb").update_time_to_live(
                TableName=deployed[name].physical_id, TimeToLiveSpecification=wanted
            )
