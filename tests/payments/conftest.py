from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from orders.stripe_gateway import StripeGateway
from tests.payments.simulator import KEY, SECRET, STRIPE_TEST_KEY, Simulator, running_simulator


@pytest.fixture(scope="session")
def simulator_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with running_simulator(tmp_path_factory.mktemp("payments") / "stripe.sqlite3") as simulator:
        yield simulator


@pytest.fixture
def simulator(simulator_process: Simulator) -> Simulator:
    """A simulator that remembers nothing and sends nothing by itself."""
    simulator_process.ask("reset", all=True)
    simulator_process.switch_webhooks(is_held=True)
    return simulator_process


@pytest.fixture
def gateway(simulator: Simulator, settings: Any) -> StripeGateway:
    """The shop's gateway, with which the shop of this test pays at the simulator."""
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, SECRET
    settings.STRIPE_API_BASE = simulator.url
    return StripeGateway()


@pytest.fixture(params=["simulator", "stripe"])
def client(request: pytest.FixtureRequest) -> stripe.StripeClient:
    """The real SDK: against the simulator, and against Stripe's test mode if there is a key for it."""
    if request.param == "simulator":
        simulator: Simulator = request.getfixturevalue("simulator")
        return simulator.client
    if not STRIPE_TEST_KEY:
        pytest.skip("Set STRIPE_TEST_KEY=sk_test_… to ask Stripe's test mode the same questions.")
    assert "_test_" in STRIPE_TEST_KEY
    return stripe.StripeClient(STRIPE_TEST_KEY, max_network_retries=2)
