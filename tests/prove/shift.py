"""One process's share of the proof: runs upon runs on an embedded AWS of its own, each told in one JSON line."""

import argparse
import atexit
import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.prove import bench


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.prove.shift", description=__doc__)
    parser.add_argument("--seed", required=True)
    parser.add_argument("--first", type=int, default=0, help="the first run, or crash point")
    parser.add_argument("--count", type=int, default=0, help="how many runs, or crash points")
    parser.add_argument("--every-step", action="store_true", help="count the steps of all journeys, and run none")
    parser.add_argument("--steps", type=json.loads, help="run the crash points of so many steps of each journey")
    parser.add_argument("--near", action="store_true", help="with the embedded AWS within this process")
    options = parser.parse_args()
    # So that the embedded AWS and the simulator are ended with it; whoever sits at a terminal stops all of them.
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    bench.start_near_aws() if options.near else bench.start_aws()
    simulator = bench.start_simulator()
    bench.load_shop()

    from tests.prove.crashes import watched
    from tests.prove.world import World

    with ThreadPoolExecutor() as pool, watched():
        world = World(simulator, pool)
        world.open()
        share = range(options.first, options.first + options.count)
        if options.every_step:
            _count_steps(world)
        elif options.steps:
            _prove_every_step(world, options.steps, share)
        else:
            _prove_chaos(world, options.seed, share)


def _end(number: int, frame: Any) -> None:
    # The threads of a run wait for each other for ever, so that nothing can be ended in an orderly way.
    atexit._run_exitfuncs()
    os._exit(1)


def _prove_chaos(world: Any, seed: str, share: range) -> None:
    from tests.prove import chaos
    from tests.prove.ledger import Ledger

    ledger = Ledger(world)
    for index in share:
        name = f"R{seed}S{index}"
        made = chaos.run(world, f"{seed}:{index}", name=name)
        _tell(f"{seed}:{index}", made, ledger.add(made, reference=f"{name}-"))
    _close(ledger)


def _count_steps(world: Any) -> None:
    from tests.prove import every_step
    from tests.prove.ledger import Ledger

    ledger = Ledger(world)
    print(json.dumps({"steps": every_step.count_steps(world, ledger, name="Q")}), flush=True)
    _close(ledger)


def _prove_every_step(world: Any, steps: dict[str, int], share: range) -> None:
    from tests.prove import every_step
    from tests.prove.ledger import Ledger

    ledger, cases = Ledger(world), list(every_step.list_cases(steps))
    for index in share:
        made = every_step.run(world, cases[index], name=f"C{index}-0")
        _tell(f"{index}: {cases[index]}", made, ledger.add(made, reference=f"C{index}-"))
    _close(ledger)


def _close(ledger: Any) -> None:
    print(json.dumps({"problems": ledger.close(), "closed": True}), flush=True)


def _tell(name: str, run: Any, problems: list[str]) -> None:
    told: dict[str, Any] = {"run": name, "steps": run.steps, "deaths": run.deaths, "problems": problems}
    if problems:
        told["trace"] = run.trace
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
