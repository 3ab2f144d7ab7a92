"""`make prove-stock`: many shoppers, few units, at once from several processes: not one unit is sold twice."""

import argparse
import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from cloudcart.local.console import console
from cloudcart.local.folder import PROJECT_DIR
from tests.prove import bench

SKUS = 10
THREADS = 6
# Before an attempt, so many call off an order of theirs: units come back and are fought for again.
CALLED_OFF = 0.25
# Of the orders, so many are taken on by the worker, so that their units are sold and not just reserved.
TAKEN_ON = 0.2
# Of the attempts, so many are for two SKUs.
FOR_TWO = 0.33
_SECONDS_A_LINE = 20
_COUNTED = ("attempts", "placed", "refused", "outrun", "canceled", "confirmed")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.prove.stock", description=__doc__)
    parser.add_argument("--attempts", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--units", type=int, default=30, help="of each SKU")
    parser.add_argument("--skus", nargs="*", default=[], help="not for people: this process is one of several")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--near", action="store_true", help="in one process, with the embedded AWS in it: cheaper")
    options = parser.parse_args()
    if options.skus:
        bench.load_shop()
        _shop(options.attempts, options.skus, options.seed, lambda total: print(json.dumps(total), flush=True))
        return 0
    return (_prove_near if options.near else _prove)(options)


def _prove_near(options: argparse.Namespace) -> int:
    """Have all shoppers in this process, in threads. The embedded AWS takes their requests one after the other."""
    bench.start_near_aws()
    bench.load_shop()
    names, skus = _stock_up(options.units)
    started = time.monotonic()
    total = _shop(options.attempts, names, options.seed, lambda total: _tell(total, started))
    return _judge(total, skus, options, [], seconds=time.monotonic() - started)


def _prove(options: argparse.Namespace) -> int:
    bench.start_aws()
    bench.load_shop()
    names, skus = _stock_up(options.units)
    started, told = time.monotonic(), dict[int, Counter[str]]()
    processes, seed = options.processes, options.seed
    shares = _split(options.attempts, processes)
    children = [_start(share, names, seed=seed * 1_000 + index) for index, share in enumerate(shares)]

    def stop(number: int, frame: Any) -> None:
        # They end what they are at and tell what they have done; then what is there is judged.
        for child in children:
            child.terminate()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    with ThreadPoolExecutor(processes) as pool:
        list(pool.map(lambda child: _listen(child, told, started), children))
    problems = ["A process ended with an error."] if any(child.wait() for child in children) else []
    return _judge(_sum(told), skus, options, problems, seconds=time.monotonic() - started)


def _stock_up(units: int) -> tuple[list[str], list[str]]:
    """Make the products; gives their ids and SKUs."""
    from tests.factories import make_product

    products = [make_product(title=f"Wanted {index}", stock=units) for index in range(SKUS)]
    return [product.product_id for product in products], [product.variants[0].sku for product in products]


def _judge(
    total: Counter[str], skus: list[str], options: argparse.Namespace, problems: list[str], *, seconds: float
) -> int:
    from catalog.models import Stock

    levels = {sku: Stock.get(sku, consistent_read=True) for sku in skus}
    problems += _check(levels, total, units=options.units)
    who = "1 process" if options.near else f"{options.processes} processes"
    console.print(_describe(total, options.units, who, seconds), highlight=False)
    console.print("0 oversold." if not problems else "\n".join(problems), highlight=False)
    return 1 if problems else 0


def _describe(total: Counter[str], units: int, who: str, seconds: float) -> str:
    counted = ", ".join(f"{total[name]:,} {name}" for name in _COUNTED[1:])
    return (
        f"{total['attempts']:,} attempts on {SKUS} SKUs of {units} units by {who} of {THREADS} "
        f"threads: {counted}; {seconds / 60:.1f} minutes, {total['attempts'] / seconds:.0f} attempts a second."
    )


def _check(levels: dict[str, Any], total: Counter[str], *, units: int) -> list[str]:
    from orders.models import Idempotency, Order
    from orders.status import StockState
    from tests.prove import invariants

    held, orders = {state: Counter[str]() for state in StockState}, 0
    for order in Order.scan():
        orders += 1
        held[StockState(order.stock_state)].update({line.sku: line.quantity for line in order.lines})
    reserved, sold = held[StockState.RESERVED], held[StockState.SOLD]
    problems = [
        f"{sku}: {level.available} available, {level.reserved} reserved, {reserved[sku]} in orders, "
        f"{sold[sku]} sold, of {units}."
        for sku, level in levels.items()
        if level.available < 0
        or level.reserved != reserved[sku]
        or level.available + level.reserved + sold[sku] != units
    ]
    if orders != total["placed"] or Idempotency.count() != orders:
        problems.append(f"{total['placed']} orders were told of, {orders} are there.")
    return problems + invariants.check_ledger()


def _start(attempts: int, names: list[str], *, seed: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.prove.stock", "--attempts", str(attempts), "--seed", str(seed)]
    return subprocess.Popen([*command, "--skus", *names], cwd=PROJECT_DIR, stdout=subprocess.PIPE, text=True)


def _listen(child: "subprocess.Popen[str]", told: dict[int, Counter[str]], started: float) -> None:
    assert child.stdout is not None
    for line in child.stdout:
        if line.startswith("{"):
            told[child.pid] = Counter(json.loads(line))
            _tell(_sum(told), started)


def _tell(total: Counter[str], started: float) -> None:
    counted = ", ".join(f"{total[name]:,} {name}" for name in _COUNTED)
    console.print(f"{time.monotonic() - started:.0f} s: {counted}")


def _split(attempts: int, parts: int) -> list[int]:
    """Share attempts out so evenly that the parts differ by one at most."""
    return [attempts // parts + (index < attempts % parts) for index in range(parts)]


def _sum(told: dict[int, Counter[str]]) -> Counter[str]:
    return sum(told.values(), Counter[str]())


def _shop(attempts: int, names: list[str], seed: int, tell: Callable[[Counter[str]], None]) -> Counter[str]:
    """Buy in this process, on the embedded AWS of the environment; tells now and then, and gives what was counted."""
    from catalog.models import Product

    products, is_over = [Product.get(name) for name in names], False
    counts = [Counter[str]() for _ in range(THREADS)]
    stopped: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: stopped.append(number))
    with ThreadPoolExecutor(THREADS) as pool:
        work = [
            pool.submit(_buy, share, products, f"{seed}:{index}", counts[index], stopped)
            for index, share in enumerate(_split(attempts, THREADS))
        ]
        while not is_over:
            is_over = all(each.done() for each in work)
            if not is_over:
                time.sleep(1 if stopped else _SECONDS_A_LINE)
            tell(sum(counts, Counter[str]()))
        for each in work:
            each.result()
    return sum(counts, Counter[str]())


def _buy(attempts: int, products: list[Any], seed: str, counts: Counter[str], stopped: list[int]) -> None:
    from cloudcart.errors import EditConflict
    from orders.checkout import InsufficientStock
    from tests.orders.carts import Submission, make_cart, make_line

    rng, held = random.Random(seed), list[str]()
    submissions = dict[tuple[int, ...], Submission]()
    for _ in range(attempts):
        if stopped:
            return
        if held and rng.random() < CALLED_OFF:
            _call_off(held.pop(rng.randrange(len(held))), counts)
        first = rng.randrange(len(products))
        wanted = (first, (first + 1) % len(products)) if rng.random() < FOR_TWO else (first,)
        if wanted not in submissions:
            submissions[wanted] = Submission.of(make_cart(*(make_line(products[each], 1) for each in wanted)))
        counts["attempts"] += 1
        try:
            order = submissions[wanted].place()
        except InsufficientStock:
            counts["refused"] += 1
            continue
        except EditConflict:
            # So many wanted the same units at once that it was given up, with nothing ordered.
            counts["outrun"] += 1
            continue
        counts["placed"] += 1
        del submissions[wanted]
        held.append(order.number)
        if rng.random() < TAKEN_ON:
            _take_on(order.number, counts)


def _take_on(number: str, counts: Counter[str]) -> None:
    from orders.services import confirm_order
    from tests.clock import NOW

    confirm_order(number=number, now=NOW)
    counts["confirmed"] += 1


def _call_off(number: str, counts: Counter[str]) -> None:
    from orders.cancellation import BY_SHOPPER, cancel_order
    from tests.clock import NOW

    cancel_order(number=number, reason=BY_SHOPPER, now=NOW, publish=lambda number: None)
    counts["canceled"] += 1


if __name__ == "__main__":
    sys.exit(main())
