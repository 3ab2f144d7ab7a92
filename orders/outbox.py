"""Do what an order left to be done, each thing once, however many workers hear of it.

An order is written together with the names of its effects (docs/adr/0002). A worker claims an effect
by a conditional write, does it, and records it. A worker that dies in between leaves a claim that
lapses, and the sweeper sends the next one.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from orders import effects, services
from orders.effect_names import GRACE
from orders.models import Effect, Order

__all__ = ["CLAIM", "GRACE", "Effects", "EffectsFailed", "UnknownEffect", "process_order"]

logger = structlog.get_logger(__name__)

# Longer than a task may run (90 s, cloudcart.celery), so that no claim lapses while its worker lives.
CLAIM = timedelta(seconds=120)

Effects = Mapping[str, Callable[..., None]]


class EffectsFailed(Exception):
    """Some effects could not be done now; the others were, and a later try does only these."""

    def __init__(self, number: str, names: list[str]) -> None:
        self.number = number
        self.names = names
        super().__init__(f"Effects of order {number} failed: {', '.join(names)}")


class UnknownEffect(Exception):
    """The order asks for something that this version of the shop cannot do (yet)."""


def process_order(*, number: str, now: datetime, known: Effects = effects.EFFECTS) -> list[str]:
    """Confirm a pending order, then do its pending effects; gives the names of those done now.

    Harmless to repeat and to run twice at once: what is done or claimed by another worker is left
    alone.

    :param known: what to do for each name; `name:argument` is the function under `name`, given the argument.
    :raises OrderNotFound: if there is no such order.
    :raises EffectsFailed: if an effect raised; its claim lapses after two minutes.
    """
    order = services.confirm_order(number=number, now=now)
    done, failed = [], []
    for name in [effect.name for effect in order.pending_effects]:
        try:
            if _do_once(order, name, now=now, known=known):
                done.append(name)
        except Exception as error:
            # One broken effect must not keep the others from happening.
            logger.exception("order.effect_failed", number=number, effect=name, exc_info=error)
            failed.append(name)
    if failed:
        raise EffectsFailed(number, failed)
    return done


def _do_once(order: Order, name: str, *, now: datetime, known: Effects) -> bool:
    kind, _, argument = name.partition(":")
    if kind not in known:
        raise UnknownEffect(name)
    if not _claim(order, name, now=now):
        return False
    known[kind](order, *([argument] if argument else []))
    # From here to the record is the one gap that nothing can close: who dies in it does it again.
    _record(order, name, now=now)
    return True


def _claim(order: Order, name: str, *, now: datetime) -> bool:
    def claim(order: Order) -> bool:
        effect = _effect(order, name)
        if not effect.can_be_claimed(now):
            return False
        effect.claimed_until = now + CLAIM
        return True

    return services.change_order(order, claim)


def _record(order: Order, name: str, *, now: datetime) -> None:
    def record(order: Order) -> bool:
        effect = _effect(order, name)
        effect.done_at, effect.claimed_until = now, None
        if not order.pending_effects:
            order.due = order.due_at = None
        return True

    services.change_order(order, record)


def _effect(order: Order, name: str) -> Effect:
    effect = order.find_effect(name)
    if effect is None:
        raise UnknownEffect(name)
    return effect
