"""The command lines of the shop's programs."""

from cloudcart.local.processes import Process
from cloudcart.local.shop import Shop


def start_web(shop: Shop, *, reload: bool = False) -> Process:
    """Start the web server; see `Shop.wait_until_served`.

    :param reload: start it anew whenever the code changes.
    """
    address, threads = f"127.0.0.1:{shop.port}", ["--worker-class", "gthread", "--threads", "8"]
    return shop.start(
        *("web", "web server", "-m", "gunicorn", "cloudcart.wsgi", "--bind", address, *threads),
        # Its control socket would lie in the home folder, one for all shops of this machine.
        *("--graceful-timeout", "5", "--no-control-socket", *(["--reload"] if reload else [])),
    )


def start_payments(shop: Shop, *, port: int, webhook_secret: str) -> None:
    """Start the payment simulator, which answers as Stripe; where it is, the environment says already."""
    shop.start(
        *("payments", "payment simulator", "manage.py", "payment_simulator", "--port", str(port)),
        *("--shop-url", f"{shop.url}/", "--webhook-url", f"{shop.url}/webhooks/stripe/"),
        *("--webhook-secret", webhook_secret, "--state", str(shop.folder.payments)),
    )


def start_worker(shop: Shop) -> None:
    """Start the Celery worker, the sweeper that publishes again what got lost on the way to it, and the payments'."""
    shop.start(
        *("worker", "worker", "-m", "celery", "-A", "cloudcart.celery", "worker", "--loglevel", "INFO"),
        *("--pool", "prefork", "--concurrency", "2", "--without-gossip", "--without-mingle", "--without-heartbeat"),
    )
    shop.start("sweeper", "order sweeper", "manage.py", "sweep_orders", "--every", "15")
    shop.start("payment-sweeper", "payment sweeper", "manage.py", "sweep_payments", "--every", "300")


def start_stream_reader(shop: Shop) -> None:
    """Start the program that hands the changes of stored items to the projections."""
    shop.start("streams", "stream reader", "manage.py", "read_streams")
