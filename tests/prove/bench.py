"""An embedded AWS and a payment simulator for one process of the proof."""

import atexit
import logging
import os
import tempfile
from pathlib import Path

from tests import plugin
from tests.payments.simulator import KEY, SECRET, Simulator


def start_aws() -> None:
    """Start an embedded AWS for this process, and deploy the stack to it. What needs settings is imported after."""
    os.environ["CLOUDCART_LOCAL_DIR"] = tempfile.mkdtemp(prefix="cloudcart-prove-")
    os.environ["DEBUG"] = "1"
    plugin._start_aws()


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
