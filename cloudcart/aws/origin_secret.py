"""The key by which functions know CloudFront, as an operator's commands see it: in Secrets Manager, by its versions."""

import json
from contextlib import suppress

import boto3

from cloudcart.aws import stack
from cloudcart.aws.names import Names

# The one that CloudFront is to send, and the one that it may still be sending after a change of the key.
CURRENT, FORMER = "AWSCURRENT", "AWSPREVIOUS"


def is_guarded(names: Names) -> bool:
    """Whether the stage's functions answer only what comes through CloudFront.

    :raises StackFailed: if the stage is not provisioned.
    """
    return stack.read_parameters(names.stack).get("GuardOrigin") == "on"


def read_keys(names: Names) -> list[str]:
    """Give the keys that functions are to take: the current one, and the former if there was one."""
    return [key for key, _ in _read_versions(names)]


def find_version(names: Names) -> str:
    """Give the version of the current key, by which CloudFormation finds it."""
    return _read_versions(names)[0][1]


def _read_versions(names: Names) -> list[tuple[str, str]]:
    client = boto3.client("secretsmanager")
    versions = [client.get_secret_value(SecretId=names.origin_secret, VersionStage=CURRENT)]
    # There is none until the key is changed for the first time.
    with suppress(client.exceptions.ResourceNotFoundException):
        versions.append(client.get_secret_value(SecretId=names.origin_secret, VersionStage=FORMER))
    return [(json.loads(version["SecretString"])["ORIGIN_KEY"], version["VersionId"]) for version in versions]
