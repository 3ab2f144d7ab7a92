"""A stage on an embedded AWS of its own, worked on by the very commands that a user types."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from cloudcart.aws.names import Names
from cloudcart.local.emulator import Emulator
from cloudcart.local.folder import PROJECT_DIR
from cloudcart.local.rehearsal.steps import RehearsalFailed

SHOP_HOST = "shop.rehearsal.example"


@dataclass
class Stage:
    """What is rehearsed: a stage, its embedded AWS, and the log of every command."""

    names: Names
    emulator: Emulator
    log_path: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        shop = {"STORE_EMAIL": "shop@rehearsal.example", "STORE_URL": f"https://{SHOP_HOST}"}
        return os.environ | self.emulator.client_environment | shop | self.variables

    @property
    def base_url(self) -> str:
        """Where the embedded API Gateway answers for the deployed API."""
        apis = boto3.client("apigatewayv2").get_apis()["Items"]
        api_id = next(api["ApiId"] for api in apis if api["Name"] == self.names.web_function)
        return f"{self.emulator.url}/_aws/execute-api/{api_id}/{self.names.stage}"

    def manage(self, *arguments: str) -> str:
        """Run a management command here, as an operator does; gives what it printed.

        :raises RehearsalFailed: if it fails, with its last words.
        """
        return self._run(sys.executable, "manage.py", *arguments)

    def zappa(self, *arguments: str) -> str:
        """:raises RehearsalFailed: if Zappa fails, with its last words."""
        return self._run(sys.executable, "-m", "cloudcart.local.rehearsal.zappa", *arguments)

    def allow_by_other_names(self) -> None:
        """Grant the worker what the embedded AWS checks in other words than AWS does.

        AWS has PublishBatch under ``sns:Publish``, and a mail under its sender's identity. All other
        permissions are those of the template, and the embedded AWS refuses what they do not cover.
        """
        actions = ["sns:PublishBatch", "ses:SendRawEmail"]
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        boto3.client("iam").put_role_policy(
            RoleName=self.names.worker_role,
            PolicyName="embedded",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )

    def mails(self) -> list[dict[str, str]]:
        """What SES and Cognito sent, oldest first: To, Subject, BodyText and more."""
        with urllib.request.urlopen(f"{self.emulator.url}/_ministack/ses/messages", timeout=10) as answer:
            by_account = json.loads(answer.read())["messages"]
        return [mail for mails in by_account.values() for mail in mails]

    def start(self, name: str, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start a program that runs until it is ended."""
        with self.log_path.with_name(f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, *arguments], cwd=PROJECT_DIR, env=self.environment, stdout=log, stderr=log
            )

    def invoke(self, function: str, event: Mapping[str, Any]) -> Any:
        """Call a function as AWS does; gives its answer.

        :raises RehearsalFailed: if it raised.
        """
        answer = boto3.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())
        payload = json.loads(answer["Payload"].read() or "null")
        if answer.get("FunctionError"):
            raise RehearsalFailed(f"{function} raised {payload}")
        return payload

    def save_function_logs(self) -> Path:
        """Write what the functions logged beside the commands' output; gives the file."""
        client, path = boto3.client("logs"), self.log_path.with_name("functions.log")
        lines = []
        for function in (self.names.web_function, self.names.worker_function):
            try:
                found = client.filter_log_events(logGroupName=f"/aws/lambda/{function}")["events"]
            except client.exceptions.ResourceNotFoundException:
                continue
            lines += [f"{function} {event['message'].rstrip()}" for event in found]
        path.write_text("\n".join(lines))
        return path

    def _run(self, *command: str) -> str:
        ended = subprocess.run(
            command,
            cwd=PROJECT_DIR,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        with self.log_path.open("a") as log:
            log.write(f"$ {' '.join(command)}\n{ended.stdout}\n")
        if ended.returncode != 0:
            last_words = "\n".join(ended.stdout.strip().splitlines()[-8:])
            raise RehearsalFailed(f"`{' '.join(command[1:])}` failed; {self.log_path} has all of it.\n{last_words}")
        return ended.stdout
