"""The workflows of GitHub: what they may do, and whose code they run."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from cloudcart.local.folder import PROJECT_DIR

FOLDER = PROJECT_DIR / ".github/workflows"
FILES = sorted(FOLDER.glob("*.yml"))


def read(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(path.read_text()))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.stem))
def test_no_action_can_change_under_its_name(path: Path) -> None:
    used = re.findall(r"uses: (\S+)", path.read_text())
    assert used
    assert [name for name in used if not re.fullmatch(r"\./\S+|[\w./-]+@[0-9a-f]{40}", name)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.stem))
def test_a_workflow_may_read_unless_a_job_needs_more(path: Path) -> None:
    assert read(path)["permissions"] == {"contents": "read"}


def test_production_comes_after_staging_and_staging_after_tests_and_rehearsal() -> None:
    jobs = read(FOLDER / "deploy.yml")["jobs"]
    assert jobs["staging"]["needs"] == ["test", "rehearse"]
    assert jobs["production"]["needs"] == "staging"
    # The environment is what has reviewers, and what the role's trust asks for.
    assert read(FOLDER / "deploy-stage.yml")["jobs"]["deploy"]["environment"] == "${{ inputs.stage }}"


def test_a_deployment_goes_base_code_edge_and_keeps_no_keys() -> None:
    steps = read(FOLDER / "deploy-stage.yml")["jobs"]["deploy"]["steps"]
    commands = [step["run"] for step in steps if "run" in step]
    order = [next(i for i, run in enumerate(commands) if part in run) for part in ("base", "zappa", "edge")]
    assert order == sorted(order)
    assert "secrets." not in (FOLDER / "deploy-stage.yml").read_text()
