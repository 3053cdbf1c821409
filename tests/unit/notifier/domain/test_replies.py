"""What people write back, and what they mean by it."""
# ruff: noqa: RUF001 - Cyrillic is meant

import pytest

from services.notifier.domain.replies import meaning


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "stop",
        " Stop. ",
        "Stop!!!",
        "Stop. Thank you",
        "please STOP",
        "STOP STOP",
        "Unsubscribe",
        "opt out",
        "Opt-Out please",
        "STOP ALL",
        "QUIT",
        "revoke",
        "ＳＴＯＰ",
        "СТОП",
        "Stopp bitte",
        "Rezygnuję, dziękuję",
        "stop 🙏",
    ],
)
def test_a_keyword_with_courtesies_opts_out(text):
    assert meaning(text) == "stop"


@pytest.mark.parametrize(
    "text",
    [
        "We have got to STOP this bill",
        "stop by tomorrow?",
        "don't stop",
        "please cancel my order 123",
        "in the end it fits",
        "STOP or HELP",
    ],
)
def test_a_keyword_among_other_words_is_for_a_person(text):
    assert meaning(text) == "unclear"


@pytest.mark.parametrize("text", ["START", "start please", "Unstop", "start unstop subscribe старт"])
def test_start_brings_them_back(text):
    assert meaning(text) == "start"


@pytest.mark.parametrize("text", ["HELP", "help?", "Info", "Hilfe!"])
def test_help_is_help(text):
    assert meaning(text) == "help"


@pytest.mark.parametrize("text", ["", "thanks", "Is the mug blue?", "nonstop", "stopping by", "🙂", "yes"])
def test_anything_else_asks_for_nothing(text):
    assert meaning(text) == "other"
