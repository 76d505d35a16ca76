"""template.yaml as the local endpoint takes it, and what of it the runner does itself.

The template is the one truth: what MiniStack lacks is left out of the copy that it gets, never of
the template, and is done by the runner from the same text.
"""

import copy
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import boto3
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from infra.local.aws import REGION
from infra.local.errors import DeployError

# In the endpoint's own S3, for one deployment only.
BUCKET = "local-deployments"

# CodeDeploy and versions have no counterpart here: one version runs, the latest.
DEPLOYMENT_PROPERTIES = (
    "AutoPublishAlias",
    "AutoPublishAliasAllProperties",
    "DeploymentPreference",
)

Json = dict[str, Any]
SourceKind = Literal["queue", "stream"]


@dataclass(frozen=True, slots=True)
class EventSource:
    """An event source mapping; `source` and `function` are logical ids."""

    name: str
    kind: SourceKind
    source: str
    function: str
    properties: Json


@dataclass(frozen=True, slots=True)
class ScheduleSource:
    """An EventBridge schedule; `function` is a logical id."""

    name: str
    function: str
    properties: Json


@dataclass(frozen=True, slots=True)
class HttpApi:
    """An HTTP API as OpenAPI, with its stage's throttling. Parameters are filled in."""

    name: str
    body: Json
    stage: Json


@dataclass(frozen=True, slots=True)
class Template:
    """`resources` and the rest of `document` are plain CloudFormation for the endpoint."""

    document: Json
    parameters: dict[str, str]
    event_sources: tuple[EventSource, ...]
    schedules: tuple[ScheduleSource, ...]
    api: HttpApi | None
    functions: tuple[str, ...]
    tables: tuple[str, ...]

    def function_handlers(self) -> dict[str, str]:
        """Return the handler of each function by logical id."""
        resources = self.document["Resources"]
        return {name: resources[name]["Properties"]["Handler"] for name in self.functions}


def load_template(
    path: Path, *, bundle_key: str, parameters: Mapping[str, str], environment: Mapping[str, str]
) -> Template:
    """Translate the template; `environment` is added to every function's.

    Raises DeployError with all of SAM's complaints.
    """
    source = yaml_parse(path.read_text(encoding="utf-8"))
    declared = source.get("Parameters", {})
    values = {
        name: str(parameters.get(name, declaration.get("Default", "")))
        for name, declaration in declared.items()
    }
    _point_code_at(source, bundle_key)
    document = _translate(source, values)
    resources: dict[str, Json] = document["Resources"]
    event_sources = tuple(_event_sources(resources))
    schedules = tuple(_schedules(resources))
    api = _http_api(resources, values)
    _adapt(resources, environment)
    return Template(
        document=document,
        parameters=values,
        event_sources=event_sources,
        schedules=schedules,
        api=api,
        functions=tuple(_named(resources, "AWS::Lambda::Function")),
        tables=tuple(_named(resources, "AWS::DynamoDB::Table")),
    )


def logical_id(reference: Any) -> str:
    """Return the resource that a Ref or Fn::GetAtt names; raise DeployError for anything else."""
    match reference:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            return name
        case {"Fn::GetAtt": str(path)}:
            return path.partition(".")[0]
        case _:
            raise DeployError(
                f"Only resources of the template itself run locally, not {json.dumps(reference)}."
            )


def _named(resources: Mapping[str, Json], kind: str) -> Iterator[str]:
    return (name for name, resource in resources.items() if resource["Type"] == kind)


def _point_code_at(source: Json, bundle_key: str) -> None:
    code = {"Bucket": BUCKET, "Key": bundle_key}
    sections = [source.get("Globals", {}).get("Function", {})] + [
        resource["Properties"]
        for resource in source["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    ]
    for section in sections:
        if "CodeUri" in section or section is sections[0]:
            section["CodeUri"] = code
        for name in DEPLOYMENT_PROPERTIES:
            section.pop(name, None)


def _translate(source: Json, parameters: Mapping[str, str]) -> Json:
    # It warns of features that only AWS's own service has.
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    # The managed policies that SAM adds by itself are known to it; their map is for others' names.
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name=REGION))
    try:
        document: Json = translator.translate(source, dict(parameters))
    except InvalidDocumentException as error:
        complaints = "\n".join(f"  {cause.message}" for cause in error.causes)
        raise DeployError(f"template.yaml is refused by SAM:\n{complaints}") from error
    return document


def _event_sources(resources: Mapping[str, Json]) -> Iterator[EventSource]:
    for name in _named(resources, "AWS::Lambda::EventSourceMapping"):
        properties = resources[name]["Properties"]
        if properties.get("Enabled") is False:
            continue
        source = logical_id(properties["EventSourceArn"])
        kind: SourceKind
        match resources[source]["Type"]:
            case "AWS::SQS::Queue":
                kind = "queue"
            case "AWS::DynamoDB::Table":
                kind = "stream"
            case other:
                raise DeployError(f"{name}: event sources of type {other} do not run locally.")
        yield EventSource(
            name, kind, source, logical_id(properties["FunctionName"]), copy.deepcopy(properties)
        )


def _schedules(resources: Mapping[str, Json]) -> Iterator[ScheduleSource]:
    for name in _named(resources, "AWS::Scheduler::Schedule"):
        properties = resources[name]["Properties"]
        yield ScheduleSource(
            name, logical_id(properties["Target"]["Arn"]), copy.deepcopy(properties)
        )


def _http_api(resources: Mapping[str, Json], parameters: Mapping[str, str]) -> HttpApi | None:
    names = list(_named(resources, "AWS::ApiGatewayV2::Api"))
    if not names:
        return None
    if len(names) > 1:
        raise DeployError(f"One HTTP API runs locally, not {len(names)}: {', '.join(names)}.")
    stages = [
        resources[name]["Properties"]
        for name in _named(resources, "AWS::ApiGatewayV2::Stage")
        if logical_id(resources[name]["Properties"]["ApiId"]) == names[0]
    ]
    return HttpApi(
        names[0],
        _fill_in(resources[names[0]]["Properties"]["Body"], parameters),
        copy.deepcopy(stages[0]) if stages else {},
    )


def _fill_in(value: Any, parameters: Mapping[str, str]) -> Any:
    """Return a copy with parameters in place of the Refs to them."""
    match value:
        case {"Ref": str(name)} if name in parameters:
            return parameters[name]
        case dict():
            return {key: _fill_in(item, parameters) for key, item in value.items()}
        case list():
            return [_fill_in(item, parameters) for item in value]
        case _:
            return value


def _adapt(resources: dict[str, Json], environment: Mapping[str, str]) -> None:
    # It refuses requests without TLS, and the endpoint here has none.
    for name in list(_named(resources, "AWS::S3::BucketPolicy")):
        del resources[name]
    secrets = set(_named(resources, "AWS::SecretsManager::Secret"))
    for name, resource in resources.items():
        properties = resource.setdefault("Properties", {})
        match resource["Type"]:
            case "AWS::Lambda::Function":
                variables = properties.setdefault("Environment", {}).setdefault("Variables", {})
                variables.update(environment)
            case "AWS::Lambda::EventSourceMapping":
                # MiniStack's pollers know no batching window, take ten messages at most and drop
                # what a stream's handler reports as failed; queues.py and streams.py do it.
                properties["Enabled"] = False
            case "AWS::Scheduler::Schedule":
                # Its scheduler knows no time zones, retries or dead letters (schedules.py does).
                properties["State"] = "DISABLED"
            case "AWS::ApiGatewayV2::Api":
                # It reads no OpenAPI; gateway.py serves it.
                resource["Properties"] = {"Name": name, "ProtocolType": "HTTP"}
        resource["Properties"] = _refer_to_secrets_by_arn(resource["Properties"], secrets)


def _refer_to_secrets_by_arn(value: Any, secrets: set[str]) -> Any:
    """A secret's Ref is its ARN in CloudFormation, its name in MiniStack; policies want the ARN."""
    match value:
        case {"Ref": str(name)} if name in secrets:
            return {"Fn::GetAtt": [name, "Id"]}
        case {"Fn::Sub": str(text)}:
            for name in secrets:
                text = text.replace(f"${{{name}}}", f"${{{name}.Id}}")
            return {"Fn::Sub": text}
        case dict():
            return {key: _refer_to_secrets_by_arn(item, secrets) for key, item in value.items()}
        case list():
            return [_refer_to_secrets_by_arn(item, secrets) for item in value]
        case _:
            return value
