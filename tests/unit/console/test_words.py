"""The console's own words: the same keys in each language, each form of a number, and all that pages name."""

import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from services.console.domain.faults import KINDS
from services.console.domain.passwords import Fault
from services.console.domain.roles import ROLES
from services.console.web.rendering import HERE
from services.console.web.wording import LANGUAGES, Entry, chosen, wording
from services.notifier.domain.senders.finding import CODES, WHATS

ENGLISH = wording("en")
NAMED = re.compile(r"""\bt\("([a-z_.]+)"[,)]""")


def forms(entry: Entry) -> Iterator[str]:
    yield from [entry] if isinstance(entry, str) else entry.values()


def named(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_keys_of_english(language: str):
    assert set(wording(language).entries) ^ set(ENGLISH.entries) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_have_each_form_that_the_language_tells_apart(language: str):
    words = wording(language)
    wanted = {words.locale.plural_form(n) for n in (*range(120), 0.5)}
    for key, entry in words.entries.items():
        assert isinstance(entry, str) == isinstance(ENGLISH.entries[key], str), key
        if not isinstance(entry, str):
            assert set(entry) == wanted | {"other"}, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_name_the_same_facts_in_each_language(language: str):
    for key, entry in wording(language).entries.items():
        facts = set().union(*(named(one) for one in forms(ENGLISH.entries[key])))
        assert all(named(one) <= facts for one in forms(entry)), key
        assert all(one.strip() for one in forms(entry)), key


def test_pages_name_no_word_that_there_is_not():
    templates = [path.read_text() for path in (HERE / "templates").rglob("*.html")]
    modules = [path.read_text() for path in HERE.rglob("*.py")]
    found = {key for text in templates for key in NAMED.findall(text)}
    found |= {key for text in modules for key in re.findall(r'words\("([a-z_.]+)"[,)]', text)}
    assert len(found) > 150
    assert found - set(ENGLISH.entries) == set()


def test_what_is_put_together_has_words_as_well():
    keys = {f"people.refused.{one}" for one in (*get_args(Fault), "no_address", "no_name", "taken", "gone")}
    keys |= {f"{part}.{role}" for part in ("role", "role_may") for role in ROLES}
    refusals = re.findall(
        r'PageRefusal\(\d+, "([a-z_]+)"', "".join(path.read_text() for path in Path(HERE).rglob("*.py"))
    )
    keys |= {f"refusal.{key}.{part}" for key in refusals for part in ("title", "text")}
    assert keys - set(ENGLISH.entries) == set()


def test_each_fault_and_finding_has_words_and_what_to_do_where_something_can_be_done():
    keys = {f"fault.{kind}" for kind in KINDS} | {f"sender_of.{what}" for what in WHATS}
    keys |= {f"sender_said.{code}" for code in CODES}
    keys |= {f"sender_do.{code}" for code, (state, _) in CODES.items() if state in ("bad", "warn")}
    keys |= {f"sender_state.{state}" for state in ("good", "warn", "bad", "unknown", "few")}
    of_senders = {
        key for key in ENGLISH.entries if key.startswith(("fault.", "sender_of.", "sender_said.", "sender_do."))
    }
    assert keys - set(ENGLISH.entries) == set()
    assert of_senders - keys == set()


@pytest.mark.parametrize(
    ("person", "accepted", "language"),
    [
        (None, "", "en"),
        (None, "fr-FR,de;q=0.8", "de"),
        (None, "pl-PL,pl;q=0.9", "pl"),
        ("pl", "de", "pl"),
        ("xx", "de", "de"),
    ],
)
def test_the_language_is_what_somebody_chose_or_their_browser_asks_for(
    person: str | None, accepted: str, language: str
):
    assert chosen(person, accepted) == language


@pytest.mark.parametrize(("n", "told"), [(1, "wróciło 1 zamówienie"), (3, "wróciły 3"), (5, "wróciło 5 zamówień")])
def test_polish_counts_as_polish_does(n: int, told: str):
    assert told in wording("pl")("today.came_back", n=n)
