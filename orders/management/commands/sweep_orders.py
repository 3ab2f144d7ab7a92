from django.utils import timezone

from orders import sweeper
from orders.management.sweeping import SweepCommand


class Command(SweepCommand):
    """Publish orders again whose effects are overdue: once, or every so many seconds until stopped."""

    help = "Publish orders again whose effects are overdue: once, or every so many seconds until stopped."
    event = "orders.swept"

    def sweep(self) -> int:
        return sweeper.sweep(now=timezone.now())

    def tell(self, count: int) -> str:
        return f"Published {count} {'order' if count == 1 else 'orders'} again."
