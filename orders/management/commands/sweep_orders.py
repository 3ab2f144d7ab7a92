from django.utils import timezone

from cloudcart import metrics
from cloudcart.metrics import Metric
from orders import sweeper
from orders.management.sweeping import SweepCommand


class Command(SweepCommand):
    """Publish orders again whose effects are overdue: once, or every so many seconds until stopped."""

    help = "Publish orders again whose effects are overdue: once, or every so many seconds until stopped."
    event = "orders.swept"

    def sweep(self) -> int:
        now = timezone.now()
        # Before the pass, which postpones: what was missed for an hour is to be seen.
        wait = sweeper.find_longest_wait(now=now)
        metrics.gauge_seconds(Metric.OLDEST_UNFINISHED_EFFECT, wait.total_seconds())
        return sweeper.sweep(now=now)

    def tell(self, count: int) -> str:
        return f"Published {count} {'order' if count == 1 else 'orders'} again."
