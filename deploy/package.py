"""What the package `evercart` needs is the dependency group `local`: one list serves it, images and requirement files.

Run by Hatchling while a wheel is made (`pip install .`); no part of the wheel.
"""

from pathlib import Path
from tomllib import load
from typing import Any

from dependency_groups import resolve
from hatchling.metadata.plugin.interface import MetadataHookInterface


class Dependencies(MetadataHookInterface):
    """Services, the command and the local stack."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Fill in the field that pyproject.toml calls dynamic."""
        with (Path(self.root) / "pyproject.toml").open("rb") as file:
            groups = load(file)["dependency-groups"]
        metadata["dependencies"] = sorted(set(resolve(groups, "local")))
