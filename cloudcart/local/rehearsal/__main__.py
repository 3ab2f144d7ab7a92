"""Rehearse a deployment from beginning to end: `make rehearse`."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from cloudcart.aws.change_sets import StackFailed
from cloudcart.aws.names import Names
from cloudcart.environment import turn_to_embedded_aws
from cloudcart.local.emulator import Emulator, find_free_port
from cloudcart.local.problems import LocalProblem
from cloudcart.local.rehearsal.performance import Performance
from cloudcart.local.rehearsal.stage import Stage
from cloudcart.local.rehearsal.steps import RehearsalFailed, Steps


def main() -> int:
    turn_to_embedded_aws()
    steps = Steps()
    folder = Path(tempfile.mkdtemp(prefix="cloudcart-rehearsal-"))
    print(f"Every command's output is in {folder}.")
    emulator = Emulator(port=find_free_port(), log_path=folder / "aws.log")
    os.environ.update(emulator.client_environment)
    stage = Stage(Names("dev"), emulator, folder / "commands.log")
    aws = emulator.start()
    performance = Performance(stage, steps)
    try:
        emulator.wait_until_ready(aws)
        performance.run()
    except (RehearsalFailed, LocalProblem, StackFailed) as error:
        print(f"\n{steps.table()}\n\nThe rehearsal failed after {steps.clock().strip()}: {error}", file=sys.stderr)
        if emulator.is_ready():
            print(f"What the functions logged is in {stage.save_function_logs()}.", file=sys.stderr)
        return 1
    finally:
        performance.close()
        _end(aws)
    print(f"\n{steps.table()}\n\nThe rehearsal went well: what was deployed sells.")
    return 0


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()


if __name__ == "__main__":
    sys.exit(main())
