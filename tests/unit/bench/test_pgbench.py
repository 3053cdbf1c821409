"""The clock of a pgbench that we started, whenever it ends."""

import subprocess
import sys

from deploy.bench.pgbench import _until_reaped


def test_a_process_that_ended_at_once_has_a_clock_too() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert _until_reaped(ended.pid)() >= 0
