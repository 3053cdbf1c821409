"""Days and times as each language writes them, where the reader is."""
# ruff: noqa: RUF001 - Cyrillic is meant

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from services.notifier.rendering.days import moment_in_letter, moment_in_text, whole_day
from services.notifier.rendering.phrases import Wording
from services.notifier.rendering.templates import Templates
from tests.unit.notifier.languages import LANGUAGES

WARSAW = ZoneInfo("Europe/Warsaw")
END = datetime(2026, 12, 3, 13, 5, tzinfo=UTC)
FIRST = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
"""Where the reader is the first of December has begun."""
WORDS = Templates().wordings


@pytest.mark.parametrize(
    ("locale", "told"),
    [
        ("en", "December 3, 2:05 PM"),
        ("en_GB", "3 December, 14:05"),
        ("de", "3. Dezember, 14:05"),
        ("fr", "3 décembre, 14:05"),
        ("es", "3 de diciembre, 14:05"),
        ("it", "3 dicembre 14:05"),
        ("pl", "3 grudnia 14:05"),
        ("cs", "3. prosince 14:05"),
        ("ru", "3 декабря, 14:05"),
        ("uk", "3 грудня, 14:05"),
        ("sr", "3. децембар 14:05"),
        ("sr_Latn", "3. decembar 14:05"),
    ],
)
def test_a_text_tells_it_as_short_as_the_language_can(locale: str, told: str) -> None:
    assert " ".join(moment_in_text(END, Locale.parse(locale), WARSAW).split()) == told


@pytest.mark.parametrize(
    ("locale", "told"),
    [
        ("en", "December 3 at 2:05 PM"),
        ("de", "3. Dezember um 14:05 Uhr"),
        ("fr", "3 décembre à 14:05"),
        ("es", "3 de diciembre, 14:05 h"),
        ("it", "3 dicembre, ore 14:05"),
        ("pl", "3 grudnia, godz. 14:05"),
        ("cs", "3. prosince, 14:05"),
        ("ru", "3 декабря, 14:05"),
        ("uk", "3 грудня, 14:05"),
        ("sr", "3. децембар у 14:05"),
        ("sr-Latn", "3. decembar u 14:05"),
    ],
)
def test_a_letter_tells_it_as_a_sentence_has_it(locale: str, told: str) -> None:
    assert " ".join(moment_in_letter(END, WORDS.choose(locale, "en"), WARSAW).split()) == told


def test_a_language_of_a_store_s_own_that_says_nothing_of_it_has_that_of_a_text() -> None:
    words = Wording(Locale("nl"), {"common": {}})
    assert moment_in_letter(END, words, WARSAW) == moment_in_text(END, words.locale, WARSAW)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_of_a_month_is_an_ordinal_in_french_alone(language: str) -> None:
    words = WORDS.choose(language, "en")
    days = (
        moment_in_text(FIRST, words.locale, WARSAW),
        moment_in_letter(FIRST, words, WARSAW),
        whole_day(FIRST, words.locale, WARSAW),
    )
    assert [day.startswith("1er ") for day in days] == [language == "fr"] * 3
    assert not whole_day(END.replace(day=11), words.locale, WARSAW).startswith("1er")


@pytest.mark.parametrize(
    ("locale", "told"),
    [("fr", "1er décembre 2026"), ("ru", "1 декабря 2026 г"), ("sr", "1. 12. 2026"), ("de", "1. Dezember 2026")],
)
def test_a_day_with_its_year_leaves_the_full_stop_to_its_sentence(locale: str, told: str) -> None:
    assert " ".join(whole_day(FIRST, Locale.parse(locale), WARSAW).replace(".12.", ". 12. ").split()) == told
