"""Reads a TOML file of reviewed data, such as what laws want by country, and says in words what is wrong with it."""

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)


class TomlFileError(ValueError):
    """The file can't be read, or says what nobody can follow."""


def load(path: Path, kind: type[M]) -> M:
    """What a file says, as `kind`. Raises `TomlFileError`, whose message names the file and each field."""
    try:
        return kind.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        what = error.errors() if isinstance(error, ValidationError) else [{"loc": (), "msg": str(error)}]
        lines = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}".removeprefix(": ") for one in what]
        raise TomlFileError(f"{path}: {'; '.join(lines)}") from None
