"""Read the settings' values from the process environment.

On a laptop (``CLOUDCART_STAGE=local``, the default) the names of what was deployed to the embedded
AWS come from ``.local/stack.env``, written by the deployment, so that ``manage.py`` works in any
terminal. A variable of the process always wins over the file.
"""

import os
from pathlib import Path


class Environment:
    def __init__(self, defaults_file: Path | None = None) -> None:
        if defaults_file is not None and defaults_file.is_file():
            self._load_defaults(defaults_file)

    def text(self, name: str, default: str = "") -> str:
        return os.environ.get(name, default)

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

    def words(self, name: str, default: str = "") -> list[str]:
        return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]

    @staticmethod
    def _load_defaults(path: Path) -> None:
        # Into os.environ, because boto3 and PynamoDB read AWS_* from there themselves.
        for line in path.read_text().splitlines():
            name, separator, value = line.partition("=")
            if separator:
                os.environ.setdefault(name.strip(), value.strip())
