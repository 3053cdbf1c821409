"""Which release this is: pyproject.toml says it, and nothing else does. Needs the standard library alone."""

import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


@cache
def version() -> str:
    """The version of the release, such as `0.1.0` (Semantic Versioning); an installed package knows it by heart."""
    try:
        with PROJECT.open("rb") as file:
            return str(tomllib.load(file)["project"]["version"])
    except FileNotFoundError:
        return metadata.version("evercart")
