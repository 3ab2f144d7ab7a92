"""The second template: what leads to the functions, and what watches them."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command, get_commands

from cloudcart import streams
from cloudcart.aws import deploy_check, deployment, origin_key, origin_secret, templates
from cloudcart.aws.names import Names
from cloudcart.local.folder import PROJECT_DIR
from cloudcart.metrics import NAMESPACE, Metric

NAMES = Names("edgy")
MAPPINGS = templates.resources("edge", "AWS::Lambda::EventSourceMapping")
ALARMS = templates.resources("edge", "AWS::CloudWatch::Alarm")
SCHEDULES = templates.resources("edge", "AWS::Scheduler::Schedule")
DISTRIBUTION = templates.resources("edge", "AWS::CloudFront::Distribution")["Distribution"]["DistributionConfig"]
STREAM = re.compile(r"(\w+)StreamArn")


# It answers only what comes with a key.
SHOP = """
def handler(event, context):
    return {"statusCode": 200 if "x-origin-key" in event["headers"] else 403}
"""


def provision(part: str, **options: Any) -> str:
    told = io.StringIO()
    call_command("provision", stage=NAMES.stage, part=part, yes=True, stdout=told, **options)
    return told.getvalue()


@pytest.mark.parametrize("name", MAPPINGS)
def test_no_source_of_events_loses_what_fails(name: str) -> None:
    mapping = MAPPINGS[name]
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    if "StreamArn" in json.dumps(mapping):
        assert mapping["StartingPosition"] == "TRIM_HORIZON"
        assert mapping["BisectBatchOnFunctionError"] is True
        assert mapping["MaximumRetryAttempts"] >= 1
        assert mapping["DestinationConfig"]["OnFailure"]["Destination"] == {"Ref": "StreamDeadLettersArn"}
    else:
        assert mapping["ScalingConfig"]["MaximumConcurrency"] >= 2


def test_each_table_with_consumers_is_followed_and_no_other() -> None:
    found = re.findall(STREAM, json.dumps([mapping["EventSourceArn"] for mapping in MAPPINGS.values()]))
    followed = {re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower() for name in found}
    assert followed == {table for table, consumers in streams.load_consumers().items() if consumers}


def test_the_clock_calls_each_command_that_may_be_scheduled() -> None:
    called = [json.loads(schedule["Target"]["Input"])["schedule"] for schedule in SCHEDULES.values()]
    assert sorted(called) == sorted(settings.SCHEDULED_COMMANDS)
    assert set(called) <= set(get_commands())


@pytest.mark.parametrize("name", ALARMS)
def test_each_alarm_reaches_the_operator_and_has_a_runbook(name: str) -> None:
    alarm = ALARMS[name]
    assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "AlertsTopicArn"}]
    [anchor] = re.findall(r"See docs/operations\.md#([a-z0-9-]+)\.$", alarm["AlarmDescription"])
    headings = re.findall(r"^### (.+)$", (PROJECT_DIR / "docs/operations.md").read_text(), re.MULTILINE)
    assert anchor in {heading.lower().replace(" ", "-") for heading in headings}


def test_alarms_on_the_shops_own_numbers_name_numbers_that_it_tells() -> None:
    own = [alarm["MetricName"] for alarm in ALARMS.values() if alarm["Namespace"] == NAMESPACE]
    assert set(own) <= {metric.value for metric in Metric}
    assert len(own) >= 4


def test_pages_are_kept_as_they_say_themselves_and_a_region_is_no_page() -> None:
    policy = templates.resources("edge", "AWS::CloudFront::CachePolicy")["PagePolicy"]["CachePolicyConfig"]
    assert (policy["MinTTL"], policy["DefaultTTL"]) == (0, 0)
    key = policy["ParametersInCacheKeyAndForwardedToOrigin"]
    assert key["HeadersConfig"]["Headers"] == ["HX-Request"]
    assert key["QueryStringsConfig"] == {"QueryStringBehavior": "all"}


def test_the_buckets_are_reached_by_cloudfront_alone_and_over_https() -> None:
    behaviors = [DISTRIBUTION["DefaultCacheBehavior"], *DISTRIBUTION["CacheBehaviors"]]
    assert {behavior["ViewerProtocolPolicy"] for behavior in behaviors} == {"redirect-to-https"}
    for policy in templates.resources("edge", "AWS::S3::BucketPolicy").values():
        allowed, *_, denied = policy["PolicyDocument"]["Statement"]
        assert allowed["Principal"] == {"Service": "cloudfront.amazonaws.com"}
        assert "distribution/${Distribution}" in json.dumps(allowed["Condition"])
        # The embedded AWS speaks plain http.
        condition, on_aws, _ = denied["Fn::If"]
        assert (condition, on_aws["Effect"]) == ("OnAws", "Deny")
        assert on_aws["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_dashboard_is_json() -> None:
    body = templates.resources("edge", "AWS::CloudWatch::Dashboard")["Dashboard"]["DashboardBody"]["Fn::Sub"]
    assert len(json.loads(body)["widgets"]) == 9


def test_without_functions_there_is_no_edge() -> None:
    with pytest.raises(CommandError, match="There is no stack cloudcart-edgy here"):
        provision("edge")


@pytest.fixture(scope="module")
def functions() -> Iterator[None]:
    """The base, guarded, and the two functions and the API as a deployment by Zappa leaves them behind."""
    values = ["StoreEmail=edgy@cloudcart.example", "ShopOrigin=https://edgy.example", "GuardOrigin=on"]
    provision("base", values=values)
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("shop.py", SHOP)
    client, cloudformation = boto3.client("lambda"), boto3.client("cloudformation")
    both = (NAMES.web_function, NAMES.worker_function)
    for name in both:
        role = f"arn:aws:iam::000000000000:role/{NAMES.worker_role}"
        function = {"Runtime": "python3.13", "Handler": "shop.handler", "Role": role}
        client.create_function(FunctionName=name, Code={"ZipFile": code.getvalue()}, **function)  # type: ignore[arg-type]
    api = {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": NAMES.web_function, "ProtocolType": "HTTP"}}
    cloudformation.create_stack(StackName=NAMES.web_function, TemplateBody=json.dumps({"Resources": {"ApiV2": api}}))
    yield
    for stack in (NAMES.edge_stack, NAMES.web_function, NAMES.stack):
        cloudformation.delete_stack(StackName=stack)
    for name in both:
        client.delete_function(FunctionName=name)
    dynamodb = boto3.client("dynamodb")
    for name in dynamodb.list_tables()["TableNames"]:
        if name.startswith(f"{NAMES.stack}-"):
            dynamodb.delete_table(TableName=name)


@pytest.mark.usefixtures("functions")
def test_the_edge_finds_the_functions_connects_them_and_says_what_the_embedded_aws_cannot() -> None:
    told = provision("edge")
    assert "ShopUrl                      https://" in told
    assert "Not made here, since the embedded AWS does not know it: Budget (AWS::Budgets::Budget)" in told
    found = boto3.client("lambda").list_event_source_mappings(FunctionName=NAMES.worker_function)
    assert len(found["EventSourceMappings"]) == len(MAPPINGS)
    schedule = boto3.client("scheduler").get_schedule(Name=f"{NAMES.stack}-sweep-orders")
    assert schedule["Target"]["Arn"].endswith(f":function:{NAMES.worker_function}")
    alarms = boto3.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"{NAMES.stack}-")["MetricAlarms"]
    assert len(alarms) == len(ALARMS)
    assert "none: everything is as the template says" in provision("edge")


@pytest.mark.usefixtures("functions")
def test_cloudfront_sends_the_key_of_a_guarded_stage_and_functions_take_the_former_one_too() -> None:
    provision("edge")
    assert deploy_check.check(NAMES, "web") == ["The web function answers."]
    [first] = origin_secret.read_keys(NAMES)
    assert len(first) == 64
    assert sent_by_cloudfront() == {"X-Origin-Key": first}
    assert deployment.function_environment(NAMES)["ORIGIN_KEY_DIGESTS"] == origin_key.digest(first)

    changed = {"SecretId": NAMES.origin_secret, "SecretString": json.dumps({"ORIGIN_KEY": "another"})}
    boto3.client("secretsmanager").put_secret_value(**changed)
    taken = deployment.function_environment(NAMES)["ORIGIN_KEY_DIGESTS"].split(",")
    assert taken == [origin_key.digest("another"), origin_key.digest(first)]
    assert "~ Distribution" in provision("edge")
    assert sent_by_cloudfront() == {"X-Origin-Key": "another"}


def sent_by_cloudfront() -> dict[str, str]:
    client = boto3.client("cloudfront")
    distributions = client.list_distributions()["DistributionList"].get("Items", [])
    [found] = [each["Id"] for each in distributions if each["Comment"] == NAMES.stack]
    origins = client.get_distribution_config(Id=found)["DistributionConfig"]["Origins"]["Items"]
    [pages] = [origin for origin in origins if origin["Id"] == "pages"]
    return {each["HeaderName"]: each["HeaderValue"] for each in pages.get("CustomHeaders", {}).get("Items", [])}


def test_a_domain_has_its_certificate_and_a_crowded_shop_its_firewall_where_cloudfront_looks() -> None:
    told = provision("global", values=["DomainName=edgy.example", "RequestsPerAddress=2000"])
    assert re.search(r"CertificateArn +arn:aws:acm:us-east-1:", told)
    assert re.search(r"WebAclArn +arn:aws:wafv2:us-east-1:", told)
