"""Where stacks keep their state: `BASE/1`, `BASE/2`, … A folder is held by a lock for as long as its stack runs."""

import fcntl
import json
import os
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import IO

from deploy.local.errors import LocalStackError

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_BASE = (ROOT if (ROOT / "pyproject.toml").exists() else Path.home()) / ".evercart"
"""In the checkout; of an installed package in the home folder, for packages are exchanged as a whole."""
_LOCK, _RUNNING = "lock", "running.json"


@dataclass(frozen=True)
class ProcessState:
    """A process as its supervisor last knew it; `pid` is None between a crash and the next start."""

    name: str
    pid: int | None
    port: int | None
    restarts: int


@dataclass(frozen=True)
class Running:
    """What runs in a state folder. `ready` becomes true when everything has been started once."""

    supervisor: int
    ready: bool
    processes: tuple[ProcessState, ...]

    def save(self, state: Path) -> None:
        """Leave it for `status` and `down`."""
        partial = state / f"{_RUNNING}.partial"
        partial.write_text(json.dumps(asdict(self)))
        partial.rename(state / _RUNNING)

    @classmethod
    def load(cls, state: Path) -> "Running | None":
        """What runs there now; None if nothing does."""
        if not is_held(state):
            return None
        try:
            found = json.loads((state / _RUNNING).read_text())
        except (OSError, ValueError):
            return None
        return cls(found["supervisor"], found["ready"], tuple(ProcessState(**one) for one in found["processes"]))


def take(base: Path) -> tuple[Path, IO[str]]:
    """The first folder under `base` whose stack does not run, and the lock on it, held until it is closed."""
    for number in count(1):
        state = base / str(number)
        try:
            state.mkdir(parents=True, exist_ok=True)
            _let_servers_in(base, state)
            lock = (state / _LOCK).open("a")
        except OSError as error:
            raise LocalStackError(f"Cannot keep state in {state}: {error.strerror}.") from error
        if _try_lock(lock):
            (state / _RUNNING).unlink(missing_ok=True)
            return state, lock
        lock.close()
    raise AssertionError("unreachable")


def running_states(base: Path) -> list[Path]:
    """The state folders under `base` whose stacks run, in order of their numbers."""
    numbered = sorted((path for path in base.glob("[0-9]*") if path.name.isdecimal()), key=lambda path: int(path.name))
    return [state for state in numbered if is_held(state)]


def is_held(state: Path) -> bool:
    """Whether a stack runs in `state`."""
    try:
        with (state / _LOCK).open() as lock:
            return not _try_lock(lock)
    except OSError:
        return False


def _try_lock(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _let_servers_in(*folders: Path) -> None:
    """Root's PostgreSQL runs as somebody else and has to pass through; what is secret is closed file by file."""
    for folder in folders:
        folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
