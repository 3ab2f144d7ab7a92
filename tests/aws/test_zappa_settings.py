"""zappa_settings.json: Zappa ignores keys that it does not know, and some that it knows do harm."""

import inspect
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from zappa import cli as zappa_cli
from zappa.cli import CUSTOM_SETTINGS, ZappaCLI

from cloudcart.aws import deployment
from cloudcart.aws.names import STAGES, Names
from cloudcart.celery import app

PATH = Path("zappa_settings.json")
SETTINGS: Mapping[str, Mapping[str, Any]] = json.loads(PATH.read_text())
# Everything that Zappa's command line asks the settings of a stage for.
READ = set(re.findall(r'stage_config(?:\.get\(|\[)\s*"(\w+)"', inspect.getsource(zappa_cli)))
KNOWN = READ | set(CUSTOM_SETTINGS) | {"extends"}
# What each would do, if it were there.
TRAPS = {
    "cognito": "rewrites the user pool at every update",
    "domain": "ends every update of an HTTP API in a TypeError",
    "certificate_arn": "goes with a domain",
    "environment_variables": "lies in the package in clear text",
    "remote_env": "reads secrets from a bucket",
    "events": "makes event sources that lose what fails",
    "app_function": "is for other frameworks",
    "attach_policy": "widens the role",
    "extra_permissions": "widens the role",
    "python_version": "does not exist: it is runtime",
    "endpoint": "does not exist: it is aws_endpoint_urls",
}


def settings_of(zappa_stage: str) -> dict[str, Any]:
    """What Zappa makes of a stage, with all that it extends."""
    cli = ZappaCLI()
    cli.zappa_settings = dict(SETTINGS)
    cli.api_stage = zappa_stage
    merged: dict[str, Any] = cli.stage_config
    return merged


def test_every_stage_has_a_web_and_a_worker_function() -> None:
    assert set(SETTINGS) == {stage for name in STAGES for stage in (name, Names(name).worker_stage)}


@pytest.mark.parametrize("stage", SETTINGS)
def test_every_key_is_one_that_zappa_reads(stage: str) -> None:
    assert {"lambda_handler", "runtime", "xray_tracing", "callbacks"} <= KNOWN
    assert set(SETTINGS[stage]) - KNOWN == set()


@pytest.mark.parametrize("stage", SETTINGS)
def test_no_trap_is_set(stage: str) -> None:
    assert set(settings_of(stage)) & set(TRAPS) == set()


@pytest.mark.parametrize("stage", SETTINGS)
def test_what_protects_the_shop_is_set(stage: str) -> None:
    settings = settings_of(stage)
    assert settings["manage_roles"] is False
    assert settings["debug"] is False
    assert settings["log_level"] == "INFO"
    assert settings["keep_warm"] is False
    assert settings["slim_handler"] is False
    assert settings["use_precompiled_packages"] is False
    assert settings["runtime"] == "python3.13"
    assert settings["num_retained_versions"] == 5
    assert settings["xray_tracing"] is True


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_is_called_as_the_templates_call_it(name: str) -> None:
    names = Names(name)
    web, worker = settings_of(name), settings_of(names.worker_stage)
    for settings, role in ((web, names.web_role), (worker, names.worker_role)):
        assert settings["role_name"] == role
        assert settings["s3_bucket"] == names.code_bucket
        assert settings["aws_environment_variables"] == {"CLOUDCART_STAGE": name}
        assert settings["tags"] == {"project": "cloudcart", "stage": name}
    assert (web["apigateway_enabled"], web["apigateway_version"]) == (True, "v2")
    assert worker["apigateway_enabled"] is False


@pytest.mark.parametrize(
    ("stage", "function"), [("dev", "cloudcart-app-dev"), ("dev_worker", "cloudcart-app-dev-worker")]
)
def test_functions_get_the_names_that_the_templates_expect(stage: str, function: str) -> None:
    cli = ZappaCLI()
    cli.api_stage = stage
    cli.load_settings(str(PATH))
    names, part = deployment.split_stage(stage)
    assert cli.lambda_name == function
    assert function == (names.web_function if part == "web" else names.worker_function)


def test_folders_are_left_out_by_their_path_and_not_by_a_name_that_others_have_too() -> None:
    settings = settings_of("dev")
    assert {"docs", "setuptools"} <= set(settings["exclude_glob"])
    # As a name, it would take botocore/docs along, which botocore imports: `exclude` looks at every depth.
    assert set(settings["exclude"]) & {name.partition("/")[0] for name in settings["exclude_glob"]} == set()


def test_a_task_has_ended_before_lambda_ends_the_worker() -> None:
    assert app.conf.task_soft_time_limit < settings_of("dev_worker")["timeout_seconds"]
    # API Gateway itself gives up after 30 seconds.
    assert settings_of("dev")["timeout_seconds"] < 30


def test_no_secret_is_in_the_file() -> None:
    text = PATH.read_text().lower()
    assert [word for word in ("secret", "password", "sk_", "whsec", "token") if word in text] == []


@pytest.mark.parametrize("callback", settings_of("dev")["callbacks"].values())
def test_callbacks_exist(callback: str) -> None:
    module, _, function = callback.rpartition(".")
    source = Path(*module.split(".")).with_suffix(".py").read_text()
    assert f"def {function}(cli: Any)" in source
