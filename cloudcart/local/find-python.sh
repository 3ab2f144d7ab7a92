#!/bin/sh
# Print a Python that the shop can run on: that of its environment, else the newest one installed.

for python in .venv/bin/python python3.14 python3.13 python3.12 python3.11 python3 python; do
    if "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' >/dev/null 2>&1; then
        echo "$python"
        exit 0
    fi
done
found=$(python3 --version 2>/dev/null || echo "no Python at all")
echo "CloudCart needs Python 3.11, 3.12, 3.13 or 3.14, and there is $found. Please install one of them." >&2
exit 2
