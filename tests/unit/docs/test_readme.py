"""The README's links lead somewhere, its commands exist, and it names exactly the variables that have no default."""

import re
import tomllib
from pathlib import Path

import pytest
import typer

from deploy.cli import app
from tests.unit.docs.test_settings_page import ROOT, SECTIONS, of_providers

PAGES = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not any(part.startswith(".") and part != ".github" for part in path.relative_to(ROOT).parts)
)
SERVICES = sorted(ROOT.glob("services/*/README.md"))
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_of_a_page_lead_to_files(path: Path) -> None:
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
        for kind, prefix in (SECTIONS[s] for s in ("Cart", "Trigger", "Notifier", "Console"))
        for name, field in kind.model_fields.items()
        if field.is_required()
    }
    required |= {name for name, default in of_providers().items() if default == "required"}
    assert named == required


@pytest.mark.parametrize("path", SERVICES, ids=lambda p: p.parent.name)
def test_a_newcomer_finishes_the_readme_of_a_service_and_finds_its_decisions(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 200
    pages = {page.name for page in (path.parent / "decisions").glob("*.md")}
    assert pages == set(re.findall(r"\]\(decisions/([^)#]+)\)", text))


@pytest.mark.parametrize("path", sorted(ROOT.rglob("decisions/*.md")), ids=lambda p: f"{p.parts[-3]}-{p.stem}")
def test_a_decision_is_a_dated_page_that_says_what_was_chosen(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# ")
    assert re.fullmatch(r"Decided 20\d\d-\d\d-\d\d(, last (changed|measured) 20\d\d-\d\d-\d\d)?\.", lines[2])
    assert 5 <= len(lines) <= 60


def test_every_template_that_ships_is_named_to_who_writes_campaigns() -> None:
    folder = ROOT / "services/notifier"
    shared = {"language", "common", "sms", "page", "confirm_page", "preferences_page"}
    shared |= {"monthly_page", "monthly_confirm_page"}
    shipped = set(tomllib.loads((folder / "templates/wording/en.toml").read_text(encoding="utf-8"))) - shared
    named = set(re.findall(r"`(\w+)`", (folder / "README.md").read_text(encoding="utf-8").split("## Templates", 1)[1]))
    assert {name for name in shipped - named if not name.endswith("_several")} == set()
