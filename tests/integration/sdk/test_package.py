"""The client as a package: packed, installed, imported by Node, checked by TypeScript, bundled."""

import asyncio
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from libs.runtime.version import version
from services.cart.api.routes.sdk import FOLDER
from tests.integration.playground.fake_cart import FakeCart
from tests.integration.sdk.conftest import jwt_of
from tests.support.serving import serving

ROOT = Path(__file__).resolve().parents[3]
CONSUMER = Path(__file__).with_name("consumer")
NPM, NODE = shutil.which("npm") or "", shutil.which("node") or ""
QUIET = ("--ignore-scripts", "--no-audit", "--no-fund")
STRICT = ("--noEmit", "--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--target", "es2022")
PACKAGE = json.loads((FOLDER / "package.json").read_text("utf-8"))
CART = {"id": "c1", "version": 3, "currency": "EUR", "units": 2, "total": 1000, "status": "active"}
LINE = {"line_id": "l1", "sku": "tea", "options": {}, "title": "Tea", "price": 500, "quantity": 2, "total": 1000}
SKIPS_WITHOUT_NPM = pytest.mark.skipif(not (NPM and NODE), reason="no node and npm on the PATH")


def run(*command: str, within: Path) -> str:
    """What a program says; its complaints where it fails."""
    done = subprocess.run(command, cwd=within, capture_output=True, text=True, timeout=150)
    assert done.returncode == 0, f"{command}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


@pytest.fixture(scope="session")
def packed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The archive as it would be published, and what npm tells of it."""
    folder = tmp_path_factory.mktemp("packed")
    told = json.loads(run(NPM, "pack", "--json", "--pack-destination", str(folder), within=FOLDER))
    made = next(iter(told.values())) if isinstance(told, dict) else told[0]
    return folder / made["filename"], made


@pytest.fixture(scope="session")
def project(packed: tuple[Path, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of somebody else in which the package is installed; nothing is fetched for it."""
    folder = tmp_path_factory.mktemp("project")
    for file in ("consumer.ts", "render.mjs", "unused.mjs"):
        shutil.copy(CONSUMER / file, folder)
    (folder / "package.json").write_text('{"name": "shop", "private": true, "type": "module"}')
    run(NPM, "install", "--offline", *QUIET, str(packed[0]), within=folder)
    return folder


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A type checker and a bundler, as pinned beside this file."""
    folder = tmp_path_factory.mktemp("tools")
    for file in ("package.json", "package-lock.json"):
        shutil.copy(CONSUMER / file, folder)
    got = subprocess.run(
        [NPM, "ci", "--prefer-offline", *QUIET], cwd=folder, capture_output=True, text=True, timeout=150
    )
    if got.returncode:
        pytest.skip(f"npm can't fetch the type checker and the bundler: {got.stderr.strip()[-300:]}")
    return folder / "node_modules" / ".bin"


def test_the_package_has_the_version_of_the_project_and_its_licence():
    assert PACKAGE["version"] == version()
    assert (FOLDER / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_the_package_depends_on_nothing_and_exports_what_is_there():
    assert not {"dependencies", "peerDependencies", "optionalDependencies", "scripts"} & PACKAGE.keys()
    assert (PACKAGE["type"], PACKAGE["sideEffects"]) == ("module", False)
    entry = PACKAGE["exports"]["."]
    assert list(entry) == ["types", "default"], "TypeScript takes the first that fits"
    assert all((FOLDER / file).is_file() for file in entry.values())


@SKIPS_WITHOUT_NPM
def test_the_archive_holds_the_client_and_nothing_else(packed):
    modules = {path.name for path in FOLDER.glob("*.js")}
    files = {file["path"] for file in packed[1]["files"]}
    assert files == modules | {"evercart.d.ts", "package.json", "README.md", "LICENSE"}
    assert packed[1]["version"] == version()


async def rendered(command: list[str], within: Path) -> dict[str, Any]:
    """What a server that renders says of a customer's cart; it has to end by itself."""
    fake = FakeCart()
    fake.carts["ana"] = CART | {"lines": [LINE], "customer_id": "ana"}
    async with serving(fake.app()) as url:
        told: dict[str, Any] = json.loads(await asyncio.to_thread(run, *command, url, jwt_of("ana"), within=within))
        return told


EXPECTED = {
    "customer": "ana",
    "units": 2,
    "skus": ["tea"],
    "live": False,
    "nobodys": 0,
    "other": None,
    "refused": "unknown-line",
}


@SKIPS_WITHOUT_NPM
async def test_a_server_in_node_renders_a_cart(project):
    """No window, no storage, no channel; one request's customer is not told to another one's client."""
    assert await rendered([NODE, "render.mjs"], project) == EXPECTED


@SKIPS_WITHOUT_NPM
@pytest.mark.parametrize("resolution", [("nodenext", "nodenext"), ("esnext", "bundler")], ids=lambda pair: pair[1])
def test_the_types_say_what_a_page_may_write(project, tools, resolution):
    module, how = resolution
    options = ("--module", module, "--moduleResolution", how, "--types", "", "--lib", "es2022,dom")
    run(str(tools / "tsc"), *STRICT, *options, "consumer.ts", within=project)


@SKIPS_WITHOUT_NPM
async def test_a_bundler_makes_one_file_of_it_that_runs(project, tools, tmp_path):
    bundle = tmp_path / "bundle.mjs"
    run(
        *(str(tools / "esbuild"), "render.mjs", "--bundle", "--format=esm", "--minify", "--target=es2022"),
        f"--outfile={bundle}",
        within=project,
    )
    assert await rendered([NODE, str(bundle)], tmp_path) == EXPECTED


@SKIPS_WITHOUT_NPM
def test_a_bundler_leaves_out_what_is_not_used(project, tools):
    assert (
        run(str(tools / "esbuild"), "unused.mjs", "--bundle", "--format=esm", "--minify", within=project).strip() == ""
    )
