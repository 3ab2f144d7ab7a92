"""Zappa's command line on the embedded AWS, run as `python -m cloudcart.local.rehearsal.zappa deploy dev`.

The one thing that is not Zappa's own: it asks GetFunction for ``function:NAME:VERSION`` when it rolls
back, which AWS understands and the embedded one does not.
"""

import sys
from typing import Any

from zappa import cli


def ask_for_version(params: dict[str, Any], **_: Any) -> None:
    """Write a version as the embedded AWS reads it: as a qualifier of its own."""
    parts = str(params.get("FunctionName", "")).split(":")
    if len(parts) == 3 and parts[0] == "function":
        params["FunctionName"], params["Qualifier"] = parts[1:]


class EmbeddedZappa(cli.Zappa):  # type: ignore[misc]  # (Zappa has no types)
    def load_credentials(self, *arguments: Any) -> None:
        super().load_credentials(*arguments)
        self.boto_session.events.register("provide-client-params.lambda.GetFunction", ask_for_version)


if __name__ == "__main__":
    cli.Zappa = EmbeddedZappa
    sys.exit(cli.handle())
