"""Which AWS a command for operators works on: a stage in an account, or the embedded one of a laptop."""

from argparse import ArgumentParser
from dataclasses import dataclass

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from cloudcart.aws.change_sets import StackFailed
from cloudcart.environment import Environment, has_embedded_aws
from cloudcart.local.folder import LocalFolder


@dataclass(frozen=True)
class Target:
    """A stage, and the account and region that it is in."""

    stage: str
    account: str
    region: str
    is_embedded: bool

    def __str__(self) -> str:
        place = "the embedded AWS" if self.is_embedded else f"AWS account {self.account}"
        return f"{place}, {self.region}"


def add_stage_argument(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--stage", required=True, help="dev, staging, production, or local for the shop that `make run` started"
    )


def find_target(stage: str) -> Target:
    """Find out where a stage lives, by the AWS settings of this terminal.

    :raises StackFailed: if no AWS answers, or a local stage would not be on this machine.
    """
    if stage == "local":
        Environment(LocalFolder.from_environment().stack_env)
    is_embedded = has_embedded_aws()
    if stage == "local" and not is_embedded:
        raise StackFailed("There is no local shop in this folder yet. `make run` starts one.")
    try:
        client = boto3.client("sts")
        return Target(stage, client.get_caller_identity()["Account"], client.meta.region_name, is_embedded)
    except (BotoCoreError, ClientError) as error:
        advice = "`make run` starts it." if stage == "local" else "Are AWS_PROFILE and AWS_DEFAULT_REGION set?"
        raise StackFailed(f"No AWS answers ({error}). {advice}") from error
