"""Secrets on AWS: read from Secrets Manager when first needed, never from the environment or the package."""

import json
from functools import cache
from typing import cast

from django.utils.functional import SimpleLazyObject


class SecretMissing(Exception):
    """A secret is there, and does not hold what the shop looks for in it."""

    def __init__(self, secret_id: str, key: str) -> None:
        self.secret_id = secret_id
        self.key = key
        super().__init__(f"The secret {secret_id} of Secrets Manager has no {key}. docs/deploy.md says how to set it.")


def lazy_secret(secret_id: str, key: str, *, is_optional: bool = False) -> str:
    """Give a value of a secret's JSON that behaves as a text and is fetched when something looks at it.

    A cold start that signs nothing reads no secret. All values of one secret are fetched at once and
    kept as long as the process lives.

    :param is_optional: whether it is an empty text, rather than an error, if the secret has none yet.
    """

    def fetch() -> str:
        try:
            return read_secret(secret_id, key)
        except SecretMissing:
            if is_optional:
                return ""
            raise

    return cast("str", SimpleLazyObject(fetch))


def read_secret(secret_id: str, key: str) -> str:
    """Fetch a value of a secret's JSON: one GetSecretValue for each secret and process.

    :raises SecretMissing: if the secret holds no such value, or an empty one.
    """
    value = _fetch(secret_id).get(key, "")
    if not value:
        # Set a moment later, it is to be found without a new process.
        _fetch.cache_clear()
        raise SecretMissing(secret_id, key)
    return value


@cache
def _fetch(secret_id: str) -> dict[str, str]:
    # The settings import this module; pages that need no secret do without boto3.
    import boto3
    from botocore.config import Config

    # A visitor waits for it: two tries, then the request fails and the next one tries again.
    config = Config(connect_timeout=2, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2})
    answer = boto3.client("secretsmanager", config=config).get_secret_value(SecretId=secret_id)
    values: dict[str, str] = json.loads(answer["SecretString"])
    return values
