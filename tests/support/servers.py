"""One PostgreSQL and one Kafka for a whole test run, whichever worker asks first, and gone when the run is."""

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from deploy.kafka.topics import await_coordinator
from deploy.local.cache import exclusive
from deploy.local.kafka import Kafka
from deploy.local.postgres import Postgres
from deploy.local.program import free_ports

MEMORY, MEMORY_B = Path("/dev/shm"), 4 * 2**30
"""A file system without a disk, and how much has to be free there; a whole run takes less than a quarter of it."""
START_TIMEOUT_S = 180  # the first run on a machine downloads Kafka
_TEST_KAFKA = {"log.segment.delete.delay.ms": "1000", "log.initial.task.delay.ms": "1000", "num.partitions": "1"}


def address(server: str, run: Path, parent: int) -> str:
    """The DSN or bootstrap address of `server` ("postgres" or "kafka"), started if no worker has done it yet."""
    answer = run / f"{server}.json"
    with exclusive(run / f"{server}.lock"):
        if not answer.exists():
            _start_keeper(server, run, parent, answer)
    found: dict[str, str] = json.loads(answer.read_text())
    return found["address"]


def _start_keeper(server: str, run: Path, parent: int, answer: Path) -> None:
    """Start the process that owns the server. It belongs to the run, not to the worker that happened to come first."""
    log = run / f"{server}.log"
    with log.open("ab") as output:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.support.servers", server, str(run), str(parent)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_TIMEOUT_S
    while not answer.exists():
        if keeper.poll() is not None or time.monotonic() > deadline:
            keeper.terminate()
            raise RuntimeError(f"{server} did not start:\n{log.read_text()[-3000:]}")
        time.sleep(0.02)


def keep(server: str, run: Path, parent: int) -> None:
    """Run the server until the test run (process `parent`) has ended or asks for the end by removing `run`/keep."""
    watched = psutil.Process(parent)
    started, location = _launch(server, run)
    try:
        partial = run / f"{server}.partial"
        partial.write_text(json.dumps({"address": location, "keeper": os.getpid()}))
        partial.rename(run / f"{server}.json")
        while watched.is_running() and (run / "keep").exists() and started.poll() is None:
            time.sleep(0.1)
    finally:
        # at once: nobody will need what is in it, and asked kindly PostgreSQL waits for the last of its clients
        started.send_signal(signal.SIGKILL if server == "kafka" else signal.SIGQUIT)
        started.wait()
        if not (watched.is_running() and (run / "keep").exists()):  # whoever was to tidy up may have been killed
            shutil.rmtree(run, ignore_errors=True)


def _launch(server: str, run: Path, attempts: int = 3) -> "tuple[subprocess.Popen[bytes], str]":
    node: Postgres | Kafka
    folder = run / f"{server}-{attempts}"
    if server == "postgres":
        node = Postgres(folder, free_ports([0])[0], secrets.token_urlsafe(16), durable=False)
        location = node.dsn()
    else:
        port, controller_port = free_ports([0, 0])
        node = Kafka(folder, port, controller_port, _TEST_KAFKA)
        location = node.bootstrap
    process = node.prepare().popen(sys.stdout.fileno())
    while not node.ready():
        if process.poll() is not None:
            if attempts == 1:
                sys.exit(f"{server} ended with {process.returncode} while it started")
            return _launch(server, run, attempts - 1)  # another run may have taken its port
        time.sleep(0.02)
    if server == "kafka":
        asyncio.run(await_coordinator(location))
    return process, location


def new_run() -> Path:
    """A folder for the servers of one test run; an unprivileged server has to be able to enter it.

    In memory where there is room: most of what a test with a database costs is making and removing its 450 files.
    """
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= MEMORY_B
    run = Path(tempfile.mkdtemp(prefix="evercart-tests-", dir=MEMORY if roomy else None))
    run.chmod(0o711)
    (run / "keep").touch()
    return run


def end_run(run: Path) -> None:
    """Ask the keepers to end, wait until they have, and remove the folder."""
    (run / "keep").unlink(missing_ok=True)
    keepers = []
    for answer in run.glob("*.json"):
        with contextlib.suppress(psutil.NoSuchProcess):
            keepers.append(psutil.Process(json.loads(answer.read_text())["keeper"]))
    psutil.wait_procs(keepers, timeout=30)
    shutil.rmtree(run, ignore_errors=True)


if __name__ == "__main__":
    keep(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
