"""Empty the shop: its data, its logs and what was deployed. What is installed stays."""

import shutil
import sys

from cloudcart.local.folder import LocalFolder
from cloudcart.local.problems import LocalProblem
from cloudcart.local.processes import end_recorded


def main() -> int:
    folder = LocalFolder.from_environment()
    try:
        with folder.lock():
            end_recorded(folder.processes)
            folder.empty()
            shutil.rmtree(folder.logs)
    except LocalProblem as problem:
        print(problem, file=sys.stderr)
        return 2
    print("The shop is empty. `make run` starts from the beginning.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
