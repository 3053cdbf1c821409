"""The workflows run what is named to the byte, and look for known holes in all that is pinned."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".github/workflows"
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.yml")}
AUDIT: dict[Any, Any] = yaml.safe_load(TEXTS["audit.yml"])
ON = True
"""YAML 1.1 takes the key `on` for this."""


@pytest.mark.parametrize("name", TEXTS)
def test_an_action_is_named_by_its_commit(name: str) -> None:
    used = re.findall(r"uses: (.+)", TEXTS[name])
    assert used
    assert [one for one in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)] == []


@pytest.mark.parametrize("name", TEXTS)
def test_a_workflow_may_read_and_nothing_else(name: str) -> None:
    assert yaml.safe_load(TEXTS[name])["permissions"] == {"contents": "read"}


def test_packages_are_audited_when_they_change_and_every_day() -> None:
    assert AUDIT[ON]["schedule"]
    for event in ("push", "pull_request"):
        assert "deploy/requirements/*.txt" in AUDIT[ON][event]["paths"]
    steps = " ".join(step.get("run", "") for step in AUDIT["jobs"]["packages"]["steps"])
    assert "for file in deploy/requirements/*.txt" in steps
    assert "--require-hashes --disable-pip" in steps, "as they are pinned, and without installing them"


def test_every_python_that_the_package_names_is_tried() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    claimed = {c.rpartition(" :: ")[2] for c in project["classifiers"] if ":: Python :: 3." in c}
    tried = set(yaml.safe_load(TEXTS["ci.yml"])["jobs"]["newer"]["strategy"]["matrix"]["python"])
    assert claimed <= tried
    assert f">={min(claimed)}" == project["requires-python"]
