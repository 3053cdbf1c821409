"""What stands under .github is in the form that GitHub and readers expect, and its links lead to files."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from libs.runtime.version import version
from tests.unit.docs.test_settings_page import ROOT

GITHUB = ROOT / ".github"
PAGES = sorted(GITHUB.glob("*.md"))
FORMS = sorted((GITHUB / "ISSUE_TEMPLATE").iterdir())
ANSWERED = {"textarea", "input", "dropdown", "checkboxes"}
CHANGELOG = (GITHUB / "CHANGELOG.md").read_text(encoding="utf-8")
RELEASES = re.findall(r"^## \[(.+?)\](?: - (\S+))?$", CHANGELOG, re.MULTILINE)
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_pages_that_contributors_look_for_are_there() -> None:
    assert {page.name for page in PAGES} >= {"CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"}
    assert {form.stem for form in FORMS} >= {"bug", "idea"}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_of_a_page_lead_to_files(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("form", FORMS, ids=lambda p: p.name)
def test_an_issue_form_is_one_that_github_shows(form: Path) -> None:
    """As GitHub's "Syntax for issue forms" has it: one that breaks the rules is not offered, without a word."""
    assert form.suffix == ".yml"
    asked: dict[str, Any] = yaml.safe_load(form.read_text(encoding="utf-8"))
    assert set(asked) <= {"name", "description", "title", "labels", "assignees", "projects", "type", "body"}
    assert asked["name"]
    assert asked["description"]
    assert all(isinstance(label, str) for label in asked["labels"])
    parts = asked["body"]
    answered = [part for part in parts if part["type"] in ANSWERED]
    assert answered
    assert [part["type"] for part in parts if part["type"] not in ANSWERED | {"markdown"}] == []
    assert all(part["attributes"]["value"] for part in parts if part["type"] == "markdown")
    labels = [part["attributes"]["label"] for part in answered]
    ids = [part["id"] for part in answered]
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", one) for one in ids)
    assert (len(set(ids)), len(set(labels))) == (len(answered), len(answered))
    for part in answered:
        assert set(part) <= {"type", "id", "attributes", "validations"}
        if part["type"] in ("dropdown", "checkboxes"):
            options = part["attributes"]["options"]
            names = [option["label"] if isinstance(option, dict) else option for option in options]
            assert names
            assert len(set(names)) == len(names)


def test_the_changelog_has_what_is_coming_and_then_the_releases_from_the_newest() -> None:
    assert RELEASES[0] == ("Unreleased", "")
    numbers = [tuple(map(int, name.split("."))) for name, _ in RELEASES[1:]]
    days = [date.fromisoformat(day) for _, day in RELEASES[1:]]
    assert numbers == sorted(set(numbers), reverse=True)
    assert days == sorted(days, reverse=True)


def test_the_changelog_s_newest_release_is_the_version_of_the_project() -> None:
    assert RELEASES[1][0] == version()


def test_changes_are_told_by_their_kind() -> None:
    kinds = re.findall(r"^### (.+)$", CHANGELOG, re.MULTILINE)
    assert kinds
    assert set(kinds) <= KINDS
    for release in re.split(r"^## ", CHANGELOG, flags=re.MULTILINE)[1:]:
        own = re.findall(r"^### (.+)$", release, re.MULTILINE)
        assert len(set(own)) == len(own)
