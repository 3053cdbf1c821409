"""The user's cache of downloaded parts, and locks between processes."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.errors import LocalStackError


def cache_folder() -> Path:
    """`$XDG_CACHE_HOME/evercart`, by default `~/.cache/evercart`; made if need be.

    Raises `LocalStackError` where nothing can be kept there.
    """
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(base) / "evercart"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise LocalStackError(
            f"Nothing can be kept in {folder} ({error.strerror}); set XDG_CACHE_HOME to a folder that can be written."
        ) from error


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold an advisory lock on `path`; waits for whoever holds it, and ends with the process."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
