"""One file's fault is told of that file and never raised as anything else."""

import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, field_validator

from libs.files.yaml_file import FileFaultError, load, stamps


class Stumbling(BaseModel):
    name: Any

    @field_validator("name")
    @classmethod
    def _stumbles(cls, value: Any) -> Any:
        return value[7]


def test_what_a_check_stumbles_over_is_the_files_fault(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("name: []")
    with pytest.raises(FileFaultError, match=r"x\.yaml:1: file: can't be used \(IndexError\)"):
        load(tmp_path / "x.yaml", Stumbling)


def test_what_is_no_file_is_not_read_for_ever(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    assert sorted(stamps(tmp_path)) == ["folder", "loop", "pipe"]
    for name in ("pipe", "folder"):
        with pytest.raises(FileFaultError, match=rf"{name}\.yaml:1: file: is no file"):
            load(tmp_path / f"{name}.yaml", Stumbling)
    with pytest.raises(FileFaultError, match=r"loop\.yaml:1: file: "):
        load(tmp_path / "loop.yaml", Stumbling)


def test_a_name_that_is_no_utf_8_can_be_told(tmp_path: Path) -> None:
    (tmp_path / "\udcff.yaml").touch()
    assert [name.encode() for name in stamps(tmp_path)] == [b"\\udcff"]


def test_files_of_a_folder_that_is_away_are_not_gone(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        stamps(tmp_path / "away")
