"""Where a stack's PostgreSQL keeps its cluster."""

import json
import shutil
from pathlib import Path

from deploy.local.postgres import SHARED_FOLDER
from deploy.local.unprivileged import enterable_by_all, server_identity

_STACK_FILE = "stack.json"


def cluster_folder(state: Path, name: str) -> Path:
    """`state`/postgres; elsewhere only where PostgreSQL, which refuses to run as root, could not reach that.

    A cluster that lies elsewhere is removed at the next start after its state folder has been deleted.
    """
    if server_identity() is None or enterable_by_all(state):
        return state / "postgres"
    clusters = SHARED_FOLDER / "clusters"
    clusters.mkdir(mode=0o755, parents=True, exist_ok=True)
    _remove_orphans(clusters)
    (clusters / f"{name}.state").write_text(str(state.resolve()))
    return clusters / name


def _remove_orphans(clusters: Path) -> None:
    for owner in clusters.glob("*.state"):
        if _name_in(Path(owner.read_text())) != owner.stem:
            shutil.rmtree(clusters / owner.stem, ignore_errors=True)
            owner.unlink(missing_ok=True)


def _name_in(state: Path) -> str | None:
    try:
        name: str = json.loads((state / _STACK_FILE).read_text())["name"]
    except (OSError, ValueError, KeyError):
        return None
    return name
