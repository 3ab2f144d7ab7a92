from django.utils import timezone

from orders import sweeper
from orders.management.sweeping import SweepCommand


class Command(SweepCommand):
    """Look after payments that are due for it: pages whose time is over, delayed payments, refunds on their way."""

    help = "Look after unpaid orders past their time, delayed payments and refunds: once, or every so many seconds."
    event = "payments.swept"

    def sweep(self) -> int:
        return sweeper.sweep_payments(now=timezone.now())

    def tell(self, count: int) -> str:
        return f"Looked after {count} {'payment' if count == 1 else 'payments'}."
