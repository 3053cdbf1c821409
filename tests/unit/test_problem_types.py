"""Every problem that the code raises stands in the catalogue of its service, and nothing else does."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from libs.http.catalogue import COMMON, Catalogue
from libs.http.problem_pages import _index, _page
from services.cart.api.errors import CATALOGUE as CART
from services.console.web.app import CATALOGUE as CONSOLE
from services.notifier.web.app import CATALOGUE as NOTIFIER
from services.trigger.web.app import CATALOGUE as TRIGGER

ROOT = Path(__file__).resolve().parents[2]
TRANSLATING = {"services/cart/api/errors.py"}
"""Makes problems of refusals, whose slugs are collected where they are raised."""
CATALOGUES = {
    "services/cart": CART,
    "services/notifier": NOTIFIER,
    "services/trigger": TRIGGER,
    "services/console": CONSOLE,
    "libs/http": COMMON,
}


@cache
def raised(folder: str) -> tuple[tuple[str, int | None, str], ...]:
    """Slug, status (None where the catalogue gives it) and place of each problem and refusal below a folder."""
    return tuple(_raised(folder))


def _raised(folder: str) -> Iterator[tuple[str, int | None, str]]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            place = f"{path.relative_to(ROOT)}:{node.lineno}"
            if node.func.id == "Refusal":
                yield str(literal(node.args[0], place)), None, place
            elif node.func.id == "Problem" and str(path.relative_to(ROOT)) not in TRANSLATING:
                status = literal(node.args[0], place)
                assert isinstance(status, int)
                yield str(literal(node.args[1], place)), status, place


def literal(node: ast.expr, place: str) -> object:
    assert isinstance(node, ast.Constant), f"{place}: a slug and its status are literals, so that they can be found"
    return node.value


@pytest.mark.parametrize("folder", CATALOGUES)
def test_every_problem_that_is_raised_is_in_the_catalogue_with_its_status(folder: str) -> None:
    catalogue = CATALOGUES[folder]
    unknown = [(slug, place) for slug, _, place in raised(folder) if slug not in catalogue]
    assert unknown == [], "describe it in problems.toml"
    assert [
        (slug, place) for slug, status, place in raised(folder) if status not in (None, catalogue[slug].status)
    ] == []


@pytest.mark.parametrize(
    "folder", ["services/cart", "services/notifier", "services/trigger", "services/console", "libs/http"]
)
def test_the_catalogue_describes_nothing_that_is_never_raised(folder: str) -> None:
    own = set(CATALOGUES[folder]) - (set(COMMON) if folder.startswith("services") else set())
    elsewhere = {
        slug
        for service in ("services/cart", "services/notifier", "services/trigger", "services/console")
        for slug, *_ in raised(service)
    }
    found = {slug for slug, *_ in raised(folder)} | (elsewhere if folder == "libs/http" else set())
    assert own - found == set()


@pytest.mark.parametrize(
    "catalogue", [CART, NOTIFIER, TRIGGER, CONSOLE], ids=["cart", "notifier", "trigger", "console"]
)
def test_words_are_sentences_and_name_nothing_internal(catalogue: Catalogue) -> None:
    for kind in catalogue.values():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.slug)
        assert kind.title[0].isupper()
        assert not kind.title.endswith(".")
        assert all(text.endswith(".") for text in (kind.happened, kind.remedy)), kind.slug


def test_the_pages_load_nothing_and_lead_to_each_other() -> None:
    index = _index(CART.values())
    assert set(re.findall(r'href="([^"]+)"', index)) == {kind.path for kind in CART.values()}
    for page in (index, *(_page(kind) for kind in CART.values())):
        assert not re.search(r"src=|url\(|@import|<script|<link", page)
        assert '<html lang="en">' in page
        assert 'name="viewport"' in page
        assert "prefers-color-scheme:dark" in page
        assert len(re.findall("<h1", page)) == len(re.findall("<main", page)) == 1
