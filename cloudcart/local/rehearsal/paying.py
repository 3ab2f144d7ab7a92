"""Stripe's part in a rehearsal: the payment simulator with keys of its own, and a shopper who pays there."""

import json
import secrets
import subprocess
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import boto3

from cloudcart.local.emulator import find_free_port
from cloudcart.local.rehearsal.stage import SHOP_HOST, Stage
from cloudcart.local.rehearsal.steps import RehearsalFailed, expect
from cloudcart.local.rehearsal.visitor import Visitor
from cloudcart.local.rehearsal.waiting import wait_until

_WEBHOOK = "/webhooks/stripe/"
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class PaymentProvider:
    """The simulated Stripe of one rehearsal, which sends its webhooks to the deployed function."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._port = find_free_port()
        self._webhook_secret = f"whsec_{secrets.token_hex(16)}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def hand_out_keys(self) -> None:
        """Put the keys where docs/deploy.md has Stripe's put, and have the functions told where to pay."""
        keys = {"STRIPE_SECRET_KEY": f"sk_test_{secrets.token_hex(16)}", "STRIPE_WEBHOOK_SECRET": self._webhook_secret}
        boto3.client("secretsmanager").put_secret_value(
            SecretId=self._stage.names.stripe_secret, SecretString=json.dumps(keys)
        )
        self._stage.variables["STRIPE_API_BASE"] = self.url

    def open(self) -> None:
        """Start, once there is an API for the webhooks to go to.

        :raises RehearsalFailed: if it does not answer in time.
        """
        state = self._stage.log_path.with_name("payments.db")
        self._process = self._stage.start(
            *("payments", "manage.py", "payment_simulator", "--port", str(self._port)),
            *("--shop-url", f"https://{SHOP_HOST}/", "--webhook-url", self._stage.base_url + _WEBHOOK),
            *("--webhook-secret", self._webhook_secret, "--state", str(state)),
        )
        wait_until(self._is_open, "The payment simulator does not answer.")

    def close(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def pay(self, address: str) -> str:
        """Pay by card on the page that the shop led to; gives the path of the shop's that it leads back to.

        :raises RehearsalFailed: if it is no page of the provider's, or the card is not taken.
        """
        expect(address.startswith(self.url), f"The shop leads to {address} for a payment.")
        shopper = Visitor(self.url, urlsplit(self.url).netloc)
        path = urlsplit(address).path
        page = shopper.get(path)
        back = urlsplit(shopper.leave(path, page.form(path)))
        expect(back.netloc == SHOP_HOST, f"The provider leads back to {back.netloc}.")
        return f"{back.path}?{back.query}"

    def wait_until_told(self) -> None:
        """Wait until the deployed function has taken every webhook.

        :raises RehearsalFailed: if it refuses one, or does not answer in time.
        """
        wait_until(lambda: all(each["state"] != "waiting" for each in self._deliveries()), "A webhook is not taken.")
        answers = {each["answer"] for each in self._deliveries()}
        expect(answers == {"200"}, f"The function answers {answers} to webhooks.")

    def _deliveries(self) -> list[dict[str, str]]:
        with _opener.open(f"{self.url}/_simulator/deliveries", timeout=10) as answer:
            deliveries: list[dict[str, str]] = json.loads(answer.read())
        return deliveries

    def _is_open(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise RehearsalFailed("The payment simulator ended at once; payments.log tells why.")
        try:
            self._deliveries()
        except (urllib.error.URLError, OSError):
            return False
        return True
