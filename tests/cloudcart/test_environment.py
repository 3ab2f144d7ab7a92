import os
import subprocess
import sys

import pytest

from cloudcart.environment import Environment, read_stage

KNOWN = "only-for-the-laptop-0c3f5d7b9a1e"


def start_shop(setting: str = "SECRET_KEY", **variables: str) -> subprocess.CompletedProcess[str]:
    """Read a setting in a process of its own, with no variables but these."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | variables
    return subprocess.run(
        [sys.executable, "-c", f"from cloudcart import settings; print(settings.{setting})"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_laptop_needs_no_secret_of_its_own() -> None:
    assert start_shop(CLOUDCART_LOCAL_DIR="no-such-folder").stdout == f"{KNOWN}\n"


@pytest.mark.parametrize("variables", [{}, {"SECRET_KEY": ""}, {"SECRET_KEY": KNOWN}])
def test_anywhere_else_the_shop_does_not_start_with_a_known_secret(variables: dict[str, str]) -> None:
    started = start_shop(CLOUDCART_STAGE="prod", **variables)
    assert started.returncode == 1
    assert "The environment variable SECRET_KEY must be a secret of this shop's own." in started.stderr


def test_anywhere_else_it_starts_with_its_own() -> None:
    assert start_shop(CLOUDCART_STAGE="prod", SECRET_KEY="its own").stdout == "its own\n"


@pytest.mark.parametrize("variables", [{}, {"CLOUDCART_STAGE": "local", "SECRET_KEY": "its own"}])
def test_a_lambda_function_is_never_a_laptop(variables: dict[str, str]) -> None:
    started = start_shop(AWS_LAMBDA_FUNCTION_NAME="cloudcart-web", **variables)
    assert started.returncode == 1
    assert "CLOUDCART_STAGE must name the stage" in started.stderr


def test_a_lambda_function_with_a_stage_is_told_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "cloudcart-web")
    monkeypatch.setenv("CLOUDCART_STAGE", "prod")
    assert read_stage() == "prod"


@pytest.mark.parametrize(
    ("stage", "endpoint", "is_rehearsal"),
    [
        ("dev", "http://127.0.0.1:4566", True),
        ("production", "http://127.0.0.1:4566", False),
        ("dev", "", False),
        ("dev", "https://127.0.0.1.evil.example", False),
    ],
)
def test_a_rehearsal_is_a_stage_on_an_aws_of_this_machine(stage: str, endpoint: str, is_rehearsal: bool) -> None:
    started = start_shop("IS_REHEARSAL", CLOUDCART_STAGE=stage, SECRET_KEY="its own", AWS_ENDPOINT_URL=endpoint)
    assert started.stdout == f"{is_rehearsal}\n"


def test_a_number_that_is_none_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOW_STOCK_THRESHOLD", "few")
    with pytest.raises(ValueError, match="LOW_STOCK_THRESHOLD must be a whole number, not 'few'"):
        Environment().number("LOW_STOCK_THRESHOLD", 5)
