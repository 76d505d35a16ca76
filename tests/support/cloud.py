"""The template's tables, queues and secrets over moto, and a pump that plays the event sources.

One thread only: moto loses updates under real ones.
"""

import importlib
import json
from datetime import UTC, datetime
from functools import cache
from types import ModuleType, SimpleNamespace
from typing import Any

import botocore.session

from infra.local.supplier import Supplier
from shared.adapters.partners import PartnerTable
from shared.domain.partner import Partner
from tests.support.kms import create_keys
from tests.support.template import functions, resources

ASSETS_BUCKET = "assets-bucket"
PSEUDONYM_KEY = "k" * 64
PARTNER_PREFIX = "carbon-account/partners/"
SUPPLIER_PREFIX = "carbon-account/suppliers/"
ACCOUNT = "123456789012"
REGION = "eu-west-1"
QUEUE_URL = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/"
ROUNDS_MAX = 200

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": REGION,
    # moto does not know the endpoints that have the account's number in their name.
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
    "AWS_REGION": REGION,
    "POWERTOOLS_METRICS_NAMESPACE": "CarbonAccount",
    "POWERTOOLS_SERVICE_NAME": "carbon-account",
    "ACCOUNTS_TABLE": "AccountsTable",
    "ASSETS_BUCKET": ASSETS_BUCKET,
    "CONSENTS_TABLE": "ConsentsTable",
    "DOCUMENTS_TABLE": "DocumentsTable",
    "ENTRIES_TABLE": "EntriesTable",
    "PARTNERS_TABLE": "PartnersTable",
    "TOTALS_TABLE": "TotalsTable",
    "EVENTS_QUEUE_URL": QUEUE_URL + "EventsQueue",
    "POSTINGS_QUEUE_URL": QUEUE_URL + "PostingsQueue",
    "FULFILMENT_QUEUE_URL": QUEUE_URL + "FulfilmentQueue",
    "INSTALLATION_NAME": "Carbon Account",
    "PSEUDONYM_KEY_SECRET": "PseudonymKey",
    "PUBLIC_URL": "-",
    "SIGN_IN_URL": "-",
    "RECEIPT_KEY": "alias/ReceiptKey",
    "RECEIPT_KEYS": "alias/ReceiptKey",
    "PARTNER_SECRET_PREFIX": PARTNER_PREFIX,
    "SUPPLIER_SECRET_PREFIX": SUPPLIER_PREFIX,
    "VOUCHER_KEY": "alias/VoucherKey",
}


def context() -> Any:
    """Return what a handler may ask its Lambda context for."""
    return SimpleNamespace(
        function_name="test",
        memory_limit_in_mb=512,
        invoked_function_arn=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:test",
        aws_request_id="request-1",
        get_remaining_time_in_millis=lambda: 30_000,
    )


@cache
@cache
def client(service: str) -> Any:
    """Return the one client of a service; moto catches its requests whichever mock is active."""
    return botocore.session.get_session().create_client(service, region_name=REGION)


def load(function: str) -> ModuleType:
    """Import a function's handler module; it is wired at import, as in Lambda."""
    return importlib.import_module(f"functions.{function}.handler")


class Cloud:
    """The stack in one process: create it inside `mock_aws`."""

    # Who fulfils redemptions, where a test has given it one.
    supplier: Supplier

    def __init__(self) -> None:
        self.dynamodb = client("dynamodb")
        self.streams = client("dynamodbstreams")
        self.sqs = client("sqs")
        self.secrets = client("secretsmanager")
        self._positions: dict[str, str] = {}
        for name, table in resources("AWS::DynamoDB::Table").items():
            stream = table.get("StreamSpecification")
            extra: dict[str, Any] = {}
            if stream:
                extra["StreamSpecification"] = {"StreamEnabled": True, **stream}
            if "GlobalSecondaryIndexes" in table:
                extra["GlobalSecondaryIndexes"] = table["GlobalSecondaryIndexes"]
            self.dynamodb.create_table(
                TableName=name,
                AttributeDefinitions=table["AttributeDefinitions"],
                KeySchema=table["KeySchema"],
                BillingMode="PAY_PER_REQUEST",
                **extra,
            )
        self._create_queues()
        self.s3 = client("s3")
        where = {"LocationConstraint": REGION}
        self.s3.create_bucket(Bucket=ASSETS_BUCKET, CreateBucketConfiguration=where)
        self.secrets.create_secret(Name="PseudonymKey", SecretString=PSEUDONYM_KEY)
        create_keys(client("kms"))

    def _create_queues(self) -> None:
        queues = resources("AWS::SQS::Queue")
        for name in sorted(queues, key=lambda each: "RedrivePolicy" in queues[each]):
            attributes = {"VisibilityTimeout": "0"}
            redrive = queues[name].get("RedrivePolicy")
            if redrive:
                target = redrive["deadLetterTargetArn"]["GetAtt"].split(".")[0]
                attributes["RedrivePolicy"] = json.dumps(
                    {
                        "deadLetterTargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{target}",
                        "maxReceiveCount": redrive["maxReceiveCount"],
                    }
                )
            self.sqs.create_queue(QueueName=name, Attributes=attributes)

    def register(self, partner: Partner, *secrets: str) -> None:
        PartnerTable("PartnersTable").put(partner)
        self.secrets.create_secret(
            Name=PARTNER_PREFIX + partner.partner, SecretString=json.dumps({"keys": secrets})
        )

    def put_asset(self, asset: str, data: bytes) -> None:
        self.s3.put_object(Bucket=ASSETS_BUCKET, Key=asset, Body=data)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Return every item of a table, sorted, for comparing a store before and after."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=table)
        found = [item for page in pages for item in page["Items"]]
        return sorted(found, key=lambda item: json.dumps(item, sort_keys=True, default=str))

    def store(self) -> dict[str, Any]:
        """Return everything that is stored, queues included."""
        tables = {name: self.rows(name) for name in resources("AWS::DynamoDB::Table")}
        return tables | {name: self.waiting(name) for name in resources("AWS::SQS::Queue")}

    def waiting(self, queue: str) -> int:
        attributes = self.sqs.get_queue_attributes(
            QueueUrl=QUEUE_URL + queue, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(attributes["Attributes"]["ApproximateNumberOfMessages"])

    def drain(self) -> None:
        """Deliver until queues and stream are idle; poison ends in its dead-letter queue."""
        for _ in range(ROUNDS_MAX):
            moved = self.deliver("EventsQueue", "calculate_reductions")
            moved += self.deliver("PostingsQueue", "update_accounts")
            moved += self.deliver("FulfilmentQueue", "fulfil_redemptions")
            moved += self.stream()
            if not moved:
                return
        raise AssertionError("The pipeline does not come to rest.")

    def deliver(self, queue: str, function: str) -> int:
        """Deliver one batch of a queue; delete what the handler did not report."""
        url = QUEUE_URL + queue
        received = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        messages = received.get("Messages", [])
        if not messages:
            return 0
        event = {
            "Records": [
                {
                    "messageId": message["MessageId"],
                    "receiptHandle": message["ReceiptHandle"],
                    "body": message["Body"],
                    "eventSource": "aws:sqs",
                }
                for message in messages
            ]
        }
        report = load(function).handler(event, context())
        failed = {each["itemIdentifier"] for each in report["batchItemFailures"]}
        assert failed <= {message["MessageId"] for message in messages}
        for message in messages:
            if message["MessageId"] not in failed:
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return len(messages)

    def stream(self) -> int:
        """Deliver what is new in the entries' stream, as the template's filter lets it through."""
        position = dict(self._positions)
        records = self.stream_records()
        if not records:
            return 0
        event = {"Records": records, "shardId": "shardId-000000000001"}
        try:
            report = load("roll_up_totals").handler(event, context())
        except BaseException:
            # The function died: what it was given comes again.
            self._positions = position
            raise
        assert report["batchItemFailures"] == []
        return len(records)

    def stream_records(self) -> list[dict[str, Any]]:
        arn = self.dynamodb.describe_table(TableName="EntriesTable")["Table"]["LatestStreamArn"]
        [shard] = self.streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        position = self._positions.get(arn)
        iterator = self.streams.get_shard_iterator(
            StreamArn=arn,
            ShardId=shard["ShardId"],
            **(
                {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": position}
                if position
                else {"ShardIteratorType": "TRIM_HORIZON"}
            ),
        )["ShardIterator"]
        records = self.streams.get_records(ShardIterator=iterator)["Records"]
        if records:
            self._positions[arn] = records[-1]["dynamodb"]["SequenceNumber"]
        return [
            record
            for record in records
            if record["eventName"] == "INSERT"
            and record["dynamodb"]["NewImage"]["outcome"]["S"] in {"credited", "moved"}
        ]

    def request(
        self,
        function: str,
        *,
        path: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        body: str | None = None,
        subject: str | None = "user-1",
        method: str | None = None,
    ) -> tuple[int, Any, dict[str, str]]:
        """Send one HTTP request to a function's first route (or the one with this path)."""
        [event] = [
            each["Properties"]
            for each in functions()[function]["Events"].values()
            if each["Type"] == "HttpApi"
            and (method is None or method in each["Properties"]["Path"])
        ]
        raw_path = event["Path"]
        for name, value in (path or {}).items():
            raw_path = raw_path.replace("{" + name + "}", value)
        lambda_event = http_event(
            event["Method"],
            raw_path,
            route=event["Path"],
            path=path,
            query=query,
            headers=headers,
            body=body,
            subject=subject,
        )
        answer = load(function).handler(lambda_event, context())
        media_type = answer["headers"].get("Content-Type", "")
        text = answer["body"]
        parsed = json.loads(text) if "json" in media_type and text else text
        return answer["statusCode"], parsed, answer["headers"]


def http_event(
    method: str,
    raw_path: str,
    *,
    route: str,
    path: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    body: str | None = None,
    subject: str | None = "user-1",
) -> dict[str, Any]:
    """Return a payload-format-2.0 event as the HTTP API sends it."""
    claims = {"iss": "https://issuer.test", "sub": subject, "aud": "carbon-account"}
    authorizer = {"authorizer": {"jwt": {"claims": claims, "scopes": None}}} if subject else {}
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": f"{method} {route}",
        "rawPath": raw_path,
        "rawQueryString": "&".join(f"{name}={value}" for name, value in (query or {}).items()),
        "headers": {name.lower(): value for name, value in (headers or {}).items()},
        "requestContext": {
            "requestId": "request-1",
            "stage": "$default",
            "http": {"method": method, "path": raw_path},
            **authorizer,
        },
        "isBase64Encoded": False,
    }
    if path:
        event["pathParameters"] = path
    if query:
        event["queryStringParameters"] = query
    if body is not None:
        event["body"] = body
        event["headers"].setdefault("content-type", "application/json")
    return event


NOW = datetime(2026, 11, 10, 4, 0, tzinfo=UTC)
