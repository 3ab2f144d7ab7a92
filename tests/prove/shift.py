"""One process's share of the proof: runs upon runs on an embedded AWS of its own, each told in one JSON line."""

import argparse
import json
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.prove import bench


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.prove.shift", description=__doc__)
    parser.add_argument("--seed", required=True)
    parser.add_argument("--first", type=int, default=0, help="the first run, or which part of all crash points")
    parser.add_argument("--count", type=int, required=True, help="how many runs, or parts")
    parser.add_argument("--every-step", action="store_true")
    options = parser.parse_args()
    # So that the embedded AWS and the simulator are ended with it.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    bench.start_aws()
    simulator = bench.start_simulator()
    bench.load_shop()

    from tests.prove.crashes import watched
    from tests.prove.world import World

    with ThreadPoolExecutor() as pool, watched():
        world = World(simulator, pool)
        world.open()
        if options.every_step:
            _prove_every_step(world, part=options.first, parts=options.count)
        else:
            _prove_chaos(world, seed=options.seed, first=options.first, count=options.count)


def _prove_chaos(world: Any, *, seed: str, first: int, count: int) -> None:
    from tests.prove import chaos
    from tests.prove.ledger import Ledger

    ledger = Ledger(world)
    for index in range(first, first + count):
        name = f"R{seed}S{index}"
        made = chaos.run(world, f"{seed}:{index}", name=name)
        _tell(f"{seed}:{index}", made, ledger.add(made, reference=f"{name}-"))
    print(json.dumps({"problems": ledger.close()}), flush=True)


def _prove_every_step(world: Any, *, part: int, parts: int) -> None:
    """Run every so-manieth case; the processes share them."""
    from tests.prove import every_step
    from tests.prove.ledger import Ledger

    ledger = Ledger(world)
    steps = every_step.count_steps(world, ledger, name=f"Q{part}")
    cases = list(every_step.list_cases(steps))
    print(json.dumps({"steps": steps, "cases": len(cases)}), flush=True)
    for index, case in list(enumerate(cases))[part::parts]:
        made = every_step.run(world, case, name=f"C{index}-0")
        _tell(str(case), made, ledger.add(made, reference=f"C{index}-"))
    print(json.dumps({"problems": ledger.close()}), flush=True)


def _tell(name: str, run: Any, problems: list[str]) -> None:
    told: dict[str, Any] = {"run": name, "steps": run.steps, "deaths": run.deaths, "problems": problems}
    if problems:
        told["trace"] = run.trace
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
