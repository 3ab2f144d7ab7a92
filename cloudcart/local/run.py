"""`make run`: the whole shop on this machine, from the first start to Ctrl-C."""

import hashlib
import os
import secrets
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from cloudcart.environment import Environment, turn_to_embedded_aws
from cloudcart.local import console, programs
from cloudcart.local.emulator import Emulator, check_port
from cloudcart.local.folder import PROJECT_DIR, LocalFolder
from cloudcart.local.problems import LocalProblem
from cloudcart.local.processes import end_recorded
from cloudcart.local.shop import Shop, Stopped

STACK_NAME = "cloudcart-local"


def main() -> int:
    try:
        return _run()
    except LocalProblem as problem:
        console.failure(str(problem))
        return 2


def _run() -> int:
    folder = LocalFolder.from_environment()
    port, aws_port = _port("PORT", 8000), _port("AWS_PORT", 4566)
    payments_port = _choose_payments()
    with folder.lock():
        left = end_recorded(folder.processes)
        if left:
            console.notice(f"Ended what an earlier run had left behind: {', '.join(left)}.")
        if not folder.prepared_mark.exists():
            # A first start that was broken off has left half a shop; it begins again.
            folder.empty()
        check_port(port, "PORT")
        if payments_port is not None:
            check_port(payments_port, "PAYMENTS_PORT")
        emulator = Emulator(aws_port, state_dir=folder.aws, log_path=folder.log("aws"))
        shop = Shop(folder, emulator, port=port)
        _stop_on_signals(shop)
        shop.guard()
        with suppress(Stopped), _ended_on_error(shop):
            _start(shop, payments_port=payments_port)
            shop.watch()
        with console.step("Stopping", done="Stopped, everything is saved"):
            shop.end()
    return 0


@contextmanager
def _ended_on_error(shop: Shop) -> Iterator[None]:
    try:
        yield
    except Stopped:
        raise
    except BaseException:
        shop.end()
        raise


def _port(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise LocalProblem(f"{name} has to be a number from 1 to 65535, not {text!r}.")
    return int(text)


def _choose_payments() -> int | None:
    """Give the port of the payment simulator, or None if the shop is to talk to the real Stripe.

    :raises LocalProblem: if the real one would take real money.
    """
    key = os.environ.get("STRIPE_SECRET_KEY", "")
    if not key:
        return _port("PAYMENTS_PORT", 4570)
    if "_live_" in key:
        raise LocalProblem("STRIPE_SECRET_KEY is a live key. A shop on a laptop takes test keys only (sk_test_…).")
    return None


def _stop_on_signals(shop: Shop) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        shop.stop.set()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    # Unless it was started by nohup, it ends with its terminal.
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, stop)


def _start(shop: Shop, *, payments_port: int | None) -> None:
    with console.step("Embedded AWS"):
        process = shop.start_emulator()
        _set_environment(shop)
        payments = _set_payments(payments_port) if payments_port is not None else {}
        # Meanwhile: boto3 takes as long to load as the embedded AWS to start.
        import_module("cloudcart.aws.stack")
        shop.emulator.wait_until_ready(process)
    with console.step("Tables, queue, bucket, accounts"), ThreadPoolExecutor() as pool:
        static = pool.submit(_collect_static, shop)
        _deploy(shop, payments=payments)
        static.result()
    if not shop.folder.prepared_mark.exists():
        _fill(shop)
    if payments_port is not None:
        programs.start_payments(shop, port=payments_port, webhook_secret=os.environ["STRIPE_WEBHOOK_SECRET"])
    with console.step("Web server"):
        shop.wait_until_served(programs.start_web(shop, reload=_is_development()))
    programs.start_worker(shop)
    programs.start_stream_reader(shop)
    _show(shop, payments_port=payments_port)


def _set_environment(shop: Shop) -> None:
    """Give this process and its children the embedded AWS, and nothing of a real one."""
    turn_to_embedded_aws()
    os.environ.update(shop.emulator.client_environment)
    os.environ.update(
        CLOUDCART_STAGE="local",
        CLOUDCART_LOCAL_DIR=str(shop.folder.path),
        PORT=str(shop.port),
        PYTHONUNBUFFERED="1",
        DJANGO_SETTINGS_MODULE="cloudcart.settings",
    )


def _set_payments(port: int) -> dict[str, str]:
    """Lead the shop's payments to the simulator, with keys of this run alone."""
    variables = {
        "STRIPE_API_BASE": f"http://127.0.0.1:{port}",
        "STRIPE_SECRET_KEY": f"sk_test_{secrets.token_hex(16)}",
        "STRIPE_WEBHOOK_SECRET": f"whsec_{secrets.token_hex(16)}",
    }
    os.environ.update(variables)
    return variables


def _deploy(shop: Shop, *, payments: dict[str, str]) -> None:
    from cloudcart.aws import stack

    try:
        outputs = stack.deploy(
            name=STACK_NAME,
            # The same defaults as in the settings, which only the shop's own programs read.
            store_name=os.environ.get("STORE_NAME", "CloudCart"),
            store_email=os.environ.get("STORE_EMAIL", "shop@cloudcart.example"),
            shop_origin=shop.url,
        ).as_environment()
    except stack.StackFailed as error:
        raise LocalProblem(str(error)) from error
    # A queue's address keeps the port of the day it was made.
    for name in ("TASK_QUEUE_URL", "STREAM_DEAD_LETTERS_URL"):
        outputs[name] = shop.emulator.url + urlsplit(outputs[name]).path
    os.environ.update(outputs)
    variables = shop.emulator.client_environment | outputs | payments | {"PORT": str(shop.port)}
    shop.folder.stack_env.write_text("".join(f"{name}={value}\n" for name, value in variables.items()))


def _collect_static(shop: Shop) -> None:
    if _is_development():
        return
    mark, fingerprint = shop.folder.path / "static" / "collected-from.sha256", _fingerprint(PROJECT_DIR / "static")
    if mark.is_file() and mark.read_text() == fingerprint:
        return
    shop.manage("collectstatic", "--no-input", "--clear", "--verbosity", "0")
    mark.write_text(fingerprint)


def _is_development() -> bool:
    return Environment().flag("DEBUG")


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _fill(shop: Shop) -> None:
    """Bring in the demo accounts and products, once in the life of the data."""
    with ThreadPoolExecutor() as pool:
        accounts = pool.submit(shop.manage, "create_demo_accounts")
        console.heading("Demo products and accounts")
        shop.manage("seed", is_shown=True)
        shop.folder.prepared_mark.write_text(accounts.result())


def _show(shop: Shop, *, payments_port: int | None) -> None:
    rows = [("Shop", f"{shop.url}/"), ("Admin", f"{shop.url}/admin/"), ("Mailbox", f"{shop.url}/mailbox/")]
    rows.append(("Payments", f"http://127.0.0.1:{payments_port}/" if payments_port else "Stripe's test mode"))
    rows += [("Account", line) for line in shop.folder.prepared_mark.read_text().splitlines()]
    rows += [("Logs", str(shop.folder.logs)), ("Stop", "Ctrl-C")]
    console.panel("CloudCart is running", rows)


if __name__ == "__main__":
    sys.exit(main())
