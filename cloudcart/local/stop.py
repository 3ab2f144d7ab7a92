"""End a shop that runs from this folder in another terminal."""

import os
import signal
import sys
import time

from cloudcart.local.folder import LocalFolder


def main() -> int:
    folder = LocalFolder.from_environment()
    owner = folder.find_owner()
    if owner is None:
        print("No shop runs from this folder.")
        return 0
    os.kill(owner, signal.SIGTERM)
    deadline = time.monotonic() + 60
    while folder.find_owner() == owner:
        if time.monotonic() > deadline:
            print(f"The shop (process {owner}) does not end.", file=sys.stderr)
            return 2
        time.sleep(0.1)
    print("The shop has ended.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
