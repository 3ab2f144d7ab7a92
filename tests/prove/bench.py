"""An embedded AWS and a payment simulator for one process of the proof."""

import atexit
import logging
import os
import tempfile
import time
from pathlib import Path

from cloudcart.local.emulator import Emulator, find_free_port
from tests import plugin
from tests.payments.simulator import KEY, SECRET, Simulator


def start_aws() -> None:
    """Start an embedded AWS for this process, and deploy the stack to it. What needs settings is imported after."""
    os.environ["CLOUDCART_LOCAL_DIR"] = tempfile.mkdtemp(prefix="cloudcart-prove-")
    os.environ["DEBUG"] = "1"
    plugin._start_aws()


def start_near_aws() -> None:
    """Do as `start_aws` does, with an embedded AWS within this process."""
    from tests.prove.near_aws import NearAws

    os.environ["CLOUDCART_LOCAL_DIR"] = tempfile.mkdtemp(prefix="cloudcart-prove-")
    os.environ["DEBUG"] = "1"
    emulator = Emulator(port=find_free_port())
    NearAws(emulator).start()
    while not emulator.is_ready():
        time.sleep(0.02)
    plugin.deploy_to(emulator)


def start_simulator() -> Simulator:
    """Start a payment simulator for this process, and lead the shop to it by the environment."""
    simulator = Simulator(Path(os.environ["CLOUDCART_LOCAL_DIR"]) / "stripe.sqlite3")
    simulator.start()
    atexit.register(simulator.stop)
    os.environ.update(STRIPE_SECRET_KEY=KEY, STRIPE_WEBHOOK_SECRET=SECRET, STRIPE_API_BASE=simulator.url)
    return simulator


def load_shop() -> None:
    """Load the shop on the embedded AWS of the environment. It keeps quiet: deaths fill every log."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "cloudcart.settings"
    import django

    django.setup()
    logging.disable(logging.CRITICAL)
