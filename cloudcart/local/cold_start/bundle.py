"""Make both packages as they are deployed: `make bundle`."""

import sys

from cloudcart.aws.bundle import PackageSize
from cloudcart.local.cold_start import packages
from cloudcart.local.folder import PROJECT_DIR
from cloudcart.local.problems import LocalProblem


def main() -> int:
    try:
        for part in ("web", "worker"):
            path = packages.build(part)
            print(f"{path.relative_to(PROJECT_DIR)}: {PackageSize.of(path)}")
    except LocalProblem as problem:
        print(problem, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
