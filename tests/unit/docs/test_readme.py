"""The README's links lead somewhere, its commands exist, and it names exactly the variables that have no default."""

import re
from pathlib import Path

import pytest
import typer

from deploy.cli import app
from tests.unit.docs.test_settings_page import ROOT, SECTIONS

READMES = sorted(
    path for path in ROOT.rglob("README.md") if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
)
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", READMES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_of_a_readme_lead_to_files(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) + re.findall(r'src="([^"]+)"', text)
    assert [link for link in links if "://" not in link and not (path.parent / link).exists()] == []


def test_every_command_that_is_shown_exists() -> None:
    commands = set(typer.main.get_group(app).commands)
    shown = set(re.findall(r"^deploy/evercart (\w+)", README, re.MULTILINE))
    shown |= set(re.findall(r"`(?:deploy/)?evercart (\w+)", README))
    assert {"demo", "test", "up", "replay", "backtest", "bench"} <= shown <= commands


def test_the_two_commands_come_first() -> None:
    first = re.search(r"```\n(.*?)```", README, re.DOTALL)
    assert first
    assert re.findall(r"^deploy/evercart (\w+)", first[1], re.MULTILINE) == ["demo", "test"]


def test_the_readme_names_the_variables_without_defaults_and_no_other() -> None:
    table = README.split("These have none:", 1)[1].split("\n\n", 2)[1]
    named = set(re.findall(r"`([A-Z_]+)`", table))
    required = {
        f"{prefix}{name.upper()}"
        for kind, prefix in (SECTIONS[s] for s in ("Cart", "Trigger", "Notifier"))
        for name, field in kind.model_fields.items()
        if field.is_required()
    }
    assert named == required
