"""End the shop's programs when the one that watches over them is killed.

Started by it with a pipe as standard input, which closes when that process ends, however it ends.
"""

import signal
import sys
from pathlib import Path

from cloudcart.local.processes import end_recorded


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    records, owner = Path(sys.argv[1]), int(sys.argv[2])
    sys.stdin.buffer.read()
    end_recorded(records, owner=owner)


if __name__ == "__main__":
    main()
