"""What a shop costs a month on AWS, from what a purchase was measured to need. `python -m cloudcart.aws.costs`

Prices are AWS's list prices in eu-central-1 (Frankfurt) in US dollars, without tax, as of PRICES_DATE and from
memory of its price pages: check them there before you count on them. The free tiers that never end are taken off.
"""

from collections.abc import Iterable
from dataclasses import dataclass

PRICES_DATE = "November 2026"
REGION = "eu-central-1"
ORDERS_A_MONTH = (0, 1_000, 1_000_000)
GIB = 1024**3


@dataclass(frozen=True)
class Need:
    """What something takes: requests to the function, DynamoDB's units, messages.

    Read and write units are those of on-demand tables: reads of 4 kB, writes of 1 kB, indexes included.
    """

    requests: int
    reads: float
    writes: float
    messages: int = 0


# Measured on the embedded AWS, which bills items as DynamoDB does; tests/cloudcart/test_costs.py measures again.
PURCHASE = Need(requests=9, reads=20.5, writes=74.0, messages=1)
PAGE = Need(requests=1, reads=1.0, writes=0.0)

# Assumed of visitors, for each order.
PAGES_PER_ORDER = 40
KEPT_BY_CLOUDFRONT = 0.6
FILES_PER_ORDER = 60
KB_PER_ORDER = 3_000
# Assumed of the functions, warm: 1769 MB, milliseconds of a request and of a task with its mail and events.
GB = 1769 / 1024
REQUEST_MS, TASK_MS, SWEEP_MS = 60, 400, 60
MAILS_PER_ORDER, EVENTS_PER_ORDER, STREAM_BATCHES_PER_ORDER = 2, 4, 6
# Kept for each order, and for a year: its item, invoice, ledger entries.
KB_KEPT_PER_ORDER, MONTHS_KEPT = 12, 12
LOG_KB_PER_INVOCATION = 1.2
MINUTES = 30 * 24 * 60
SCHEDULES, ALARMS, METRICS, SECRETS = 2, 13, 7, 2


@dataclass(frozen=True)
class Line:
    """One service on the bill of a month; ``free`` is what AWS never charges for."""

    service: str
    amount: float
    unit_price: float
    free: float = 0

    @property
    def dollars(self) -> float:
        return max(0.0, self.amount - self.free) * self.unit_price


def bill(orders: int) -> list[Line]:
    """Give the lines of a month with so many orders."""
    pages = orders * PAGES_PER_ORDER * (1 - KEPT_BY_CLOUDFRONT)
    requests = orders * PURCHASE.requests + pages
    tasks = orders * (PURCHASE.messages + STREAM_BATCHES_PER_ORDER)
    sweeps = MINUTES * SCHEDULES
    invocations = requests + tasks + sweeps
    seconds = (requests * REQUEST_MS + tasks * TASK_MS + sweeps * SWEEP_MS) / 1000
    kept_gb = orders * MONTHS_KEPT * KB_KEPT_PER_ORDER / 1024**2
    # Each sweeper's look is a query or two, and each is half a unit at least.
    reads = orders * PURCHASE.reads + pages * PAGE.reads + sweeps * 1.0
    return [
        Line("Lambda requests", invocations, 0.20e-6, free=1e6),
        Line("Lambda time (GB-seconds)", seconds * GB, 16.6667e-6, free=400_000),
        Line("API Gateway, HTTP API", requests, 1.20e-6),
        Line(
            "CloudFront requests", orders * (PAGES_PER_ORDER + PURCHASE.requests + FILES_PER_ORDER), 1.20e-6, free=1e7
        ),
        Line("CloudFront transfer (GB)", orders * KB_PER_ORDER / 1024**2, 0.085, free=1024),
        Line("DynamoDB reads", reads, 0.1525e-6),
        Line("DynamoDB writes", orders * PURCHASE.writes, 0.7625e-6),
        Line("DynamoDB storage (GB)", kept_gb, 0.306, free=25),
        Line("DynamoDB point-in-time recovery (GB)", kept_gb, 0.2448),
        # Lambda asks the queue all the time, with long polls of five pollers.
        Line("SQS requests", orders * PURCHASE.messages * 2.2 + 5 * 3 * MINUTES, 0.40e-6, free=1e6),
        Line("SES mails", orders * MAILS_PER_ORDER, 0.10e-3),
        Line("EventBridge events", orders * EVENTS_PER_ORDER, 1.00e-6),
        Line("SNS messages", orders * EVENTS_PER_ORDER, 0.50e-6, free=1e6),
        Line("S3 storage (GB)", 1 + orders * MONTHS_KEPT * 40 / 1024**2, 0.0245),
        Line("S3 requests", orders * (2 + FILES_PER_ORDER * 0.05), 5.4e-6),
        Line("CloudWatch logs (GB)", invocations * LOG_KB_PER_INVOCATION / 1024**2, 0.63, free=5),
        Line("CloudWatch alarms", ALARMS, 0.10, free=10),
        Line("CloudWatch metrics", METRICS, 0.30, free=10),
        Line("X-Ray traces", invocations * 0.05, 5.00e-6, free=100_000),
        Line("Secrets Manager", SECRETS, 0.40),
    ]


def total(lines: Iterable[Line]) -> float:
    return sum(line.dollars for line in lines)


def as_markdown() -> str:
    """Give the table of docs/costs.md: a row for each service, a column for each number of orders."""
    bills = [bill(orders) for orders in ORDERS_A_MONTH]
    heads = " | ".join(f"{orders:,} orders" for orders in ORDERS_A_MONTH)
    rows = [
        f"| {lines[0].service} | {' | '.join(f'{line.dollars:,.2f}' for line in lines)} |"
        for lines in zip(*bills, strict=True)
    ]
    sums = " | ".join(f"**{total(lines):,.2f}**" for lines in bills)
    return "\n".join(
        [f"| US dollars a month | {heads} |", "|---|" + "--:|" * len(bills), *rows, f"| **Total** | {sums} |"]
    )


if __name__ == "__main__":
    print(as_markdown())  # noqa: T201
