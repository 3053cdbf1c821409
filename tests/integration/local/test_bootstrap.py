"""The bootstrap script by itself, with an installer that is told how to behave."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


class Checkout:
    """A clone with nothing but the bootstrap, and a `uv` that runs `script`."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "clone"
        shutil.copytree(ROOT / "deploy" / "requirements", self.root / "deploy" / "requirements")
        shutil.copy(ROOT / "deploy" / "evercart", self.root / "deploy" / "evercart")
        self.tools = folder / "tools"
        self.tools.mkdir()
        self.calls = folder / "calls"

    def installer(self, script: str) -> None:
        uv = self.tools / "uv"
        uv.write_text(f'#!/bin/sh\necho "$@" >> {self.calls}\n{script}\n')
        uv.chmod(0o755)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(self.root / "deploy" / "evercart"), *arguments]
        path = f"{self.tools}:{os.environ['PATH']}"
        return subprocess.run(
            command, env={**os.environ, "PATH": path}, capture_output=True, text=True, cwd="/", check=False
        )


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_packages_are_installed_once_and_again_when_the_requirements_change(checkout: Checkout) -> None:
    checkout.installer("exit 0")
    for _ in range(2):
        done = checkout.run("install")
        assert done.returncode == 0, done.stderr
    assert len(checkout.calls.read_text().splitlines()) == 1
    assert "--require-hashes" in checkout.calls.read_text()
    with (checkout.root / "deploy" / "requirements" / "local.txt").open("a") as file:
        file.write("# changed\n")
    assert checkout.run("install").returncode == 0
    assert len(checkout.calls.read_text().splitlines()) == 2


def test_the_clone_itself_is_importable_afterwards(checkout: Checkout) -> None:
    checkout.installer("exit 0")
    checkout.run("install")
    shown = subprocess.check_output([checkout.root / ".venv/bin/python", "-P", "-c", "import sys; print(sys.path)"])
    assert str(checkout.root) in shown.decode()


def test_what_holds_everything_for_tests_serves_the_stack_too(checkout: Checkout) -> None:
    checkout.installer("exit 0")
    checkout.run("install", "dev")
    checkout.run("install", "local")
    assert len(checkout.calls.read_text().splitlines()) == 1
    assert json.loads((checkout.root / ".venv" / "evercart.json").read_text())["set"] == "dev"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("error: No space left on device (os error 28)", "the disk is full"),
        ("error: tcp connect error", "the package index cannot be reached"),
        ("Hash mismatch for thing", "is not the one that was pinned"),
        ("thing only has wheels for another system", "does not exist for this system"),
        ("error: failed to create directory `/home/x/.cache/uv`: Read-only file system (os error 30)", "set HOME"),
        ("something nobody foresaw", "something nobody foresaw"),
    ],
)
def test_a_failed_installation_is_one_sentence_and_is_tried_again(checkout: Checkout, said: str, told: str) -> None:
    checkout.installer(f"echo '{said}' >&2; exit 1")
    failed = checkout.run("install")
    assert failed.returncode == 1
    assert told in failed.stderr
    assert "Traceback" not in failed.stderr
    checkout.installer("exit 0")
    assert checkout.run("install").returncode == 0


def test_what_a_link_leads_to_is_never_emptied(checkout: Checkout, tmp_path: Path) -> None:
    """Story: in a second work tree .venv led to the first one's, and starting there emptied it for everybody."""
    checkout.installer("exit 0")
    others = tmp_path / "others"
    others.mkdir()
    (others / "kept").touch()
    (checkout.root / ".venv").symlink_to(others)
    refused = checkout.run("install")
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"evercart: {checkout.root}/.venv is a link to another place's; remove the link")
    assert [path.name for path in others.iterdir()] == ["kept"]


def test_two_at_once_install_once(checkout: Checkout) -> None:
    checkout.installer("exit 0")
    command = [sys.executable, str(checkout.root / "deploy" / "evercart"), "install"]
    env = {**os.environ, "PATH": f"{checkout.tools}:{os.environ['PATH']}"}
    both = [subprocess.Popen(command, env=env, stderr=subprocess.PIPE) for _ in range(2)]
    assert [one.wait() for one in both] == [0, 0]
    for one in both:
        one.communicate()
    assert len(checkout.calls.read_text().splitlines()) == 1


def test_an_unknown_requirement_set_is_refused(checkout: Checkout) -> None:
    assert "it is local or dev" in checkout.run("install", "everything").stderr


def with_an_old_python(checkout: Checkout) -> subprocess.CompletedProcess[str]:
    """The bootstrap as an interpreter of before runs it, with nothing on the path but the checkout's tools."""
    script = str(checkout.root / "deploy" / "evercart")
    old = (
        "import runpy, sys; sys.version_info = (3, 8, 18, 'final', 0); "
        f"sys.argv = [{script!r}, 'version']; runpy.run_path({script!r}, run_name='__main__')"
    )
    environment = {"PATH": f"{checkout.tools}:/bin:/usr/bin"}
    return subprocess.run(
        [sys.executable, "-c", old], env=environment, capture_output=True, text=True, cwd="/", check=False
    )


def tool(checkout: Checkout, name: str, script: str) -> None:
    path = checkout.tools / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_an_interpreter_that_is_there_and_does_not_run_is_passed_over(checkout: Checkout) -> None:
    """Story: pyenv has a shim for every version that was ever installed; the first one ended the command with 127."""
    tool(checkout, "python3.20", "echo 'pyenv: python3.20: command not found' >&2; exit 127")
    tool(checkout, "python3.19", f'[ "$1" = -c ] && exec {sys.executable} "$@"; echo "became 3.19 with $2"')
    done = with_an_old_python(checkout)
    assert (done.returncode, done.stdout, done.stderr) == (0, "became 3.19 with version\n", "")


def test_only_interpreters_that_do_not_run_are_one_sentence(checkout: Checkout) -> None:
    for minor in range(11, 21):
        tool(checkout, f"python3.{minor}", "echo 'command not found' >&2; exit 127")
    done = with_an_old_python(checkout)
    assert done.returncode == 1
    told = f"evercart: Evercart needs Python 3.11 or later; this is 3.8. ({checkout.tools}/python3.20 is there, but"
    assert done.stderr.startswith(told)
    assert len(done.stderr.splitlines()) == 1
