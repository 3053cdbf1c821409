"""Where a stack's PostgreSQL keeps its cluster."""

import json
import shutil
from pathlib import Path

from deploy.local.postgres import SHARED_FOLDER
from deploy.local.unprivileged import enterable_by_all, server_identity

_STACK_FILE = "stack.json"
_CLUSTERS = SHARED_FOLDER / "clusters"


def cluster_folder(state: Path, name: str) -> Path:
    """`state`/postgres; elsewhere only where PostgreSQL, which refuses to run as root, could not reach that.

    A cluster that lies elsewhere is removed at the next start after its state folder has been deleted.
    """
    if server_identity() is None or enterable_by_all(state):
        return state / "postgres"
    _CLUSTERS.mkdir(mode=0o755, parents=True, exist_ok=True)
    remove_orphans()
    (_CLUSTERS / f"{name}.state").write_text(str(state.resolve()))
    return _CLUSTERS / name


def remove_orphans() -> None:
    """Delete the clusters whose state folders have been deleted."""
    for owner in _CLUSTERS.glob("*.state"):
        if _name_in(Path(owner.read_text())) != owner.stem:
            shutil.rmtree(_CLUSTERS / owner.stem, ignore_errors=True)
            owner.unlink(missing_ok=True)


def _name_in(state: Path) -> str | None:
    try:
        name: str = json.loads((state / _STACK_FILE).read_text())["name"]
    except (OSError, ValueError, KeyError):
        return None
    return name
