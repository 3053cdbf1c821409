"""Every story of the page is shown by a test that exists, or says that it does not end well yet."""

import re

from tests.unit.docs.test_settings_page import ROOT

PAGE = ROOT / "deploy/docs/stories.md"
ROWS = [
    line.strip("| ").split(" | ") for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")
]
STORIES = [row for row in ROWS if row[0] != "what happened to them"]


def test_each_story_names_its_threads_and_a_test_that_is_there() -> None:
    assert len(STORIES) > 60
    for what, where, _, shown in STORIES:
        assert re.search(r"[\w/.-]+#\d+", where), what
        if shown == "*not yet*":
            continue
        link = re.fullmatch(r"\[`(test_\w+)`\]\((\.\./\.\./tests/[\w/]+\.py)\)", shown)
        assert link, what
        source = (PAGE.parent / link[2]).read_text(encoding="utf-8")
        assert re.search(rf"def {link[1]}\(", source), what


def test_no_story_is_told_twice() -> None:
    assert len({row[0] for row in STORIES}) == len(STORIES)
