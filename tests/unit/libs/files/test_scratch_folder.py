"""A folder for the while is gone with whoever made it: also with a process that is killed, and never one in use."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from libs.files.scratch_folder import scratch_folder

HOLDS = """
import sys, time
from pathlib import Path
from libs.files.scratch_folder import scratch_folder

with scratch_folder("held-", Path(sys.argv[1])) as folder:
    (folder / "inside").mkdir()
    print(folder, flush=True)
    time.sleep(600)
"""


def test_one_of_a_process_that_was_killed_goes_when_the_next_is_made(tmp_path):
    with subprocess.Popen([sys.executable, "-c", HOLDS, tmp_path], stdout=subprocess.PIPE, text=True) as process:
        theirs = Path((process.stdout or sys.stdin).readline().strip())
        with scratch_folder("held-", tmp_path) as ours:
            while_it_lives = set(tmp_path.iterdir())
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    left = set(tmp_path.iterdir())
    with scratch_folder("held-", tmp_path) as ours_then:
        after = set(tmp_path.iterdir())
    assert (while_it_lives, left, after) == ({theirs, ours}, {theirs}, {ours_then})
    assert not list(tmp_path.iterdir())


def test_those_in_use_in_one_process_stay_and_so_does_what_is_nobody_elses_business(tmp_path):
    (tmp_path / "held-file").write_text("no folder")
    (tmp_path / "held-link").symlink_to(tmp_path)
    (tmp_path / "other-").mkdir()
    with scratch_folder("held-", tmp_path) as one, scratch_folder("held-", tmp_path) as another:
        assert one.is_dir()
        assert another.is_dir()
    assert {path.name for path in tmp_path.iterdir()} == {"held-file", "held-link", "other-"}


def test_one_that_was_taken_for_left_before_it_was_locked_is_made_anew(tmp_path, monkeypatch):
    taken: list[Path] = []
    lock = os.open

    def opened(path, *args):
        if not taken:
            taken.append(path)
            path.rmdir()
        return lock(path, *args)

    monkeypatch.setattr(os, "open", opened)
    with scratch_folder("held-", tmp_path) as folder:
        assert folder.is_dir()
    assert taken != [folder]
