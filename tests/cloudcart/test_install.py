import functools
import http.server
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudcart.local import uv
from cloudcart.local.folder import PROJECT_DIR
from cloudcart.local.install import Target
from cloudcart.local.problems import LocalProblem

FIND_PYTHON = PROJECT_DIR / "cloudcart" / "local" / "find-python.sh"
REQUIREMENTS = PROJECT_DIR / "cloudcart" / "local" / "requirements"
VERSION = re.findall(r"^uv==([\d.]+)", uv.PIN.read_text(), re.MULTILINE)[0]
PINNED_HASH = re.findall(r"sha256:([0-9a-f]{64})", uv.PIN.read_text())[0]


def find_python(folder: Path, path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", str(FIND_PYTHON)], cwd=folder, env={"PATH": path}, capture_output=True, text=True, check=False
    )


def make_program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_the_newest_python_that_works_is_taken(tmp_path: Path) -> None:
    make_program(tmp_path, "python3.14", "exit 127")
    make_program(tmp_path, "python3.13", "exit 0")
    make_program(tmp_path, "python3", "exit 0")
    assert find_python(tmp_path, str(tmp_path)).stdout == "python3.13\n"


def test_the_python_of_an_environment_that_is_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    make_program(tmp_path / ".venv" / "bin", "python", "exit 0")
    make_program(tmp_path, "python3.13", "exit 0")
    assert find_python(tmp_path, str(tmp_path)).stdout == ".venv/bin/python\n"


def test_an_old_python_gets_a_sentence_that_names_it(tmp_path: Path) -> None:
    make_program(tmp_path, "python3", 'if [ "$1" = --version ]; then echo Python 3.9.2; else exit 1; fi')
    ended = find_python(tmp_path, str(tmp_path))
    assert ended.returncode == 2
    assert ended.stderr == (
        "CloudCart needs Python 3.11, 3.12, 3.13 or 3.14, and there is Python 3.9.2. Please install one of them.\n"
    )


def test_without_python_there_is_a_sentence(tmp_path: Path) -> None:
    ended = find_python(tmp_path, str(tmp_path))
    assert ended.returncode == 2
    assert "there is no Python at all" in ended.stderr


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package index on this machine, which offers a uv for every system; gives its folder."""
    folder = tmp_path / "index"
    (folder / "uv").mkdir(parents=True)
    systems = ["manylinux_2_17_x86_64.manylinux2014_x86_64", "musllinux_1_1_x86_64", "manylinux_2_28_aarch64"]
    systems += ["macosx_11_0_arm64", "macosx_10_12_x86_64"]
    names = [f"uv-{VERSION}-py3-none-{system}.whl" for system in systems]
    page = "".join(f'<a href="{name}#sha256={PINNED_HASH}">{name}</a>' for name in names)
    (folder / "uv" / "index.html").write_text(page)
    for name in names:
        (folder / "uv" / name).write_bytes(b"not the uv that was pinned")
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{server.server_port}/")
    monkeypatch.setenv("PATH", str(tmp_path))
    yield folder
    server.shutdown()
    server.server_close()


def test_a_uv_that_is_not_the_pinned_one_is_refused(index: Path, tmp_path: Path) -> None:
    with pytest.raises(LocalProblem, match=f"gave for uv {VERSION} is not what is pinned"):
        uv.find_or_install(tmp_path / "tools")
    assert not (tmp_path / "tools").exists()


def test_a_system_without_a_uv_gets_a_sentence(index: Path, tmp_path: Path) -> None:
    (index / "uv" / "index.html").write_text("<a href='nothing'>nothing</a>")
    with pytest.raises(LocalProblem, match=rf"There is no uv {re.escape(VERSION)} for \w+ on \w+"):
        uv.find_or_install(tmp_path / "tools")


def test_without_a_connection_there_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:1/simple")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LocalProblem, match=r"cannot be fetched .* a proxy to set in HTTPS_PROXY"):
        uv.find_or_install(tmp_path / "tools")


def test_the_uv_of_the_machine_is_used_if_it_is_new_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    make_program(tmp_path, "uv", "echo uv 999.0.1 '(abc 2030-01-01)'")
    assert uv.find_or_install(tmp_path / "tools").program == str(tmp_path / "uv")
    make_program(tmp_path, "uv", "echo uv 0.1.0")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:1/simple")
    with pytest.raises(LocalProblem):
        uv.find_or_install(tmp_path / "tools")


@pytest.mark.parametrize(
    ("variables", "settings", "index"),
    [
        ({}, "", "https://pypi.org/simple"),
        ({}, "[global]\nindex-url = https://pip.example/simple\n", "https://pip.example/simple"),
        (
            {"PIP_INDEX_URL": "https://env.example/"},
            "[global]\nindex-url = https://pip.example/",
            "https://env.example/",
        ),
        (
            {"UV_DEFAULT_INDEX": "https://uv.example/", "PIP_INDEX_URL": "https://env.example/"},
            "",
            "https://uv.example/",
        ),
    ],
)
def test_the_machines_own_package_index_is_respected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], settings: str, index: str
) -> None:
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "pip.conf").write_text(settings)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    assert uv.package_index() == index


def test_an_environment_is_ready_until_what_it_was_made_from_changes(tmp_path: Path) -> None:
    source = tmp_path / "lock"
    source.write_text("a==1")
    target = Target("the shop", tmp_path / "venv", (source,))
    states = [target.is_ready]
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "bin" / "python").write_text("")
    (tmp_path / "venv" / "installed-from.txt").write_text(target.fingerprint)
    states.append(target.is_ready)
    source.write_text("a==2")
    states.append(target.is_ready)
    assert states == [False, True, False]


@pytest.mark.parametrize("name", ["emulator", "uv"])
def test_every_requirement_is_pinned_with_hashes_as_it_was_asked_for(name: str) -> None:
    asked = [line for line in (REQUIREMENTS / f"{name}.in").read_text().splitlines() if line and line[0] != "#"]
    locked = (REQUIREMENTS / f"{name}.txt").read_text()
    pins = re.findall(r"^[a-z0-9-]+==[^ ]+(?: ;[^\n]*)? \\\n    --hash=sha256:", locked, re.MULTILINE)
    assert len(pins) == len(re.findall(r"^[a-z]", locked, re.MULTILINE)) > 0
    assert [pin for pin in asked if not re.search(rf"^{re.escape(pin)}(==| \\)", locked, re.MULTILINE)] == []
