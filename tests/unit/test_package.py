"""`pip install .` gives the services and the command `evercart`, with all that they read besides Python."""

import ast
import subprocess
import sys
import tomllib
from email.parser import HeaderParser
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import psutil
import pytest
from dependency_groups import resolve
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from libs.runtime.version import version

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
TOPS = ("libs", "services", "deploy")
CHECKOUT = ("deploy/docs/", "deploy/reference/", "deploy/package.py", "deploy/evercart")
"""What is for a checkout, and not for an installed package."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made by the back end that pip asks, without pip's way of fetching it first."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that holds the wheel, and sees the packages that tests run with: no checkout."""
    folder = tmp_path_factory.mktemp("environment")
    here = find_spec("pip") is not None  # there may be uv instead; to have a pip of its own takes 4 s
    subprocess.run([sys.executable, "-m", "venv", *(["--without-pip"] if here else []), str(folder)], check=True)
    python = str(folder / "bin/python")
    pip = [sys.executable, "-m", "pip", "--python", python] if here else [python, "-m", "pip"]
    subprocess.run([*pip, "install", "--quiet", "--no-index", "--no-deps", str(wheel)], check=True, capture_output=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "others.pth").write_text(f"{Path(psutil.__file__).parents[1]}\n", encoding="utf-8")
    return folder / "bin"


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Somewhere else than in the checkout, and without its path."""
    bare = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", env=bare)


def shipped() -> set[str]:
    """Everything beside the code that git knows of, but for what is for a checkout."""
    listed = subprocess.run(["git", "ls-files", *TOPS], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    kept = {
        "services",
        "libs",
        "deploy/local",
        "deploy/playground",
        "deploy/commands",
        "deploy/traffic",
        "deploy/bench",
    }
    return {name for name in listed.splitlines() if any(name.startswith(f"{folder}/") for folder in kept)}


def test_the_wheel_holds_every_file_of_the_services_and_the_command(wheel: Path) -> None:
    """Schemas, migrations, templates, campaigns, the client's modules, pages and pictures."""
    with ZipFile(wheel) as archive:
        held = set(archive.namelist())
    assert shipped() - held == set()
    assert not [name for name in held if name.startswith(CHECKOUT)]


def test_the_wheel_asks_for_what_its_groups_ask_for(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        told = HeaderParser().parsestr(archive.read(name).decode())
    asked = {canonicalize_name(Requirement(one).name) for one in told.get_all("Requires-Dist", [])}
    wanted = resolve(PROJECT["dependency-groups"], "local")
    assert asked == {canonicalize_name(Requirement(one).name) for one in wanted}
    assert (told["Version"], told["License-Expression"], told["Requires-Python"]) == (version(), "Apache-2.0", ">=3.11")


def test_what_the_code_imports_is_what_its_group_asks_for() -> None:
    """Or is of the standard library, or comes with one of those and is told here."""
    asked = {canonicalize_name(Requirement(one).name) for one in resolve(PROJECT["dependency-groups"], "local")}
    come_along = {"anyio", "pydantic-core", "rich", "typing-extensions"}
    distributions = packages_distributions()
    sources = (path for top in TOPS for path in (ROOT / top).rglob("*.py"))
    for path in (path for path in sources if not str(path.relative_to(ROOT)).startswith(CHECKOUT)):
        for name in imported(path) - set(sys.stdlib_module_names) - {*TOPS, "tests"}:
            known = {canonicalize_name(one) for one in distributions.get(name, [])}
            assert known & (asked | come_along), f"{path.relative_to(ROOT)} imports {name}"


def imported(path: Path) -> set[str]:
    """The first parts of the names that a module imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {one.name.partition(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_the_installed_command_tells_the_version(installed: Path) -> None:
    told = run(str(installed / "evercart"), "version")
    assert (told.returncode, told.stdout, told.stderr) == (0, f"{version()}\n", "")


def test_the_installed_command_keeps_its_state_in_the_home_folder(installed: Path) -> None:
    code = "from deploy.local.folders import DEFAULT_BASE; print(DEFAULT_BASE)"
    assert run(str(installed / "python"), "-c", code).stdout == "/nonexistent/.evercart\n"


@pytest.mark.parametrize("service", ["cart", "trigger", "notifier", "console"])
def test_an_installed_service_starts_from_the_wheel(installed: Path, service: str) -> None:
    where_and_help = (
        "import runpy, sys\n"
        f"import services.{service}.main as main\n"
        "print(main.MIGRATIONS)\n"
        "del sys.modules[main.__name__]\n"
        "sys.argv[1:] = ['--help']\n"
        "runpy.run_module(main.__name__, run_name='__main__', alter_sys=True)\n"
    )
    told = run(str(installed / "python"), "-c", where_and_help)
    assert told.returncode == 0, told.stderr
    where, _, said = told.stdout.partition("\n")
    assert "migrate-post" in said
    assert Path(where).is_relative_to(installed.parent)
