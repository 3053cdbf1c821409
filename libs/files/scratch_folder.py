"""A folder for the while, gone with whoever made it; one of a process that was killed goes when the next is made."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import gettempdir, mkdtemp


@contextmanager
def scratch_folder(prefix: str, within: Path | None = None) -> Iterator[Path]:
    """An empty folder, by default in the one for temporary files; takes away those of this prefix that nobody holds any
    more. Raises `OSError`.
    """
    within = within or Path(gettempdir())
    for left in within.glob(f"{prefix}*"):
        with suppress(OSError):
            lock = _locked(left)
            shutil.rmtree(left, ignore_errors=True)
            os.close(lock)
    folder, lock = _made(prefix, within)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _made(prefix: str, within: Path) -> tuple[Path, int]:
    while True:
        folder = Path(mkdtemp(prefix=prefix, dir=within))
        with suppress(FileNotFoundError, BlockingIOError):  # somebody else found it before it was locked
            lock = _locked(folder)
            if folder.exists():
                return folder, lock
            os.close(lock)


def _locked(folder: Path) -> int:
    """A descriptor that locks a folder until the process ends. Raises `OSError`, so where somebody else has it."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(opened)
        raise
    return opened
