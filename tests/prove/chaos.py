"""Random interleavings: who moves, who dies, what is lost, doubled, late or early, by a seed that can be replayed."""

import random
from datetime import timedelta

from tests.prove.journeys import random_plan, shop
from tests.prove.runs import Run, Share
from tests.prove.world import Act, World

# Of the processes that are at work at the same time.
_MOST_ALIVE = 4
_MOST_TURNS = 400
_DROPPED, _DOUBLED = 0.1, 0.15
# Longer than any request or task may last: nothing that was at work before is alive after.
_JUMPS = (timedelta(minutes=2), timedelta(minutes=20), timedelta(minutes=40), timedelta(hours=3), timedelta(hours=30))


def run(world: World, seed: str, *, name: str) -> Run:
    """Make one random run, up to where all is quiet again.

    :param name: how the numbers of its orders begin.
    """
    rng = random.Random(seed)
    world.stock_up([rng.choice((1, 2, 3, 6)), rng.choice((1, 2, 6))])
    made = Run(world)
    for index in range(rng.choice((1, 1, 2, 2, 3))):
        made.begin(shop(world, random_plan(rng), name=f"{name}-{index}"))
    for _ in range(_MOST_TURNS):
        if not _turn(made, rng):
            break
    made.settle()
    return made


def _turn(run: Run, rng: random.Random) -> bool:
    """Let one thing happen; False if there is nothing left to happen."""
    waiting = [("ready", index) for index in range(len(run.ready))]
    waiting += [("message", index) for index in range(len(run.messages))]
    waiting += [("webhook", index) for index in range(len(run.webhooks))]
    if not run.alive and not waiting:
        _take_in(run, rng)
        return bool(run.messages or run.webhooks)
    dice = rng.random()
    if run.alive and dice < 0.03:
        run.kill(rng.randrange(len(run.alive)))
    elif dice < 0.04:
        _jump(run, rng)
    elif dice < 0.06 and len(run.alive) < _MOST_ALIVE:
        sweep = rng.choice((("sweep", run.world.sweep()), ("sweep_payments", run.world.sweep_payments())))
        run.start(Act(sweep[0], "", sweep[1]), Share())
    elif waiting and len(run.alive) < _MOST_ALIVE and (not run.alive or dice < 0.3):
        _start(run, *rng.choice(waiting))
    elif run.alive:
        _move(run, rng)
    return True


def _move(run: Run, rng: random.Random) -> None:
    index = rng.randrange(len(run.alive))
    actor = run.alive[index][0]
    run.move(index)
    if actor.is_over:
        _take_in(run, rng)


def _start(run: Run, kind: str, index: int) -> None:
    if kind == "ready":
        run.start(*run.ready.pop(index))
    elif kind == "message":
        run.start_message(run.messages.pop(index))
    else:
        run.start_webhook(run.webhooks.pop(index))


def _jump(run: Run, rng: random.Random) -> None:
    """Let time pass. Whoever is at work ends before, one way or the other."""
    while run.alive:
        if rng.random() < 0.5:
            run.kill(0)
        else:
            run.move(0)
    run.world.advance(rng.choice(_JUMPS))
    _take_in(run, rng)


def _take_in(run: Run, rng: random.Random) -> None:
    messages, webhooks = run.take_in()
    run.messages += [each for each in messages for _ in range(_copies(rng))]
    run.webhooks += [each for each in webhooks for _ in range(_copies(rng))]


def _copies(rng: random.Random) -> int:
    dice = rng.random()
    return 0 if dice < _DROPPED else 2 if dice < _DROPPED + _DOUBLED else 1
