"""What must be true of every resource, whoever adds the next one."""

import itertools
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.closing import SEALED_WITHIN
from shared.runtime.problem import STATUSES
from tests.support.template import ROOT, functions, resources, template

RESOURCES: dict[str, dict[str, Any]] = template()["Resources"]
TABLES = resources("AWS::DynamoDB::Table")
QUEUES = resources("AWS::SQS::Queue")
ALARMS = resources("AWS::CloudWatch::Alarm")
DEAD_LETTER_QUEUES = {name for name in QUEUES if name.endswith("DeadLetterQueue")}
DEFAULT_TIMEOUT_S = template()["Globals"]["Function"]["Timeout"]
# The key's own policy: without the first statement nobody could ever administer it again.
ADMINISTRATION = "AccountAdministersTheKey"


def events(kind: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        (function, event["Properties"])
        for function, properties in functions().items()
        for event in properties.get("Events", {}).values()
        if event["Type"] == kind
    ]


def get_att(value: dict[str, str]) -> str:
    return value["GetAtt"].removesuffix(".Arn")


def as_list(one_or_more: Any) -> list[Any]:
    return one_or_more if isinstance(one_or_more, list) else [one_or_more]


def statements() -> list[tuple[str, dict[str, Any]]]:
    return [
        (function, statement)
        for function, properties in functions().items()
        for policy in properties.get("Policies", ())
        for statement in policy["Statement"]
    ]


# Queues


def test_every_queue_that_is_consumed_gives_up_after_five_receives_into_its_own_dead_letters():
    for name in set(QUEUES) - DEAD_LETTER_QUEUES:
        redrive = QUEUES[name]["RedrivePolicy"]
        target = get_att(redrive["deadLetterTargetArn"])
        assert target == name.replace("Queue", "DeadLetterQueue")
        assert redrive["maxReceiveCount"] == 5


def test_dead_letters_outlive_what_they_came_from():
    for name, queue in QUEUES.items():
        days = queue["MessageRetentionPeriod"] / 86400
        assert days == (14 if name in DEAD_LETTER_QUEUES else 4)


@pytest.mark.parametrize(("function", "source"), events("SQS"))
def test_a_queues_consumer_has_time_to_finish_and_reports_what_failed(function, source):
    queue = QUEUES[get_att(source["Queue"])]
    timeout_s = functions()[function].get("Timeout", DEFAULT_TIMEOUT_S)
    assert queue["VisibilityTimeout"] >= 6 * timeout_s
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["ScalingConfig"]["MaximumConcurrency"] >= 2
    # The service wants a window before it makes batches of more than ten.
    assert source["BatchSize"] <= 10 or source["MaximumBatchingWindowInSeconds"] >= 1


def test_every_queue_is_consumed_once_or_holds_dead_letters():
    consumed = [get_att(source["Queue"]) for _, source in events("SQS")]
    assert sorted(consumed) == sorted(set(QUEUES) - DEAD_LETTER_QUEUES)


# The stream


def test_the_stream_is_read_in_order_with_a_checkpoint_and_a_way_out():
    [(function, stream)] = events("DynamoDB")
    assert function == "roll_up_totals"
    assert stream["StartingPosition"] == "TRIM_HORIZON"
    assert stream["ParallelizationFactor"] == 1
    assert stream["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert stream["BisectBatchOnFunctionError"] is True
    assert 1 <= stream["MaximumRetryAttempts"] <= 100
    # Without a window the event does not say which shard it is from.
    assert stream["TumblingWindowInSeconds"] > 0
    assert get_att(stream["DestinationConfig"]["OnFailure"]["Destination"]) in DEAD_LETTER_QUEUES
    assert TABLES["EntriesTable"]["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}


# The schedule


@pytest.mark.parametrize(("function", "schedule"), events("ScheduleV2"))
def test_a_schedule_runs_in_the_ledgers_zone_and_a_failed_run_is_kept(function, schedule):
    assert schedule["ScheduleExpressionTimezone"] == "Asia/Shanghai"
    assert get_att(schedule["DeadLetterConfig"]["Arn"]) == dead_letters_of(function)
    assert schedule["RetryPolicy"]["MaximumRetryAttempts"] >= 1


def test_a_day_is_called_late_only_when_its_first_run_and_two_repeats_have_had_their_time():
    [schedule] = [each for function, each in events("ScheduleV2") if function == "close_day"]
    minute, hours = schedule["ScheduleExpression"].removeprefix("cron(").split()[:2]
    first_run = timedelta(hours=min(int(hour) for hour in hours.split(",")), minutes=int(minute))
    run = timedelta(seconds=functions()["close_day"]["Timeout"])
    # Lambda waits a minute before the first repeat, and two before the second.
    assert first_run + 3 * run + timedelta(minutes=3) <= SEALED_WITHIN


def dead_letters_of(function: str) -> str:
    """Return the queue of a scheduled function, which is called like it."""
    name = "".join(part.title() for part in function.split("_"))
    assert f"{name}DeadLetterQueue" in DEAD_LETTER_QUEUES
    return f"{name}DeadLetterQueue"


# HTTP


@pytest.mark.parametrize(
    ("function", "route"),
    [(f, route) for f, route in events("HttpApi") if route["Path"].startswith("/v1/me/")],
)
def test_a_users_route_needs_a_token_with_the_right_scope(function, route):
    method, path = route["Method"], route["Path"]
    scope = "carbon:read" if method == "GET" else "carbon:write"
    if "/consents/" in path:
        scope = "carbon:consent"
    assert route["Auth"] == {"AuthorizationScopes": [scope]}


def test_only_known_routes_are_open():
    assert sorted(
        (route["Method"], route["Path"])
        for _, route in events("HttpApi")
        if route["Auth"] == {"Authorizer": "NONE"}
    ) == [
        ("GET", "/app"),
        ("GET", "/app/{file}"),
        ("GET", "/v1/assets/{asset}"),
        ("GET", "/v1/benefits"),
        ("GET", "/v1/certificates/{certificate_id}"),
        ("GET", "/v1/certificates/{certificate_id}/picture"),
        ("GET", "/v1/contents"),
        ("GET", "/v1/contents/{content_id}"),
        ("GET", "/v1/docs"),
        ("GET", "/v1/docs/{file}"),
        ("GET", "/v1/keys"),
        ("GET", "/v1/methodologies"),
        ("GET", "/v1/methodologies/{id}/versions/{version}"),
        ("GET", "/v1/notices"),
        ("GET", "/v1/openapi.json"),
        ("GET", "/v1/partners/{partner}/disputes"),
        ("GET", "/v1/partners/{partner}/events/{event_id}"),
        ("GET", "/v1/pools"),
        ("GET", "/v1/shares/{token}"),
        ("GET", "/v1/shares/{token}/card.png"),
        ("GET", "/v1/shares/{token}/card.svg"),
        ("GET", "/v1/status"),
        ("GET", "/v1/totals/days/{day}"),
        ("POST", "/v1/comparisons"),
        ("POST", "/v1/footprints"),
        ("POST", "/v1/partners/{partner}/disputes/{dispute_id}/answer"),
        ("POST", "/v1/partners/{partner}/events"),
        ("POST", "/v1/partners/{partner}/events/{event_id}/reversal"),
    ]


def test_no_route_takes_a_subject_from_its_path():
    for _, route in events("HttpApi"):
        assert not {"{user}", "{user_id}", "{account_id}", "{subject}"} & set(
            route["Path"].split("/")
        )


def test_tokens_are_checked_unless_a_route_says_otherwise():
    auth = RESOURCES["Api"]["Properties"]["Auth"]
    assert auth["DefaultAuthorizer"] == "UserToken"
    configuration = auth["Authorizers"]["UserToken"]["JwtConfiguration"]
    assert configuration == {
        "issuer": {"Ref": "TokenIssuer"},
        "audience": [{"Ref": "TokenAudience"}],
    }


def test_access_logs_hold_no_header_query_or_body():
    text = RESOURCES["Api"]["Properties"]["AccessLogSettings"]["Format"]
    for word in ("header", "querystring", "Authorization", "sourceIp", "path", "body"):
        assert word not in text


# Data


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_table_can_be_restored_and_is_encrypted_and_hard_to_lose(name):
    table = TABLES[name]
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["DeletionProtectionEnabled"] is True
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    encryption = table["SSESpecification"]
    assert (encryption["SSEEnabled"], encryption["SSEType"]) == (True, "KMS")
    assert get_att(encryption["KMSMasterKeyId"]) == "DataKey"


def test_what_holds_data_stays_when_the_stack_goes():
    kept = {
        "AWS::DynamoDB::Table",
        "AWS::KMS::Key",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::SQS::Queue",
        "AWS::SecretsManager::Secret",
    }
    for name, resource in RESOURCES.items():
        policies = (resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy"))
        assert (policies == ("Retain", "Retain")) == (resource["Type"] in kept), name


def test_buckets_are_closed_and_encrypted():
    for bucket in resources("AWS::S3::Bucket").values():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert len(bucket["PublicAccessBlockConfiguration"]) == 4
        [rule] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


def test_queues_secrets_and_logs_are_encrypted_with_our_key():
    for queue in QUEUES.values():
        assert get_att(queue["KmsMasterKeyId"]) == "DataKey"
    for kind in ("AWS::Logs::LogGroup", "AWS::SecretsManager::Secret"):
        for resource in resources(kind).values():
            assert get_att(resource["KmsKeyId"]) == "DataKey"
    assert RESOURCES["DataKey"]["Properties"]["EnableKeyRotation"] is True


def test_logs_are_deleted_after_some_time():
    for group in resources("AWS::Logs::LogGroup").values():
        assert 1 <= group["RetentionInDays"] <= 400


# Roles


def test_no_role_is_granted_every_action_or_every_resource():
    for function, statement in statements():
        assert statement["Effect"] == "Allow"
        for action in as_list(statement["Action"]):
            assert "*" not in action, (function, action)
        for resource in as_list(statement["Resource"]):
            assert resource != "*", function


def test_nobody_may_delete_or_change_an_entry():
    for function, statement in statements():
        if "EntriesTable" in str(statement["Resource"]):
            actions = {action.removeprefix("dynamodb:") for action in as_list(statement["Action"])}
            assert actions <= {"GetItem", "PutItem", "Query", "Scan"}, function


def test_only_booking_writes_entries_and_only_counting_and_closing_write_totals():
    def writers(table: str) -> set[str]:
        return {
            function
            for function, statement in statements()
            if statement["Resource"] == {"GetAtt": f"{table}.Arn"}
            and "dynamodb:PutItem" in as_list(statement["Action"])
        }

    assert writers("EntriesTable") == {
        "answer_dispute",
        "answer_question",
        "cancel_redemption",
        "close_pool",
        "contribute_reductions",
        "expire_points",
        "fulfil_redemptions",
        "reconcile_redemptions",
        "redeem_benefit",
        "retire_reductions",
        "reverse_entry",
        "reverse_event",
        "send_gift",
        "settle_disputes",
        "update_accounts",
    }
    assert writers("TotalsTable") == {"close_day", "roll_up_totals"}
    assert writers("PartnersTable") == set()


def test_a_public_function_can_write_nothing():
    public = {
        function
        for function, route in events("HttpApi")
        # A partner's request is signed, which the function itself verifies.
        if "Authorizer" in route["Auth"] and not route["Path"].startswith("/v1/partners/")
    }
    for function, statement in statements():
        if function in public:
            for action in as_list(statement["Action"]):
                if (function, action) == ("get_certificate", "kms:Sign"):
                    continue  # what it signs is what it has read
                verb = action.partition(":")[2]
                assert verb.startswith(("Get", "ListBucket", "Query", "Scan")), (function, action)


def test_the_key_is_used_by_principals_through_services_only():
    for statement in RESOURCES["DataKey"]["Properties"]["KeyPolicy"]["Statement"]:
        if statement["Sid"] != ADMINISTRATION:
            assert "kms:*" not in as_list(statement["Action"])
            assert statement["Condition"]


def test_two_functions_sign_and_no_administrator_can():
    key = RESOURCES["ReceiptKey"]["Properties"]
    assert (key["KeySpec"], key["KeyUsage"]) == ("ECC_NIST_P256", "SIGN_VERIFY")
    signers = {f for f, statement in statements() if "kms:Sign" in as_list(statement["Action"])}
    assert signers == {"get_certificate", "get_receipt"}
    [administers, signs] = key["KeyPolicy"]["Statement"]
    assert administers["Sid"] == ADMINISTRATION
    granted = set(as_list(administers["Action"]))
    # Without these two nobody could ever change the policy, or see what it says.
    assert {"kms:GetKeyPolicy", "kms:PutKeyPolicy"} <= granted
    assert not {"kms:*", "kms:CreateGrant", "kms:Sign", "kms:Verify"} & granted
    assert not any("*" in action for action in granted)
    assert signs["Action"] == "kms:Sign"
    [roles] = signs["Condition"]["ArnLike"].values()
    assert [role["Sub"].rpartition("/")[2] for role in roles] == [
        "${AWS::StackName}-GetReceiptFunctionRole-*",
        "${AWS::StackName}-GetCertificateFunctionRole-*",
    ]


def test_a_voucher_is_encrypted_by_who_fulfils_and_read_by_its_owners_function_only():
    key = RESOURCES["VoucherKey"]["Properties"]
    assert (key["KeySpec"], key["KeyUsage"]) == ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    assert key["EnableKeyRotation"] is True

    def granted(action: str) -> set[str]:
        return {f for f, statement in statements() if action in as_list(statement["Action"])}

    assert granted("kms:Encrypt") == {"fulfil_redemptions", "reconcile_redemptions"}
    assert granted("kms:Decrypt") == {"get_redemption"}
    [administers, encrypts, decrypts] = key["KeyPolicy"]["Statement"]
    assert administers["Sid"] == ADMINISTRATION
    allowed = set(as_list(administers["Action"]))
    assert {"kms:GetKeyPolicy", "kms:PutKeyPolicy"} <= allowed
    assert not {"kms:*", "kms:CreateGrant", "kms:Decrypt", "kms:Encrypt"} & allowed
    assert not any("*" in action for action in allowed)
    prefix = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${AWS::StackName}-"
    assert encrypts["Action"] == "kms:Encrypt"
    assert [each["Sub"] for each in encrypts["Condition"]["ArnLike"]["aws:PrincipalArn"]] == [
        f"{prefix}FulfilRedemptionsFunctionRole-*",
        f"{prefix}ReconcileRedemptionsFunctionRole-*",
    ]
    assert decrypts["Action"] == "kms:Decrypt"
    assert decrypts["Condition"]["ArnLike"]["aws:PrincipalArn"] == {
        "Sub": f"{prefix}GetRedemptionFunctionRole-*"
    }


def test_no_function_deletes_a_document():
    actions = {
        (function, action)
        for function, statement in statements()
        if "DocumentsTable" in str(statement["Resource"])
        for action in as_list(statement["Action"])
    }
    assert not {function for function, action in actions if "Delete" in action}


def test_every_statement_and_setting_names_something_that_exists():
    known = set(RESOURCES) | set(template()["Parameters"])
    for function, properties in functions().items():
        values = properties.get("Environment", {}).get("Variables", {}).values()
        named = [value["Ref"] for value in values]
        named += [
            value["GetAtt"].split(".")[0]
            for _, statement in statements()
            for value in as_list(statement["Resource"])
            if "GetAtt" in value
        ]
        assert set(named) <= known, function


# Functions


def test_all_functions_are_built_the_same_way():
    defaults = template()["Globals"]["Function"]
    assert (defaults["Runtime"], defaults["Architectures"]) == ("python3.13", ["arm64"])
    assert defaults["Tracing"] == "Active"
    for name, resource in RESOURCES.items():
        if resource["Type"] == "AWS::Serverless::Function":
            assert resource["Metadata"] == {"BuildMethod": "makefile"}, name
            own = set(resource["Properties"]) - {"EventInvokeConfig", "Timeout"}
            assert own <= {"Description", "Handler", "Environment", "Policies", "Events"}


def test_a_scheduled_run_that_fails_ends_in_a_dead_letter_queue():
    # A schedule's own dead letters hold only what it could not hand over.
    for function, _ in events("ScheduleV2"):
        invoked = functions()[function]["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]
        assert invoked["Type"] == "SQS"
        assert invoked["Destination"] == {"GetAtt": f"{dead_letters_of(function)}.Arn"}


def test_a_users_request_is_answered_before_the_gateway_gives_up():
    # An HTTP API waits for 30 seconds.
    for function, _ in events("HttpApi"):
        assert functions()[function].get("Timeout", DEFAULT_TIMEOUT_S) < 30


# Alarms


def alarms_on(metric: str) -> list[dict[str, Any]]:
    return [alarm for alarm in ALARMS.values() if alarm["MetricName"] == metric]


def test_the_first_dead_letter_rings():
    watched = {}
    for alarm in alarms_on("ApproximateNumberOfMessagesVisible"):
        [dimension] = alarm["Dimensions"]
        watched[dimension["Value"]["GetAtt"].removesuffix(".QueueName")] = alarm["Threshold"]
    assert watched == dict.fromkeys(DEAD_LETTER_QUEUES, 1)


def test_a_queue_or_stream_that_is_not_emptied_rings():
    aged = {
        alarm["Dimensions"][0]["Value"]["GetAtt"].removesuffix(".QueueName")
        for alarm in alarms_on("ApproximateAgeOfOldestMessage")
    }
    assert aged == set(QUEUES) - DEAD_LETTER_QUEUES
    assert len(alarms_on("IteratorAge")) == 1


def test_every_alarm_notifies_and_says_what_it_means():
    for name, alarm in ALARMS.items():
        assert alarm["AlarmActions"] == {"If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], []]}, (
            name
        )
        assert alarm["AlarmDescription"].endswith("."), name


def test_our_own_metrics_are_those_that_the_code_emits():
    counted = "".join(path.read_text() for path in (ROOT / "functions").glob("*/handler.py"))
    # A refusal is counted under its code.
    refusals = {"".join(part.title() for part in error.code.split("_")) for error in STATUSES}
    emitted = {
        "DaySealed",
        "EventConflict",
        "OverdueRedemption",
        "SignatureRefused",
        "TotalsMismatch",
        "UnclaimedVoucher",
    }
    assert all(f'"{name}": ' in counted or name in refusals for name in emitted)
    ours = {
        alarm["MetricName"]: alarm["Dimensions"]
        for alarm in ALARMS.values()
        if alarm["Namespace"] == "CarbonAccount"
    }
    assert set(ours) == emitted
    assert list(itertools.chain(*ours.values())) == [
        {"Name": "service", "Value": "carbon-account"}
    ] * len(emitted)
