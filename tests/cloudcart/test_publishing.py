import os
import subprocess
import sys
from collections.abc import Callable

from cloudcart.local.emulator import find_free_port
from cloudcart.publishing import publish

PUBLISH = """
import time
import django
django.setup()
from cloudcart.publishing import PublishFailed, publish
started = time.monotonic()
try:
    publish("orders.send_link", number="LUSAB-MODIK-47")
except PublishFailed as error:
    print(error)
    print(time.monotonic() - started)
"""


def test_a_task_is_one_message(task_queue: Callable[[], int]) -> None:
    publish("orders.send_link", number="LUSAB-MODIK-47")
    assert task_queue() == 1


def test_a_queue_out_of_reach_is_told_soon() -> None:
    nowhere = f"http://127.0.0.1:{find_free_port()}"
    environment = os.environ | {"AWS_ENDPOINT_URL": nowhere, "DJANGO_SETTINGS_MODULE": "cloudcart.settings"}
    finished = subprocess.run(
        [sys.executable, "-c", PUBLISH], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    sentence, seconds = finished.stdout.splitlines()
    assert sentence == "This does not work right now. Please try again in a minute."
    assert float(seconds) < 10
