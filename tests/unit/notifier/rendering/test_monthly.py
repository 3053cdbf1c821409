"""Whether a product should come every month: what asks it, and what asks for the yes, in every language."""

import re
from dataclasses import replace
from typing import Any

import pytest

from services.notifier.domain.kinds.monthly_confirmation import KIND
from services.notifier.domain.segments import count_segments
from services.notifier.domain.snapshot import SnapshotLine, SnapshotOrder
from services.notifier.rendering.draft import Draft
from services.notifier.rendering.message import compose_letter, compose_text
from services.notifier.rendering.templates import Templates, UnknownTemplateError
from tests.unit.notifier.languages import LANGUAGES
from tests.unit.notifier.making import NOON, contact, line, reminder, snapshot, store

TEMPLATES = Templates()
MONTHLY, YES, OUT = (
    "https://n.example/m/AAAAAAAAAAA",
    "https://n.example/s/BBBBBBBBBBB",
    "https://n.example/u/AAAAAAAAAAA",
)
PAGE = ("title", "question", "button", "done", "over", "broken")


def draft(kind: str, *lines: SnapshotLine, locale: str = "en", channel: str = "email", **shop: Any) -> Draft:
    told = reminder(kind=kind, template=kind, channel=channel, cart_id=None, cart_version=None, order_id="o-1")
    order = SnapshotOrder(order_id="o-1", status="delivered", placed_at=NOON, currency="EUR", lines=lines or (line(),))
    seen = snapshot().model_copy(update={"order": order})
    made = Draft(told, contact(locale=locale), seen, store(**shop), TEMPLATES, OUT, NOON, short_url=YES)
    return replace(made, monthly_url=MONTHLY)


def delivered(*lines: SnapshotLine, ask_monthly: bool | None = True, **known: Any) -> Draft:
    return draft("order_delivered", *lines, ask_monthly=ask_monthly, **known)


def asking(**known: Any) -> Draft:
    made = draft(KIND, **known)
    return replace(made, reminder=replace(made.reminder, sku="mug"))


@pytest.mark.parametrize("locale", LANGUAGES)
def test_the_letter_that_an_order_has_arrived_asks_once_in_words_of_their_own(locale: str):
    letter = compose_letter(delivered(locale=locale))
    asked = TEMPLATES.wordings.choose(locale, "en").say("common.monthly", {"title": "Stoneware mug"})
    for body in (letter.text, letter.html):
        assert body.count(MONTHLY) == 1
        assert asked in body
    assert letter.language == locale


@pytest.mark.parametrize(
    "silent",
    [
        delivered(ask_monthly=None),
        delivered(ask_monthly=False),
        delivered(line("mug"), line("jug")),
        draft("order_confirmed", ask_monthly=True),
        replace(delivered(), monthly_url=""),
    ],
    ids=["unset", "off", "two products", "another message", "no link"],
)
def test_nothing_else_asks(silent: Draft):
    letter = compose_letter(silent)
    assert "month" not in letter.text + letter.html
    assert MONTHLY not in letter.text + letter.html


def test_a_text_does_not_ask():
    assert "/m/" not in compose_text(delivered(channel="sms"))


def test_the_title_is_one_line_and_no_markup():
    letter = compose_letter(delivered(line(title="<b>Mug</b>\r\nBcc: x")))
    assert "<b>Mug" not in letter.html
    assert "every month?" in letter.text
    assert "\nBcc" not in letter.text
    blank = compose_letter(delivered(line("mug-7", title=" ")))
    assert "have mug-7 every month" in blank.text


@pytest.mark.parametrize("locale", LANGUAGES)
def test_the_letter_that_asks_for_the_yes_leads_there(locale: str):
    letter = compose_letter(asking(locale=locale))
    for body in (letter.text, letter.html):
        assert YES in body
        assert "Stoneware mug" in body
        assert MONTHLY not in body
        assert OUT not in body
    assert "Stoneware mug" in letter.subject
    assert "{" not in letter.subject + letter.text


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_text_that_asks_for_it_has_one_link_and_few_segments(locale: str):
    text = compose_text(asking(locale=locale, channel="sms"))
    assert re.findall(r"https?://\S+", text) == [YES]
    assert "Stoneware mug" in text
    assert count_segments(text) <= 2


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("section", ["monthly_page", "monthly_confirm_page"])
def test_the_pages_have_their_words_in_every_language(locale: str, section: str):
    with pytest.raises(UnknownTemplateError):
        TEMPLATES.wording(section, 1, locale, "en")
    words = TEMPLATES.wordings.choose(locale, "en")
    said = [words.say(f"{section}.{part}", {"store": "Nordwind"}) for part in PAGE]
    assert len(set(said)) == len(PAGE)
    assert all("{" not in one for one in said)
