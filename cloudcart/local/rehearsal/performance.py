"""What is done in a rehearsal, in the order of docs/deploy.md."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import boto3

from cloudcart.aws import bundle_environment, stack
from cloudcart.local.rehearsal import bare_import, shopping
from cloudcart.local.rehearsal.paying import PaymentProvider
from cloudcart.local.rehearsal.queueing import TaskQueue
from cloudcart.local.rehearsal.stage import SHOP_HOST, Stage
from cloudcart.local.rehearsal.steps import RehearsalFailed, Steps, expect
from cloudcart.local.rehearsal.visitor import Page, Visitor

# What the first packages and the update are called, so that they differ.
_FIRST, _NEXT = "rehearsal-1", "rehearsal-2"


class Performance:
    """One rehearsal, step after step."""

    def __init__(self, stage: Stage, steps: Steps) -> None:
        self.stage = stage
        self._step = steps.step
        self._provider = PaymentProvider(stage)
        self._email = ""

    def run(self) -> None:
        """:raises RehearsalFailed: as soon as something is not as it should be."""
        self._deploy()
        visitor, product = self._visit()
        self._buy(visitor, product)
        self._buy_by_card(visitor, product)
        self._bury_poison(visitor, product)
        self._update_and_roll_back(visitor, product)
        self._undeploy()

    def close(self) -> None:
        """End what was started."""
        self._provider.close()

    def _deploy(self) -> None:
        names = self.stage.names
        self.stage.variables["RELEASE"] = _FIRST
        with self._step("provision the base: tables, queues, buckets, accounts, roles"):
            self.stage.manage("provision", "--stage", names.stage, "--part", "base", "--yes")
            self.stage.allow_by_other_names()
        with self._step("put the payment provider's keys into Secrets Manager"):
            self._provider.hand_out_keys()
        with self._step("publish static files"):
            self.stage.manage("publish_static", "--stage", names.stage)
        with self._step("zappa deploy of the web function and of the worker function"):
            bundle_environment.prepare()
            with ThreadPoolExecutor() as pool:
                list(pool.map(lambda name: self.stage.zappa("deploy", name), (names.stage, names.worker_stage)))
        with self._step("import both packages with nothing else on the path"):
            bare_import.check(names, self.stage.log_path.parent)
        with self._step("provision the edge: event sources, schedules, alarms"):
            self.stage.manage("provision", "--stage", names.stage, "--part", "edge", "--yes")
        with self._step("zappa manage seed: the demo products"):
            self._seed()
        self._provider.open()

    def _seed(self) -> None:
        # On a busy machine it takes longer than the function may run, and goes on where it was interrupted.
        for last in (False, False, True):
            try:
                self.stage.zappa("manage", self.stage.names.worker_stage, "seed")
                return
            except RehearsalFailed:
                if last:
                    raise

    def _visit(self) -> tuple[Visitor, Page]:
        visitor = Visitor(self.stage.base_url, SHOP_HOST)
        outputs = stack.read_outputs(self.stage.names.stack)
        with self._step("open every kind of page through API Gateway, and look for what they need in S3"):
            pages = shopping.look_around(visitor)
            static, media = outputs["StaticBucketName"], outputs["MediaBucketName"]
            shopping.check_assets(pages, static_bucket=static, media_bucket=media)
            visitor.get("/healthz")
            told = json.loads(visitor.get("/readyz").text)["release"]
            expect(told == _FIRST, f"The release {_FIRST} was deployed, and /readyz tells of {told}.")
        with self._step("sign up, with the code from the mail"):
            self._email = shopping.open_account(visitor, self.stage)
        return visitor, pages[-1]

    def _buy(self, visitor: Visitor, product: Page) -> None:
        with self._step("buy on invoice; the worker confirms the order and mails"):
            order = shopping.buy(visitor, product, email=self._email)
            shopping.wait_until_confirmed(visitor, self.stage, order)

    def _buy_by_card(self, visitor: Visitor, product: Page) -> None:
        with self._step("buy by card: page to pay on, signed webhook, way back, invoice, mail"):
            number, way_back = self._pay(visitor, product)
            self._provider.wait_until_told()
            # Nobody has come back yet: this is the webhook's doing, by way of SQS and the worker.
            shopping.wait_until_paid(visitor, number)
            order = visitor.get(way_back)
            expect("Thank you for your order" in order.text, f"The provider leads back to {order.path}.")
            shopping.wait_until_confirmed(visitor, self.stage, order)
            shopping.read_invoice(visitor, number)

    def _pay(self, visitor: Visitor, product: Page) -> tuple[str, str]:
        """Order by card and pay; gives the order's number and the way back to the shop."""
        way_back = self._provider.pay(shopping.order_by_card(visitor, product, email=self._email))
        return way_back.split("/")[2], way_back

    def _bury_poison(self, visitor: Visitor, product: Page) -> None:
        queue = TaskQueue(self.stage.names)
        with self._step("poison among the tasks: it is buried, and the order beside it confirmed"):
            poison = queue.send_poison()
            order = shopping.buy(visitor, product, email=self._email)
            shopping.wait_until_confirmed(visitor, self.stage, order)
            queue.wait_until_buried(poison)

    def _update_and_roll_back(self, visitor: Visitor, product: Page) -> None:
        names = self.stage.names
        before = self._code_hash(names.worker_function)
        with self._step("zappa update of the worker, with orders in flight, one of them by card"):
            self.stage.variables["RELEASE"] = _NEXT
            orders = self._order_during(visitor, product, "update", names.worker_stage)
            for order in orders:
                shopping.wait_until_confirmed(visitor, self.stage, order)
            shopping.wait_until_paid(visitor, shopping.order_number(orders[0]))
            expect(self._code_hash(names.worker_function) != before, "The update brought the code that was there.")
        with self._step("zappa rollback of the worker"):
            self.stage.zappa("rollback", names.worker_stage, "-n", "1")
            expect(self._code_hash(names.worker_function) == before, "The rollback brought other code than there was.")
            order = shopping.buy(visitor, product, email=self._email)
            shopping.wait_until_confirmed(visitor, self.stage, order)

    def _order_during(self, visitor: Visitor, product: Page, *command: str) -> list[Page]:
        failures: list[RehearsalFailed] = []

        def run() -> None:
            try:
                self.stage.zappa(*command)
            except RehearsalFailed as error:
                failures.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        number, _ = self._pay(visitor, product)
        orders = [visitor.get(f"/orders/{number}/")]
        # A few, over the time that the update takes: there are not many of the product.
        while thread.is_alive() and len(orders) < 3:
            orders.append(shopping.buy(visitor, product, email=self._email))
            thread.join(timeout=30)
        thread.join()
        if failures:
            raise failures[0]
        return orders

    def _undeploy(self) -> None:
        names = self.stage.names
        with self._step("zappa undeploy of both"):
            self.stage.zappa("undeploy", names.worker_stage, "-y")
            self.stage.zappa("undeploy", names.stage, "-y")
            left = [each["FunctionName"] for each in boto3.client("lambda").list_functions()["Functions"]]
            expect(not left, f"Functions are left: {left}")

    def _code_hash(self, function: str) -> str:
        return boto3.client("lambda").get_function_configuration(FunctionName=function)["CodeSha256"]
