"""The identity that a server takes which refuses to run as root, and what that identity can reach."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

_CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True)
class Identity:
    """A user and group by number."""

    uid: int
    gid: int


def server_identity() -> Identity | None:
    """Whom to become: nobody else for an ordinary user, an unprivileged account for root."""
    if os.geteuid() != 0:
        return None
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Identity(entry.pw_uid, entry.pw_gid)
    raise OSError("root needs an account named postgres or nobody to run PostgreSQL under")


def open_to_all(path: Path) -> bool:
    """Whether any user can read `path`, that is, every folder above it can be entered."""
    resolved = path.resolve()
    needed = 0o005 if resolved.is_dir() else 0o004
    if resolved.stat().st_mode & needed != needed:
        return False
    return enterable_by_all(resolved.parent)


def enterable_by_all(folder: Path) -> bool:
    """Whether any user can enter `folder`."""
    resolved = folder.resolve()
    return all(each.stat().st_mode & 0o001 for each in (resolved, *resolved.parents))
