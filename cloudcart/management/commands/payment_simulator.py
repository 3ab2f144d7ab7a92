from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cloudcart.local.stripe import server


class Command(BaseCommand):
    help = "Serve a Stripe of this machine's own, where no money moves, until it is ended."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=4570)
        parser.add_argument("--shop-url", required=True, help="where its pages lead back to")
        parser.add_argument("--webhook-url", required=True, help="the shop's endpoint for webhooks")
        parser.add_argument("--webhook-secret", required=True, help="what webhooks are signed with, whsec_…")
        parser.add_argument("--state", type=Path, required=True, help="the file that remembers everything")

    def handle(
        self, *, port: int, shop_url: str, webhook_url: str, webhook_secret: str, state: Path, **options: object
    ) -> None:
        if not webhook_secret.startswith("whsec_"):
            raise CommandError("A signing secret begins with whsec_.")
        try:
            server.serve(
                port=port, shop_url=shop_url, webhook_url=webhook_url, webhook_secret=webhook_secret, state=state
            )
        except KeyboardInterrupt:
            return
        except OSError as error:
            raise CommandError(f"Port {port} is taken by another program. Choose another one.") from error
