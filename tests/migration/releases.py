"""The migrations that the newest release shipped, read from its tag."""

import subprocess
from pathlib import Path


def _git(repository: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", repository, *arguments], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


def newest_release(repository: Path) -> str | None:
    """The highest tag `v1.2.3` that the checked-out commit descends from; None where nothing was released."""
    tags = _git(repository, "tag", "--list", "v[0-9]*", "--merged", "HEAD", "--sort=-version:refname").split()
    return tags[0] if tags else None


def released_files(repository: Path, release: str, folder: str) -> dict[str, str]:
    """Name → text of the SQL files that a release had in `folder` (relative to the repository)."""
    listed = _git(repository, "ls-tree", "--name-only", release, f"{folder}/").split()
    sql = sorted(path for path in listed if path.endswith(".sql"))
    return {Path(path).name: _git(repository, "show", f"{release}:{path}") for path in sql}
