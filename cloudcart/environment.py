"""Read the settings' values from the process environment.

On a laptop (``CLOUDCART_STAGE=local``, the default) the names of what was deployed to the embedded
AWS come from ``.local/stack.env``, written by the deployment, so that ``manage.py`` works in any
terminal. A variable of the process wins over the file, but for what is there for the real AWS.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def has_embedded_aws() -> bool:
    """Whether the AWS at hand is one on this machine: that of a laptop's shop, of a test or of a rehearsal."""
    return urlsplit(os.environ.get("AWS_ENDPOINT_URL", "")).hostname in LOOPBACK


def read_stage() -> str:
    """Give the stage's name, "local" if none is set.

    :raises ValueError: if a Lambda function has none: it would run with a laptop's known secret.
    """
    stage = os.environ.get("CLOUDCART_STAGE", "local")
    if stage == "local" and "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
        raise ValueError("On AWS, the environment variable CLOUDCART_STAGE must name the stage; “local” is a laptop.")
    return stage


class Environment:
    """The process environment, read as what a setting should be."""

    def __init__(self, defaults_file: Path | None = None) -> None:
        if defaults_file is not None and defaults_file.is_file():
            self._load_defaults(defaults_file)

    def text(self, name: str, default: str = "") -> str:
        return os.environ.get(name, default)

    def secret(self, name: str, id_name: str, *, on_laptop: str, is_local: bool) -> str:
        """Give a secret; on a laptop there is a known one, which opens nothing but that laptop's shop.

        :param id_name: the variable with the id of a secret of Secrets Manager, whose JSON has the value under
            ``name``; it is read from there when something looks at it.
        :raises ValueError: if it is missing, or the known one, anywhere else.
        """
        secret_id = os.environ.get(id_name, "")
        if secret_id and name not in os.environ:
            from cloudcart.secret_values import lazy_secret

            return lazy_secret(secret_id, name)
        value = os.environ.get(name, on_laptop if is_local else "")
        if not is_local and value in {"", on_laptop}:
            raise ValueError(f"The environment variable {name} must be a secret of this shop's own.")
        return value

    def optional_secret(self, name: str, id_name: str) -> str:
        """Give a secret that a shop can do without; empty if there is none.

        :param id_name: the variable with the id of a secret of Secrets Manager, as for `secret`.
        """
        secret_id = os.environ.get(id_name, "")
        if secret_id and name not in os.environ:
            from cloudcart.secret_values import lazy_secret

            return lazy_secret(secret_id, name, is_optional=True)
        return os.environ.get(name, "")

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = os.environ.get(name, "")
        return value.strip().lower() in {"1", "true", "yes", "on"} if value else default

    def number(self, name: str, default: int) -> int:
        """:raises ValueError: if the variable is set to something other than a whole number."""
        value = os.environ.get(name, "")
        try:
            return int(value) if value else default
        except ValueError as error:
            raise ValueError(f"The environment variable {name} must be a whole number, not {value!r}.") from error

    def numbers(self, name: str) -> dict[str, int]:
        """Read ``a=1,b=2``.

        :raises ValueError: if the variable is set to something else.
        """
        pairs = [word.partition("=") for word in self.words(name)]
        if any(not value.strip().isdecimal() for _, _, value in pairs):
            raise ValueError(f"The environment variable {name} must be like a=1,b=2, not {os.environ[name]!r}.")
        return {key.strip(): int(value) for key, _, value in pairs}

    def words(self, name: str, default: str = "") -> list[str]:
        return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]

    def lines(self, name: str, default: str = "") -> list[str]:
        """Give the lines of a text that has ";" between them, since its lines may have commas."""
        return [line.strip() for line in os.environ.get(name, default).split(";") if line.strip()]

    @staticmethod
    def _load_defaults(path: Path) -> None:
        # Into os.environ, because boto3 and PynamoDB read AWS_* from there themselves.
        lines = [line.partition("=") for line in path.read_text().splitlines()]
        defaults = {name.strip(): value.strip() for name, separator, value in lines if separator}
        if "AWS_ENDPOINT_URL" in defaults and "AWS_ENDPOINT_URL" not in os.environ:
            turn_to_embedded_aws()
        for name, value in defaults.items():
            os.environ.setdefault(name, value)


def turn_to_embedded_aws() -> None:
    """Drop a developer's own AWS profile, keys and region, and lead no request to this machine through a proxy."""
    for name in [name for name in os.environ if name.startswith("AWS_") and name not in {"AWS_PORT", "AWS_CA_BUNDLE"}]:
        del os.environ[name]
    for name in ("no_proxy", "NO_PROXY"):
        hosts = [host for host in os.environ.get(name, "").split(",") if host]
        os.environ[name] = ",".join(dict.fromkeys([*hosts, "127.0.0.1", "localhost"]))
