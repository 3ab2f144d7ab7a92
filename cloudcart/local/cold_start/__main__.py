"""Measure cold starts: median of ten fresh processes of each package, in turn."""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from cloudcart.aws import stack
from cloudcart.aws.bundle import PackageSize
from cloudcart.environment import turn_to_embedded_aws
from cloudcart.local.cold_start import packages
from cloudcart.local.cold_start.packages import Package
from cloudcart.local.emulator import Emulator, find_free_port
from cloudcart.local.folder import PROJECT_DIR
from cloudcart.local.problems import LocalProblem

ROUNDS = 10
PAGE = "/products/"
PROBE = Path(__file__).with_name("probe.py")
LONGEST_MILLISECONDS = 350
LONGEST_RATIO = 1.4


def main() -> int:
    turn_to_embedded_aws()
    with tempfile.TemporaryDirectory(prefix="cloudcart-cold-") as name:
        emulator = Emulator(port=find_free_port(), log_path=Path(name) / "aws.log")
        aws = emulator.start()
        try:
            print("Packing the web function …", flush=True)
            path = packages.build("web")
            print(f"  {PackageSize.of(path)}")
            emulator.wait_until_ready(aws)
            environment = _fill(emulator)
            print(f"Measuring {ROUNDS} cold starts of each …", flush=True)
            return _report(_measure(packages.unpack_all(path, Path(name)), environment))
        except LocalProblem as problem:
            print(problem, file=sys.stderr)
            return 2
        finally:
            aws.send_signal(signal.SIGTERM)
            aws.wait(timeout=20)


def _fill(emulator: Emulator) -> dict[str, str]:
    print("Filling a shop …", flush=True)
    os.environ.update(emulator.client_environment)
    outputs = stack.deploy(
        name="cloudcart-dev", store_email="shop@cloudcart.example", shop_origin="https://shop.cloudcart.example"
    )
    shop = {"CLOUDCART_STAGE": "dev", "SECRET_KEY": "bench", "ALLOWED_HOSTS": "127.0.0.1"}
    environment = emulator.client_environment | outputs.as_environment() | shop
    seeding = subprocess.run(
        [sys.executable, "manage.py", "seed"],
        cwd=PROJECT_DIR,
        env=os.environ | environment | {"DJANGO_SETTINGS_MODULE": "cloudcart.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    if seeding.returncode != 0:
        raise LocalProblem(f"The shop cannot be filled.\n{seeding.stderr[-2000:]}")
    return environment | {"AWS_LAMBDA_FUNCTION_NAME": "bench", "BENCH_TABLE": "cloudcart-dev-listings"}


def _measure(measured: list[Package], environment: dict[str, str]) -> dict[str, list[dict[str, float]]]:
    times: dict[str, list[dict[str, float]]] = {package.title: [] for package in measured}
    # In turn, so that what else the machine does meets all of them; the first round only warms the disk.
    for number in range(ROUNDS + 1):
        for package in measured:
            taken = _start(package, environment)
            if number:
                times[package.title].append(taken)
    return times


def _start(package: Package, environment: dict[str, str]) -> dict[str, float]:
    variables = {"PATH": os.environ["PATH"], "BENCH_LISTING": "all", "PYTHONDONTWRITEBYTECODE": "1", **environment}
    arguments = [*map(str, package.folders), package.handler, PAGE]
    ended = subprocess.run(
        [sys.executable, "-I", "-S", "-B", str(PROBE), *arguments],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode != 0:
        raise LocalProblem(f"{package.title} does not start.\n{ended.stderr[-2000:]}")
    taken: dict[str, float] = json.loads(ended.stdout.splitlines()[-1])
    if taken["status"] != 200:
        raise LocalProblem(f"{package.title} answers {taken['status']}.")
    return taken


def _report(times: dict[str, list[dict[str, float]]]) -> int:
    print("\n| package | import and init | first page | together | of it CPU | modules |\n|---|---|---|---|---|---|")
    for title, rows in times.items():
        columns = [f"{_median(rows, name):.0f} ms" for name in ("import", "page", "total", "cpu")]
        print(f"| {title} | {' | '.join(columns)} | {_median(rows, 'modules'):.0f} |")
    shop, bare, _ = (_median(rows, "total") for rows in times.values())
    ratio = shop / bare
    is_fast = shop <= LONGEST_MILLISECONDS and ratio <= LONGEST_RATIO
    print(
        f"\n{shop:.0f} ms of at most {LONGEST_MILLISECONDS}; {ratio:.2f} times the bare one of at most {LONGEST_RATIO}."
    )
    return 0 if is_fast else 1


def _median(rows: list[dict[str, float]], name: str) -> float:
    return statistics.median(row[name] for row in rows)


if __name__ == "__main__":
    sys.exit(main())
