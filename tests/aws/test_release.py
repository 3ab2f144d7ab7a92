"""Which version a package says that it holds."""

import subprocess
from pathlib import Path

import pytest

from cloudcart.aws import release


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("RELEASE", raising=False)
    return tmp_path


def test_a_release_is_called_as_the_environment_says(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELEASE", "2026-11")
    assert release.describe(folder) == "2026-11"


def test_else_it_is_the_commit_and_changes_on_top_of_it_are_told(folder: Path) -> None:
    git(folder, "init", "--quiet")
    (folder / "shop.py").write_text("first")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "Begin")
    commit = release.describe(folder)
    assert 7 <= len(commit) <= 40
    (folder / "shop.py").write_text("second")
    assert release.describe(folder) == f"{commit}-dirty"


def test_without_a_commit_it_is_unknown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))
    assert release.describe(folder) == "unknown"
