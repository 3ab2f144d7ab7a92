"""manage.py publish_static: put styles, scripts and fonts where CloudFront finds them."""

from argparse import ArgumentParser
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.management.base import BaseCommand, CommandError

from cloudcart.aws import deployment, static_files
from cloudcart.aws.change_sets import StackFailed
from cloudcart.aws.names import Names


class Command(BaseCommand):
    """Collect the static files and put those into the stage's bucket that are not there yet."""

    help = "Collect the static files and put those into the stage's bucket that are not there yet."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--stage", required=True, help="dev, staging or production")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            bucket = deployment.buckets(Names(options["stage"])).static
            with static_files.collected() as files:
                count = static_files.publish(files, bucket)
        except (StackFailed, static_files.CollectingFailed, ClientError, BotoCoreError) as error:
            raise CommandError(f"The static files are not published: {error}") from error
        self.stdout.write(f"{count} new {'file' if count == 1 else 'files'} in {bucket}.")
