"""pyproject.toml alone says which release this is, and whatever tells a version tells that one."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from typer.testing import CliRunner

from deploy.cli import app
from libs.runtime.version import version
from tests.contract.documents import cart_openapi

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_version_is_the_one_of_the_project() -> None:
    assert version() == PROJECT["project"]["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", version())


def test_the_command_tells_it() -> None:
    told = CliRunner().invoke(app, ["version"])
    assert (told.exit_code, told.stdout) == (0, f"{version()}\n")


def test_the_bootstrap_tells_it_with_nothing_installed(tmp_path: Path) -> None:
    """In a copy of the few files that it takes, by a Python without packages."""
    for name in ("deploy/evercart", "libs/__init__.py", "libs/runtime/__init__.py", "libs/runtime/version.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "7.8.9"\n', encoding="utf-8")
    bare = [sys.executable, "-I", "-S", str(tmp_path / "deploy/evercart"), "version"]
    told = subprocess.run(bare, capture_output=True, text=True, check=False, cwd="/")
    assert (told.returncode, told.stdout, told.stderr) == (0, "7.8.9\n", "")
    assert not (tmp_path / ".venv").exists()


def test_the_api_document_tells_it() -> None:
    assert cart_openapi()["info"]["version"] == version()


def test_an_image_holds_the_file_that_says_it() -> None:
    assert "COPY pyproject.toml LICENSE deploy/docs/NOTICE.md ./\n" in (ROOT / "deploy/Dockerfile").read_text(
        encoding="utf-8"
    )
