"""What Zappa calls on its way (zappa_settings.json). It loads this file by its path, under its bare name."""

import os
import sys
from pathlib import Path
from typing import Any

import click

# Zappa's command runs without the project on Python's path.
sys.path.insert(0, str(Path.cwd()))

from cloudcart.aws import bundle, bundle_environment, deploy_check, deployment, release, static_files
from cloudcart.aws.change_sets import StackFailed
from cloudcart.local.problems import LocalProblem

_REFUSALS = (
    StackFailed,
    LocalProblem,
    deployment.DeploymentRefused,
    deploy_check.CheckFailed,
    static_files.CollectingFailed,
)


def prepare(cli: Any) -> None:
    """Before every command: make sure of the Python, pack the locked packages, tell the function its variables."""
    if cli.command not in deployment.BUILDING:
        return
    names, _ = deployment.split_stage(cli.api_stage)
    try:
        deployment.check_python(cli.runtime)
        os.environ["VIRTUAL_ENV"] = str(bundle_environment.prepare())
        if cli.command != "package":
            cli.aws_environment_variables |= deployment.function_environment(names)
            cli.s3_bucket_name = deployment.buckets(names).code
    except _REFUSALS as error:
        raise click.ClickException(str(error)) from error


def finish_package(cli: Any) -> None:
    """After packing: leave out, compile, add the release and the names of the static files, which go to S3."""
    names, part = deployment.split_stage(cli.api_stage)
    try:
        with static_files.collected() as files:
            more = [
                (static_files.BUNDLED_MANIFEST, files.manifest),
                (release.FILE, release.describe(Path.cwd()).encode()),
            ]
            size = bundle.finish(Path(cli.zip_path), part, more=more)
            if cli.command != "package" and part == "web":
                static_files.publish(files, deployment.buckets(names).static)
    except _REFUSALS as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Package of {part}: {size}")


def check_deployment(cli: Any) -> None:
    """After deploying: see that the function answers, and that SQS and streams will not lose what fails."""
    names, part = deployment.split_stage(cli.api_stage)
    try:
        for sentence in deploy_check.check(names, part):
            click.echo(sentence)
    except _REFUSALS as error:
        raise click.ClickException(str(error)) from error
