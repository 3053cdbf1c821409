"""What the newest release shipped, read from its tag."""

import io
import subprocess
import zipfile
from pathlib import Path


def _git(repository: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", repository, *arguments], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


BEFORE_TAGS = "a3d55acc06f02bdc768123c5b886ce238ba847ba"
"""What is in use, although it has no tag: as good as a release until there is one."""


def newest_release(repository: Path) -> str | None:
    """The highest tag `v1.2.3` that the checked-out commit descends from; None where nothing was released."""
    tags = _git(repository, "tag", "--list", "v[0-9]*", "--merged", "HEAD", "--sort=-version:refname").split()
    known = _git(repository, "rev-parse", "--verify", "--quiet", f"{BEFORE_TAGS}^{{commit}}").split()
    return next(iter([*tags, *known]), None)


def released_files(repository: Path, release: str, folder: str) -> dict[str, str]:
    """Name → text of the SQL files that a release had in `folder` (relative to the repository)."""
    listed = _git(repository, "ls-tree", "-r", "--name-only", release, f"{folder}/").split()
    sql = sorted(path for path in listed if path.endswith(".sql"))
    return {Path(path).name: _git(repository, "show", f"{release}:{path}") for path in sql}


def unpack_release(repository: Path, release: str, target: Path) -> None:
    """Writes the code of a release to `target`, ready to be run."""
    command = ["git", "-C", str(repository), "archive", "--format=zip", release, "services", "libs"]
    archive = subprocess.run(command, capture_output=True, check=True).stdout
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        packed.extractall(target)
