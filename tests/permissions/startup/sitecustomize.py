"""Python imports this at its start, since the tests put its folder on the path of the programs they start."""

import os
import sys
from importlib import import_module
from pathlib import Path

if "CLOUDCART_CALLS_DIR" in os.environ:
    sys.path.append(str(Path(__file__).parent.parent))
    recording = import_module("recording")
    role = recording.role_of_program(sys.orig_argv)
    if role is not None:
        recording.install(role)
