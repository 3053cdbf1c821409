"""Where a run keeps its servers."""

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support import servers


class Usage(NamedTuple):
    free: int


@pytest.mark.parametrize(("free", "in_memory"), [(servers.MEMORY_B, True), (servers.MEMORY_B - 1, False)])
def test_a_run_keeps_its_servers_in_memory_where_there_is_room(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, in_memory: bool
) -> None:
    memory = tmp_path / "memory"
    memory.mkdir()
    monkeypatch.setattr(servers, "MEMORY", memory)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(free))
    run = servers.new_run()
    assert (run.parent == memory) == in_memory
    assert (run / "keep").exists()
    shutil.rmtree(run)


def test_a_run_has_a_folder_where_nothing_is_kept_in_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(servers, "MEMORY", tmp_path / "none")
    run = servers.new_run()
    assert (run / "keep").exists()
    shutil.rmtree(run)
