"""Make the accounts with which a newcomer tries the shop on their own machine."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts import directory


@dataclass(frozen=True)
class DemoAccount:
    """An account of which everybody may know the password."""

    email: str
    name: str
    role: str
    password: str
    groups: tuple[str, ...] = ()


DEMO_ACCOUNTS = (
    DemoAccount("shopper@cloudcart.example", "Robin Shopper", "shopper", settings.DEMO_SHOPPER_PASSWORD),
    DemoAccount(
        "merchant@cloudcart.example", "Mika Merchant", "staff", settings.DEMO_MERCHANT_PASSWORD, groups=("admins",)
    ),
)


class Command(BaseCommand):
    """Create one shopper and one member of staff, or set them back to their known passwords.

    On the laptop only: accounts with known passwords have no business in a real pool.
    """

    help = "Create the demo accounts of a local shop and print how to sign in; twice changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.IS_LOCAL:
            raise CommandError("Demo accounts have known passwords and are made on a laptop only.")
        for account in DEMO_ACCOUNTS:
            directory.create_confirmed_account(
                email=account.email, password=account.password, name=account.name, groups=account.groups
            )
            self.stdout.write(f"{account.email}, password “{account.password}” ({account.role})")
