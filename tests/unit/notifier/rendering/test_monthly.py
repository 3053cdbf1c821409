"""Whether products should come again: what asks it, and what asks for the yes, in every language."""

import re
from dataclasses import replace
from typing import Any

import pytest
from babel import Locale

from libs.contracts.events import LowItem
from services.notifier.domain.gsm import economical
from services.notifier.domain.kinds.monthly_confirmation import KIND
from services.notifier.domain.segments import count_segments
from services.notifier.domain.snapshot import SnapshotLine, SnapshotOrder
from services.notifier.rendering.again import how_often
from services.notifier.rendering.draft import Draft
from services.notifier.rendering.message import compose_letter, compose_text
from services.notifier.rendering.phrases import Wording
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

EVERY = {
    "en": {"week": "every week", "month": "every month", "2 weeks": "every 2 weeks", "6 months": "every 6 months"},
    "de": {"week": "jede Woche", "month": "jeden Monat", "2 weeks": "alle 2 Wochen", "6 months": "alle 6 Monate"},
    "fr": {
        "week": "chaque semaine",
        "month": "chaque mois",
        "2 weeks": "toutes les 2 semaines",
        "6 months": "tous les 6 mois",
    },
    "es": {"week": "cada semana", "month": "cada mes", "2 weeks": "cada 2 semanas", "6 months": "cada 6 meses"},
    "it": {"week": "ogni settimana", "month": "ogni mese", "2 weeks": "ogni 2 settimane", "6 months": "ogni 6 mesi"},
    "pl": {
        "week": "co tydzień",
        "2 weeks": "co 2 tygodnie",
        "6 weeks": "co 6 tygodni",
        "12 weeks": "co 12 tygodni",
        "month": "co miesiąc",
        "3 months": "co 3 miesiące",
        "6 months": "co 6 miesięcy",
    },
    "cs": {
        "week": "každý týden",
        "2 weeks": "každé 2 týdny",
        "6 weeks": "každých 6 týdnů",
        "month": "každý měsíc",
        "3 months": "každé 3 měsíce",
        "6 months": "každých 6 měsíců",
    },
    "ru": {
        "week": "каждую неделю",
        "2 weeks": "каждые 2 недели",
        "6 weeks": "каждые 6 недель",
        "month": "каждый месяц",
        "3 months": "каждые 3 месяца",
        "12 months": "каждые 12 месяцев",
    },
    "uk": {
        "week": "щотижня",
        "2 weeks": "кожні 2 тижні",
        "6 weeks": "кожні 6 тижнів",
        "month": "щомісяця",
        "3 months": "кожні 3 місяці",
        "12 months": "кожні 12 місяців",
    },
    "sr": {
        "week": "сваке недеље",
        "2 weeks": "сваке 2 недеље",
        "6 weeks": "сваких 6 недеља",
        "month": "сваког месеца",
        "3 months": "свака 3 месеца",
        "6 months": "сваких 6 месеци",
    },
    "sr-Latn": {"month": "svakog meseca", "6 weeks": "svakih 6 nedelja", "3 months": "svaka 3 meseca"},
}


def draft(kind: str, *lines: SnapshotLine, locale: str = "en", channel: str = "email", **shop: Any) -> Draft:
    told = reminder(kind=kind, template=kind, channel=channel, cart_id=None, cart_version=None, order_id="o-1")
    order = SnapshotOrder(order_id="o-1", status="delivered", placed_at=NOON, currency="EUR", lines=lines or (line(),))
    seen = snapshot().model_copy(update={"order": order})
    made = Draft(told, contact(locale=locale), seen, store(**shop), TEMPLATES, OUT, NOON, short_url=YES)
    return replace(made, monthly_url=MONTHLY)


def delivered(*lines: SnapshotLine, ask_monthly: bool | None = True, **known: Any) -> Draft:
    return draft("order_delivered", *lines, ask_monthly=ask_monthly, **known)


def asking(*, lines: tuple[SnapshotLine, ...] = (), **known: Any) -> Draft:
    made = draft(KIND, *lines, **known)
    return replace(made, reminder=replace(made.reminder, sku="mug"))


@pytest.mark.parametrize("locale", LANGUAGES)
def test_the_letter_that_an_order_has_arrived_asks_once_in_words_of_their_own(locale: str):
    letter = compose_letter(delivered(locale=locale))
    asked = TEMPLATES.wordings.choose(locale, "en").say(
        "common.monthly", {"title": "Stoneware mug", "every": EVERY[locale]["month"]}
    )
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
    assert "have this every month: " in letter.text
    assert "\nBcc" not in letter.text
    blank = compose_letter(delivered(line("mug-7", title=" ")))
    assert "every month: mug-7?" in blank.text


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
    said = [words.say(f"{section}.{part}", {"store": "Nordwind", "every": "x"}) for part in PAGE]
    assert len(set(said)) == len(PAGE)
    assert all("{" not in one for one in said)


@pytest.mark.parametrize(("locale", "every"), [(locale, every) for locale in LANGUAGES for every in EVERY[locale]])
def test_how_often_it_would_come_is_said_in_the_right_number_and_case(locale: str, every: str):
    said = EVERY[locale][every]
    assert how_often(every, TEMPLATES.wordings.choose(locale, "en")) == said
    assert said in compose_letter(delivered(locale=locale, repeat_every=every)).text
    letter = compose_letter(asking(locale=locale, repeat_every=every))
    assert letter.subject.endswith(f" {said}")
    assert letter.text.count(said) >= 2
    assert said in letter.html
    assert economical(said) in compose_text(asking(locale=locale, channel="sms", repeat_every=every))


def test_a_language_of_a_store_s_own_may_say_nothing_of_it():
    assert how_often("2 weeks", Wording(Locale("nl"), {"common": {}})) == ""


def test_of_several_products_one_question_names_all_that_the_store_has_marked():
    lines = (line("mug", title="Mug"), line("pan", title="Pan"), line("jug", title="Jug"), line("mug", title="Mug"))
    asked = compose_letter(delivered(*lines, repeat_products=("mug", "jug"))).text
    assert "Would you like to have this every month: Mug, Jug?" in asked
    assert asked.count("/m/") == 1
    silent = compose_letter(delivered(line("pan"), repeat_products=("mug", "jug")))
    assert "/m/" not in silent.text, "nor is the only product asked of that is not marked"


@pytest.mark.parametrize("locale", LANGUAGES)
def test_one_letter_asks_for_the_yes_to_several(locale: str):
    lines = (line("mug", title="Mug"), line("pan", title="Pan"), line("jug", title="Jug"))
    made = asking(lines=lines, locale=locale)
    made = replace(made, reminder=replace(made.reminder, also_low=(LowItem(sku="jug"),)))
    letter = compose_letter(made)
    assert "Mug, Jug" in letter.subject
    assert "Pan" not in letter.subject + letter.text + letter.html
    text = compose_text(replace(made, reminder=replace(made.reminder, channel="sms")))
    assert "Mug, Jug" in text
    assert count_segments(text) <= 2
