"""The question to an address that somebody has left: in every language, without goods and anybody's own words."""

from dataclasses import replace
from typing import Any

import pytest

from services.notifier.domain.gsm import fits_gsm
from services.notifier.rendering.draft import Draft
from services.notifier.rendering.message import compose_letter, compose_text
from services.notifier.rendering.templates import Templates, UnknownTemplateError
from tests.unit.notifier.languages import LANGUAGES, LATIN
from tests.unit.notifier.making import NOON, contact, reminder, snapshot, store

TEMPLATES = Templates()
YES, OUT = "https://n.example/y/BBBBBBBBBBB", "https://n.example/u/AAAAAAAAAAA"
PAGE = ("title", "question", "button", "done", "over", "broken")


def question(locale: str = "en", channel: str = "email", **shop: Any) -> Draft:
    asked = reminder(kind="confirmation", template="confirmation", channel=channel, cart_id=None, cart_version=None)
    who = contact(locale=locale, name="Buy gold now")
    return Draft(asked, who, snapshot(), store(**shop), TEMPLATES, OUT, NOON, short_url=YES)


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_letter_asks_says_why_it_came_and_how_to_have_peace(locale: str):
    letter = compose_letter(question(locale))
    for body in (letter.text, letter.html):
        assert YES in body
        assert OUT in body
        assert "Nordwind" in body
        for word in ("mug", "Stoneware", "gold", "49", "/r/r1_token"):
            assert word not in body
    assert letter.language == locale
    assert "{" not in letter.text + letter.subject


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_text_has_one_link_and_says_what_it_is_about(locale: str):
    text = compose_text(question(locale, "sms"))
    assert text.count("http") == 1
    assert YES in text
    assert "STOP" in text
    assert "gold" not in text
    silent = compose_text(question(locale, "sms", sms_from="Nordwind"))
    assert (silent.count("http"), "STOP" in silent) == (1, False)


@pytest.mark.parametrize("locale", LATIN)
def test_a_text_in_latin_script_is_one_segment(locale: str):
    text = compose_text(question(locale, "sms", name="Lantern & Loom"))
    assert fits_gsm(text)
    assert len(text) <= 160


def test_whoever_unsubscribes_by_the_letter_is_believed():
    assert not question().transactional
    assert question().asks
    assert not replace(question(), reminder=reminder()).asks
    assert replace(question(), short_url=None).leads_to == ""


@pytest.mark.parametrize("locale", LANGUAGES)
def test_the_pages_have_their_words_in_every_language(locale: str):
    words = TEMPLATES.wordings.choose(locale, "en")
    said = [words.say(f"confirm_page.{part}", {"store": "Nordwind"}) for part in PAGE]
    assert len(set(said)) == len(PAGE)
    assert all("{" not in one for one in said)


def test_the_page_s_words_are_no_template():
    with pytest.raises(UnknownTemplateError):
        TEMPLATES.wording("confirm_page", 1, "en", "en")
