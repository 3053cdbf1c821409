"""The rules of words: each finds its fault, at its line, and leaves good words alone."""

import tomllib

import pytest
from babel import Locale

from services.notifier.rendering.lint.finding import Finding, lines_of
from services.notifier.rendering.lint.words import categories, faults_of_words, money_by_hand, unknown_variables

GOOD = """[low_stock]
heading = "Nearly gone: {title}"
[low_stock.subject]
one = "{n} left"
other = "{n} left"
[sms]
help = "{store}: reminders. Reply STOP to opt out."
stop = "Reply STOP to opt out"
stop_link = "Opt out: {unsubscribe_url}"
"""


def faults(source: str, language: str = "en") -> list[tuple[int, str]]:
    found = faults_of_words("wording/x.toml", source, tomllib.loads(source), Locale.parse(language))
    return [(fault.line, fault.rule) for fault in found]


def test_good_words_have_no_faults():
    assert faults(GOOD) == []


@pytest.mark.parametrize(
    ("said", "instead", "fault"),
    [
        ("{title}", "{titel}", (2, "missing-variable")),
        ('one = "{n} left"', 'one = "{n} of {many}"', (4, "missing-variable")),
        ("Nearly gone: {title}", "Only € {now}", (2, "money")),
        ('one = "{n} left"\n', "", (3, "plural")),
        ('stop = "Reply STOP to opt out"', 'stop = "Reply NIX to opt out"', (8, "opt-out-word")),
        ("Opt out: {unsubscribe_url}", "Be gone: {unsubscribe_url}", (9, "opt-out-word")),
        ('stop = "Reply STOP to opt out"', 'stop = "Bye"', (8, "unsubscribe")),
        ("Opt out: {unsubscribe_url}", "Opt out", (9, "unsubscribe")),
    ],
)
def test_each_fault_is_found_at_its_line(said: str, instead: str, fault: tuple[int, str]):
    assert said in GOOD
    assert faults(GOOD.replace(said, instead)) == [fault]


def test_a_language_with_more_forms_needs_them():
    assert faults(GOOD, "pl") == [(3, "plural"), (3, "plural")]
    assert categories(Locale.parse("uk")) == ["few", "many", "one", "other"]


@pytest.mark.parametrize("text", ["${now}", "{now} €", "12 zł", "EUR {was}", "{now} USD", "£5"])
def test_an_amount_that_words_write_themselves_is_found(text: str):
    assert money_by_hand(text)


@pytest.mark.parametrize("text", ["{now}", "costs {now} now", "5 items", "EURO 2028", "a $ sign"])
def test_an_amount_that_comes_written_is_none(text: str):
    assert not money_by_hand(text)


def test_what_is_known_is_no_fault_and_braces_without_a_name_are():
    assert unknown_variables("{store} {name} {n}") == set()
    assert unknown_variables("{}") == {""}


def test_lines_are_found_by_their_path():
    assert lines_of(GOOD)["low_stock.subject.other"] == 5
    assert lines_of('language = "en"\n')["language"] == 1


def test_a_fault_is_told_with_file_line_and_rule():
    assert str(Finding("wording/en.toml", 3, "plural", "few")) == "wording/en.toml:3 plural: few"
