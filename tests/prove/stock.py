"""`make prove-stock`: many shoppers, few units, at once from several processes: not one unit is sold twice."""

import argparse
import random
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from cloudcart.local.console import console
from cloudcart.local.folder import PROJECT_DIR
from tests.prove import bench

SKUS = 10
THREADS = 6
# Of those who got something, so many think better of it: units come back and are fought for again.
CANCELED = 0.5


@dataclass
class Told:
    """What one process has counted."""

    attempts: int = 0
    placed: int = 0
    canceled: int = 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.prove.stock", description=__doc__)
    parser.add_argument("--attempts", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--units", type=int, default=300, help="of each SKU")
    parser.add_argument("--skus", nargs="*", default=[], help="not for people: this process is one of several")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.skus:
        return _shop(options.attempts, options.skus, seed=options.seed)
    return _prove(options.attempts, units=options.units, processes=options.processes)


def _prove(attempts: int, *, units: int, processes: int) -> int:
    bench.start_aws()
    bench.load_shop()
    from catalog.models import Stock
    from tests.factories import make_product

    products = [make_product(title=f"Wanted {index}", stock=units) for index in range(SKUS)]
    names = [product.product_id for product in products]
    started = time.monotonic()
    share = attempts // processes
    with ThreadPoolExecutor(processes) as pool:
        told = list(pool.map(lambda index: _start(share, names, seed=index), range(processes)))
    seconds = time.monotonic() - started
    total = Told(*(sum(each) for each in zip(*((t.attempts, t.placed, t.canceled) for t in told), strict=True)))
    levels = {product.variants[0].sku: Stock.get(product.variants[0].sku, consistent_read=True) for product in products}
    problems = _check(levels, total, units=units)
    console.print(
        f"{total.attempts:,} attempts on {SKUS} SKUs of {units} units by {processes} processes of {THREADS} threads: "
        f"{total.placed:,} orders, {total.canceled:,} of them canceled, {seconds / 60:.1f} minutes, "
        f"{total.attempts / seconds:.0f} attempts a second."
    )
    console.print("0 oversold." if not problems else "\n".join(problems))
    return 1 if problems else 0


def _check(levels: dict[str, Any], total: Told, *, units: int) -> list[str]:
    from orders.models import Idempotency, Order
    from orders.status import StockState

    held, orders = Counter[str](), 0
    for order in Order.scan():
        orders += 1
        if order.stock_state == StockState.RESERVED:
            held.update({line.sku: line.quantity for line in order.lines})
    problems = [
        f"{sku}: {level.available} available, {level.reserved} reserved, {held[sku]} in orders, of {units}."
        for sku, level in levels.items()
        if level.available < 0 or level.reserved != held[sku] or level.available + level.reserved != units
    ]
    if orders != total.placed or Idempotency.count() != orders:
        problems.append(f"{total.placed} orders were told of, {orders} are there.")
    return problems


def _start(attempts: int, names: list[str], *, seed: int) -> Told:
    command = [sys.executable, "-m", "tests.prove.stock", "--attempts", str(attempts), "--seed", str(seed)]
    done = subprocess.run([*command, "--skus", *names], cwd=PROJECT_DIR, stdout=subprocess.PIPE, text=True, check=True)
    return Told(*map(int, done.stdout.split()[-3:]))


def _shop(attempts: int, names: list[str], *, seed: int) -> int:
    """Buy in this process, on the embedded AWS of the environment; prints what was counted."""
    bench.load_shop()
    from catalog.models import Product

    products = [Product.get(name) for name in names]
    with ThreadPoolExecutor(THREADS) as pool:
        told = list(pool.map(lambda thread: _buy(attempts // THREADS, products, f"{seed}:{thread}"), range(THREADS)))
    print(*(sum(getattr(each, name) for each in told) for name in ("attempts", "placed", "canceled")))
    return 0


def _buy(attempts: int, products: list[Any], seed: str) -> Told:
    from cloudcart.errors import EditConflict
    from orders.cancellation import BY_SHOPPER, cancel_order
    from orders.checkout import InsufficientStock
    from tests.clock import NOW
    from tests.orders.carts import Submission, make_cart, make_line

    rng, told, submissions = random.Random(seed), Told(), dict[int, Submission]()
    for _ in range(attempts):
        wanted = rng.randrange(len(products))
        if wanted not in submissions:
            lines = (make_line(products[wanted], 1), make_line(products[(wanted + 1) % len(products)], 1))
            submissions[wanted] = Submission.of(make_cart(*lines[: rng.choice((1, 1, 2))]))
        told.attempts += 1
        try:
            order = submissions[wanted].place()
        except (InsufficientStock, EditConflict):
            continue
        told.placed += 1
        del submissions[wanted]
        if rng.random() < CANCELED:
            cancel_order(number=order.number, reason=BY_SHOPPER, now=NOW, publish=lambda number: None)
            told.canceled += 1
    return told


if __name__ == "__main__":
    sys.exit(main())
