"""`make run`, with a folder of its own: started, hurt, ended and started again."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from cloudcart.local.folder import PROJECT_DIR
from cloudcart.local.processes import birth_of
from tests.make_run import Run, bare_environment, running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop that was started for the first time, and ended."""
    folder = tmp_path_factory.mktemp("shop")
    with running(folder) as run:
        pids = run.pids()
        programs = {path.stem for path in (folder / "run").glob("*.json")}
        assert programs == {"aws", "payments", "payment-sweeper", "streams", "sweeper", "web", "worker"}
        assert run.stop() == 0
    assert [pid for pid in pids if birth_of(pid) is not None] == []
    return folder


def local(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", f"cloudcart.local.{command}"],
        cwd=PROJECT_DIR,
        env=bare_environment() | {"CLOUDCART_LOCAL_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_second_start_shows_the_same_products_on_other_ports(folder: Path) -> None:
    with running(folder) as first:
        products = re.findall(r'href="(/products/[^"]+/)"', first.get("/"))
        assert len(products) > 5
        first.get(products[0])
    with running(folder) as second:
        assert second.port != first.port
        assert re.findall(r'href="(/products/[^"]+/)"', second.get("/")) == products
        text = "".join(second.output)
        assert f"http://127.0.0.1:{second.port}/mailbox/" in text
        assert re.search(r"Account +\S+@\S+, password", text)
        assert "Demo products" not in text
        assert second.stop(signal.SIGTERM) == 0


def test_manage_py_in_another_terminal_finds_the_shop_that_runs(folder: Path) -> None:
    with running(folder) as run:
        told = subprocess.run(
            [sys.executable, "manage.py", "seed"],
            cwd=PROJECT_DIR,
            env=bare_environment() | {"CLOUDCART_LOCAL_DIR": str(folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert told.returncode == 0, told.stderr
        assert "Nothing has changed: all of it was in the shop." in told.stdout
        assert run.process.poll() is None


@pytest.mark.parametrize("name", ["web", "worker", "aws", "payments", "streams"])
def test_whatever_is_killed_comes_back_with_a_notice(folder: Path, name: str) -> None:
    titles = {
        "web": "web server",
        "worker": "worker",
        "aws": "embedded AWS",
        "payments": "payment simulator",
        "streams": "stream reader",
    }
    with running(folder) as run:
        before = run.get("/")
        killed = run.pid(name)
        os.kill(killed, signal.SIGKILL)
        run.wait_for(f"The {titles[name]} ended (SIGKILL). It starts again.")
        assert run.get_patiently("/") == before
        run.wait_until(lambda: run.pid(name) != killed)
        assert run.process.poll() is None


def test_after_a_kill_of_the_whole_run_the_next_one_starts_clean(folder: Path) -> None:
    with running(folder) as run:
        pids = run.pids()
        run.process.kill()
        run.process.wait()
    with running(folder) as again:
        assert again.get("/")
        assert [pid for pid in pids if birth_of(pid) is not None] == []


def test_a_folder_runs_one_shop_and_is_not_emptied_meanwhile(folder: Path) -> None:
    with running(folder) as run:
        refusal = Run(folder).refusal()
        emptied = local("reset", folder)
        assert emptied.returncode == 2
        assert emptied.stderr.startswith("A shop already runs from this folder (process ")
        assert refusal == emptied.stderr
        stopped = local("stop", folder)
        assert stopped.stdout == "The shop has ended.\n"
        assert run.process.wait(timeout=5) == 0
    assert local("stop", folder).stdout == "No shop runs from this folder.\n"


def test_ports_that_cannot_be_had_get_a_sentence(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        cases = {
            "PORT": (port, f"Port {port} is taken by another program. Choose another one with PORT=….\n"),
            "PAYMENTS_PORT": (
                port,
                f"Port {port} is taken by another program. Choose another one with PAYMENTS_PORT=….\n",
            ),
            "AWS_PORT": (port, f"Port {port} is taken by another program. Choose another one with AWS_PORT=….\n"),
        }
        for name, (value, sentence) in cases.items():
            assert Run(folder, **{name: value}).refusal() == sentence
    live = Run(folder, STRIPE_SECRET_KEY="sk_live_of_a_merchant").refusal()
    assert live == "STRIPE_SECRET_KEY is a live key. A shop on a laptop takes test keys only (sk_test_…).\n"
    assert Run(folder, PORT="eighty").refusal() == ("PORT has to be a number from 1 to 65535, not 'eighty'.\n")


def test_a_broken_state_gets_a_sentence_and_stays_as_it_is(folder: Path) -> None:
    broken = folder / "aws" / "services" / "cognito.json"
    whole = broken.read_bytes()
    broken.write_bytes(whole[:-1])
    text = Run(folder).refusal()
    assert f"The saved state {broken} cannot be read" in text
    assert "`make reset` starts over" in text
    assert "Traceback" not in text
    assert broken.read_bytes() == whole[:-1]
    broken.write_bytes(whole)


def test_reset_empties_the_shop(tmp_path: Path) -> None:
    (tmp_path / "aws" / "services").mkdir(parents=True)
    (tmp_path / "aws" / "services" / "dynamodb.json").write_text("{}")
    (tmp_path / "stack.env").write_text("A=b")
    emptied = local("reset", tmp_path)
    assert emptied.returncode == 0
    assert emptied.stdout == "The shop is empty. `make run` starts from the beginning.\n"
    assert not (tmp_path / "stack.env").exists()
    assert list((tmp_path / "aws").iterdir()) == []


def test_a_first_start_that_is_broken_off_ends_at_once_and_the_next_one_begins_anew(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.wait_for("Demo products")
    assert run.stop() == 0
    assert not (tmp_path / "aws" / "prepared").exists()
    assert list((tmp_path / "run").glob("*.json")) == []
    again = Run(tmp_path)
    again.wait_for("Embedded AWS")
    again.wait_for("Tables, queue")
    assert again.stop() == 0
