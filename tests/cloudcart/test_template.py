"""Rules that every part of the templates follows, whoever adds to them."""

import json
from typing import Any

import boto3
import pytest

from cloudcart.aws import stack, tables, templates

NAME = "cloudcart-local"
BUCKETS = templates.resources("base", "AWS::S3::Bucket")
QUEUES = templates.resources("base", "AWS::SQS::Queue")
ROLES = templates.resources("base", "AWS::IAM::Role")
# AWS knows no narrower resource for these.
UNNARROWABLE = {"dynamodb:ListStreams", "xray:PutTelemetryRecords", "xray:PutTraceSegments"}
PRIVATE = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True)


def statements() -> list[dict[str, Any]]:
    found = [
        statement
        for role in ROLES.values()
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    assert found
    return found


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("name", tables.declared())
def test_each_table_is_billed_by_use_and_protected_in_production(name: str) -> None:
    table = tables.declared()[name]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table.get("DeletionProtectionEnabled") == {"Fn::If": ["IsProtected", True, False]}
    assert ("TimeToLiveSpecification" in table) != ("PointInTimeRecoverySpecification" in table)


@pytest.mark.parametrize("name", BUCKETS)
def test_each_bucket_is_private_and_encrypted_and_its_name_is_the_account_s(name: str) -> None:
    bucket = BUCKETS[name]
    assert bucket["BucketName"]["Fn::Sub"].endswith("${BucketSuffix}")
    assert bucket["PublicAccessBlockConfiguration"] == PRIVATE
    assert bucket["BucketEncryption"]
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_uploads_are_allowed_from_the_shop_alone() -> None:
    rules = [rule for bucket in BUCKETS.values() for rule in bucket.get("CorsConfiguration", {}).get("CorsRules", [])]
    assert [rule["AllowedOrigins"] for rule in rules] == [[{"Ref": "ShopOrigin"}]] * len(rules)
    assert rules


@pytest.mark.parametrize("name", QUEUES)
def test_each_queue_is_encrypted_and_leads_to_dead_letters_or_keeps_them_for_two_weeks(name: str) -> None:
    queue = QUEUES[name]
    assert queue["SqsManagedSseEnabled"] is True
    assert "RedrivePolicy" in queue or queue["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_no_role_has_a_wildcard_action_nor_a_wildcard_resource_that_could_be_narrower() -> None:
    for statement in statements():
        actions = set(as_list(statement["Action"]))
        assert not [action for action in actions if "*" in action]
        if "*" in as_list(statement["Resource"]):
            assert actions <= UNNARROWABLE


def test_no_secret_is_written_in_the_template() -> None:
    secrets = templates.resources("base", "AWS::SecretsManager::Secret")
    assert secrets["AppSecret"]["GenerateSecretString"]["PasswordLength"] == 64
    assert set(json.loads(secrets["StripeSecret"]["SecretString"]).values()) == {""}


def test_every_parameter_says_what_it_is_for() -> None:
    assert all(item["Description"].endswith(".") for item in templates.read("base")["Parameters"].values())


def test_the_secret_key_is_made_up_by_aws_and_deployed_again_stays_the_same() -> None:
    client = boto3.client("secretsmanager")
    first = json.loads(client.get_secret_value(SecretId=f"{NAME}/app")["SecretString"])["SECRET_KEY"]
    assert len(first) == 64
    stack.deploy(name=NAME, store_email="shop@cloudcart.example", shop_origin="http://testserver")
    assert json.loads(client.get_secret_value(SecretId=f"{NAME}/app")["SecretString"])["SECRET_KEY"] == first


def test_mails_that_bounce_are_told_to_the_topic_and_not_tried_again() -> None:
    ses = boto3.client("sesv2")
    identity = ses.get_email_identity(EmailIdentity="shop@cloudcart.example")
    assert identity["ConfigurationSetName"] == NAME
    assert ses.get_configuration_set(ConfigurationSetName=NAME)["SuppressionOptions"] == {
        "SuppressedReasons": ["BOUNCE", "COMPLAINT"]
    }
    [destination] = ses.get_configuration_set_event_destinations(ConfigurationSetName=NAME)["EventDestinations"]
    assert destination["SnsDestination"]["TopicArn"].endswith(f":{NAME}-mail-events")
    assert {"BOUNCE", "COMPLAINT"} <= set(destination["MatchingEventTypes"])


def test_the_staff_can_have_a_second_factor_and_nobody_has_to() -> None:
    pool = stack.read_outputs(NAME)["UserPoolId"]
    found = boto3.client("cognito-idp").get_user_pool_mfa_config(UserPoolId=pool)
    assert found["MfaConfiguration"] == "OPTIONAL"
    assert found["SoftwareTokenMfaConfiguration"] == {"Enabled": True}


@pytest.mark.parametrize("part", ["base", "edge", "global"])
def test_a_template_fits_into_a_request(part: str) -> None:
    assert len(templates.body(part).encode()) <= templates.LARGEST_BODY


def test_a_template_without_comments_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "LARGEST_BODY", 0)
    assert json.loads(templates.body("base")) == templates.read("base")
