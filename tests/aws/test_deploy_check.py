"""A deployment is not done before what fails would come back."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from cloudcart.aws import deploy_check, deployment
from cloudcart.aws.deploy_check import CheckFailed, check_event_sources
from cloudcart.aws.deployment import DeploymentRefused
from cloudcart.aws.names import Names

FUNCTION = "deploy-check"


class FakeLambda:
    """Lists event source mappings as Lambda does; the embedded one fills in what was left out."""

    def __init__(self, *mappings: dict[str, Any]) -> None:
        self._mappings = mappings

    def list_event_source_mappings(self, **_: Any) -> dict[str, Any]:
        return {"EventSourceMappings": list(self._mappings)}


QUEUE = {"EventSourceArn": "arn:aws:sqs:eu-central-1:0:cloudcart-dev-tasks"}
STREAM = {"EventSourceArn": "arn:aws:dynamodb:eu-central-1:0:table/cloudcart-dev-orders/stream/1"}
REPORTS = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}


def check(*mappings: dict[str, Any]) -> int:
    return check_event_sources(FakeLambda(*mappings), FUNCTION)  # type: ignore[arg-type]


def test_sources_that_report_what_fails_are_counted() -> None:
    assert check(QUEUE | REPORTS, STREAM | REPORTS | {"StartingPosition": "TRIM_HORIZON"}) == 2


@pytest.mark.parametrize(
    ("mapping", "problem"),
    [
        (QUEUE, "cloudcart-dev-tasks lacks FunctionResponseTypes"),
        (QUEUE | {"FunctionResponseTypes": []}, "lacks FunctionResponseTypes"),
        (STREAM | {"StartingPosition": "LATEST"}, "lacks FunctionResponseTypes"),
        (STREAM | REPORTS, "lacks a StartingPosition"),
    ],
)
def test_a_source_that_would_lose_what_fails_ends_the_deployment(mapping: dict[str, Any], problem: str) -> None:
    with pytest.raises(CheckFailed, match=problem):
        check(QUEUE | REPORTS, mapping)


@pytest.mark.parametrize(("zappa_stage", "part"), [("production", "web"), ("production_worker", "worker")])
def test_a_stage_of_zappa_is_a_stage_and_a_part(zappa_stage: str, part: str) -> None:
    assert deployment.split_stage(zappa_stage) == (Names("production"), part)


def test_another_python_than_lambdas_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "")
    with pytest.raises(DeploymentRefused, match=r"asks for python3\.9, and this is python3"):
        deployment.check_python("python3.9")


def test_the_embedded_aws_takes_this_python() -> None:
    deployment.check_python("python3.9")


def test_a_function_is_told_names_and_never_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = deployment.function_environment(Names("local"))
    assert variables["STORE_URL"] == "http://testserver"
    assert variables["TASK_QUEUE_URL"].endswith("cloudcart-local-tasks")
    assert variables["APP_SECRET_ID"] == "cloudcart-local/app"
    assert "testserver" in variables["ALLOWED_HOSTS"].split(",")
    # Only stages that are guarded ask for a key.
    assert "ORIGIN_KEY_DIGESTS" not in variables
    assert variables.keys() & {"SECRET_KEY", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_API_BASE"} == set()


def test_a_function_is_told_of_a_payment_simulator_in_a_rehearsal_and_never_on_aws(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STRIPE_API_BASE", "http://127.0.0.1:4570")
    assert deployment.function_environment(Names("local"))["STRIPE_API_BASE"] == "http://127.0.0.1:4570"
    monkeypatch.setenv("AWS_ENDPOINT_URL", "")
    assert deployment._simulated_payments() == {}


@pytest.fixture
def deployed() -> Iterator[Callable[[str], None]]:
    """Deploy a function of a few lines under the name of the dev stage's worker."""
    client, roles = boto3.client("lambda"), boto3.client("iam")
    name = Names("dev").worker_function
    role = roles.create_role(RoleName="deploy-check", AssumeRolePolicyDocument="{}")["Role"]["Arn"]

    def deploy(source: str) -> None:
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as written:
            written.writestr("main.py", source)
        client.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=role,
            Handler="main.handler",
            Code={"ZipFile": package.getvalue()},
        )

    yield deploy
    client.delete_function(FunctionName=name)
    roles.delete_role(RoleName="deploy-check")


def test_a_worker_that_does_not_start_ends_the_deployment(deployed: Callable[[str], None]) -> None:
    deployed("import nothing_like_that\n")
    with pytest.raises(CheckFailed, match="does not start"):
        deploy_check.check(Names("dev"), "worker")


def test_a_worker_without_event_sources_says_what_is_to_be_done(deployed: Callable[[str], None]) -> None:
    answer = json.dumps({"batchItemFailures": []})
    deployed(f"import json\ndef handler(event, context):\n    return json.loads({answer!r})\n")
    [sentence] = deploy_check.check(Names("dev"), "worker")
    assert "manage.py provision --stage dev --part edge" in sentence
