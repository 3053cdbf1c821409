"""Days and times as a language writes them, where CLDR alone would not do. Pure."""

import re
from datetime import datetime, tzinfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, get_datetime_format

from services.notifier.rendering.phrases import UnknownPhraseError, Wording


def moment_in_letter(moment: datetime, words: Wording, zone: tzinfo) -> str:
    """A day and a time where the reader is, as a sentence has them: "3. Dezember um 14:05 Uhr"."""
    day, time = _day_and_time(moment, words.locale, zone)
    try:
        return words.say("common.moment", {"day": day, "time": time})
    except UnknownPhraseError:  # a language of a store's own
        return moment_in_text(moment, words.locale, zone)


def moment_in_text(moment: datetime, locale: Locale, zone: tzinfo) -> str:
    """The same as short as it can be said (CLDR), for each character of a text counts: "3. Dezember, 14:05"."""
    day, time = _day_and_time(moment, locale, zone)
    both = str(get_datetime_format("long", locale)).replace("'", "")
    return both.replace("{1}", day).replace("{0}", time)


def whole_day(moment: datetime, locale: Locale, zone: tzinfo) -> str:
    """A day with its year, to be followed by a full stop: "3. Dezember 2026"."""
    # Serbian would need the month in the genitive; and a full stop follows, in Russian that of the year
    how = "medium" if locale.language == "sr" else "long"
    return _first(format_date(moment.astimezone(zone), how, locale), locale).rstrip(".")


def _day_and_time(moment: datetime, locale: Locale, zone: tzinfo) -> tuple[str, str]:
    there = moment.astimezone(zone)
    return _first(format_skeleton("MMMMd", there, locale=locale), locale), format_time(there, "short", locale=locale)


def _first(day: str, locale: Locale) -> str:
    """In French the first of a month is an ordinal, which CLDR does not know."""
    return re.sub(r"^1(?=\s)", "1er", day) if locale.language == "fr" else day
