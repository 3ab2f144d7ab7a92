"""One run: people's journeys, what comes by itself, deaths in between, then quiet, then the invariants."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from cloudcart.dynamo import batch_get
from cloudcart.errors import StorefrontError
from orders.models import Idempotency, Order
from orders.outbox import EffectsFailed
from tests.prove import invariants
from tests.prove.aftermath import STRIPES_WORD, Journey
from tests.prove.crashes import Actor
from tests.prove.world import Act, Message, Webhook, World

# How time passes after a run, while sweepers look after what is left: claims lapse, pages expire, banks answer.
_LATER = tuple(timedelta(minutes=minutes) for minutes in (3, 45, 90, 8 * 60, 27 * 60, 3 * 24 * 60))


@dataclass
class Share:
    """Someone who waits for requests to end: a journey, or the queue, or Stripe."""

    journey: Journey | None = None
    message: Message | None = None
    webhook: Webhook | None = None
    outcomes: list[str] = field(default_factory=list)
    wanted: int = 1


@dataclass
class Run:
    """The state of one run; `tests.prove.chaos` and `tests.prove.every_step` say what happens next."""

    world: World
    ready: list[tuple[Act, Share]] = field(default_factory=list)
    alive: list[tuple[Actor, Act, Share]] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    webhooks: list[Webhook] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)
    # Deaths after SES had taken a mail and before that was noted, by order.
    mails_again: Counter[str] = field(default_factory=Counter)
    deaths: int = 0
    # Up to where the run is left alone to settle.
    moves: int = 0
    steps: int = 0
    # As they were when all was quiet.
    _settled: list[Order] = field(default_factory=list)
    _is_queue_changed: bool = True
    _labels: dict[int, list[str]] = field(default_factory=dict)

    def begin(self, journey: Journey) -> None:
        self._go_on(Share(journey), first=True)

    def start(self, act: Act, share: Share) -> None:
        self.trace.append(f"start {act.kind} {act.subject}")
        self.alive.append((Actor(act.kind, act.work, self.world.pool), act, share))

    def start_message(self, message: Message) -> None:
        kind = message.task.removeprefix("orders.")
        self.start(Act(kind, message.subject, self.world.work(message)), Share(message=message))

    def start_webhook(self, webhook: Webhook) -> None:
        self.start(Act("webhook", webhook.kind, self.world.hear(webhook)), Share(webhook=webhook))

    def move(self, index: int) -> None:
        actor, act, _ = self.alive[index]
        actor.move()
        self.steps += 1
        self._labels.setdefault(id(actor), []).append(actor.label)
        self._is_queue_changed |= actor.label.startswith("sqs.")
        self.world.is_stripe_changed |= actor.label.startswith("stripe.post")
        self.trace.append(f"  {act.kind} {act.subject} {actor.outcome or actor.label}")
        if actor.is_over:
            self._end(index)

    def kill(self, index: int) -> None:
        actor, act, _ = self.alive[index]
        self.trace.append(f"  {act.kind} {act.subject} dies after {actor.label}")
        self.deaths += 1
        if _is_mail_unnoted(self._labels.get(id(actor), [])):
            self.mails_again[act.subject] += 1
        actor.kill()
        self._end(index)

    def take_in(self) -> tuple[list[Message], list[Webhook]]:
        """Look what came by itself since the last time."""
        messages = self.world.new_messages() if self._is_queue_changed else []
        self._is_queue_changed = False
        return messages, self.world.new_webhooks() if self.world.is_stripe_changed else []

    def settle(self) -> None:
        """Let everything come to its end without further deaths, however long it takes."""
        while self.alive:
            self.move(0)
        for act, _ in self.ready:
            # What people were about to do, they leave; Stripe goes on telling of a payment until somebody listens.
            if act.kind == STRIPES_WORD:
                self._quietly(act)
        for number in self.world.disputes:
            # Staff ask for the truth sooner or later, should Stripe not have told it.
            self._quietly(Act("look", number, self.world.look(number)))
        for later in (None, *_LATER):
            if later is not None:
                self.world.advance(later)
                self._quietly(Act("sweep", "", self.world.sweep()))
                self._quietly(Act("sweep_payments", "", self.world.sweep_payments()))
            self._drain()
            self._settled = self.orders()
            if all(_is_settled(order) for order in self._settled):
                return
        self.problems.append("It did not come to rest within four days.")

    def orders(self) -> list[Order]:
        placed = batch_get({Idempotency: self.world.keys}, consistent=True).all_of(Idempotency).values()
        numbers = sorted(item.order_number for item in placed)
        found = batch_get({Order: numbers}, consistent=True)
        return [order for number in numbers if (order := found.find(Order, number)) is not None]

    def judge(self, books: Sequence[dict[str, object]]) -> list[Order]:
        """Check the invariants; gives the orders, whose mails are to be counted later."""
        orders = self._settled
        world = self.world
        self.problems += invariants.check(orders, stock=world.stock, books=books, disputes=world.disputes)
        return orders

    def _drain(self) -> None:
        for _ in range(12):
            messages, webhooks = self.take_in()
            self.messages += messages
            self.webhooks += webhooks
            if not self.messages and not self.webhooks:
                return
            waiting, self.messages = self.messages, []
            told, self.webhooks = self.webhooks, []
            for message in waiting:
                self._quietly(Act(message.task, message.subject, self.world.work(message)))
            for webhook in told:
                self._quietly(Act("webhook", webhook.kind, self.world.hear(webhook)))

    def _quietly(self, act: Act) -> None:
        self.trace.append(f"quietly {act.kind} {act.subject}")
        self._is_queue_changed = self.world.is_stripe_changed = True
        try:
            act.work()
        except (StorefrontError, EffectsFailed) as error:
            self.trace.append(f"  failed: {error}")
        except Exception as error:  # noqa: BLE001 - it is what the run looks for
            self.problems.append(f"{act.kind} {act.subject} raised {type(error).__name__}: {error}")

    def _end(self, index: int) -> None:
        actor, act, share = self.alive.pop(index)
        self._labels.pop(id(actor), None)
        if actor.error is not None and not isinstance(actor.error, StorefrontError | EffectsFailed):
            self.problems.append(f"{act.kind} {act.subject} raised {type(actor.error).__name__}: {actor.error}")
        share.outcomes.append(actor.outcome)
        if actor.outcome != "done":
            # The queue and Stripe tell again until it was done.
            self.messages += [share.message] if share.message else []
            self.webhooks += [share.webhook] if share.webhook else []
        if len(share.outcomes) == share.wanted:
            self._go_on(share)

    def _go_on(self, share: Share, *, first: bool = False) -> None:
        if share.journey is None:
            return
        try:
            acts = next(share.journey) if first else share.journey.send(share.outcomes)
        except StopIteration:
            return
        following = Share(share.journey, wanted=len(acts))
        self.ready += [(act, following) for act in acts]


def _is_settled(order: Order) -> bool:
    is_waiting = order.payment_status in {"new", "awaiting", "processing"} or order.is_pending
    owes = order.pending_effects or any(refund.is_pending for refund in order.refunds)
    return not (is_waiting and order.payment_status != "review") and not owes and not order.delayed_session_ids


def _is_mail_unnoted(labels: Sequence[str]) -> bool:
    sent = max((index for index, label in enumerate(labels) if label.startswith("ses.")), default=-1)
    noted = max((index for index, label in enumerate(labels) if label == "dynamodb.UpdateItem"), default=-1)
    return sent > noted
