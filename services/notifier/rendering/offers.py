"""What a message says of a coupon, and of how often somebody has left a cart before. Pure."""

from collections.abc import Mapping
from datetime import datetime, tzinfo

from babel import Locale
from babel.dates import format_skeleton, format_time, get_datetime_format

from libs.runtime.zones import zone_named
from services.notifier.domain.reminder import Contact, Reminder
from services.notifier.domain.store import Store
from services.notifier.rendering.phrases import Wording


def facts_of(reminder: Reminder, contact: Contact, store: Store, words: Wording) -> dict[str, str]:
    """What words may name: `coupon` and, where it ends, `coupon_until`; `times_abandoned` where it was counted."""
    facts = {"coupon": reminder.coupon or ""}
    if reminder.coupon and reminder.coupon_until is not None:
        zone = zone_named(contact.timezone) or store.zone
        facts["coupon_until"] = in_words(reminder.coupon_until, words.locale, zone)
    if reminder.times_abandoned is not None:
        facts["times_abandoned"] = str(reminder.times_abandoned)
    return facts


def habits(reminder: Reminder) -> dict[str, object]:
    """What layouts may ask besides: `first_time`, yes or no, and `times_abandoned`, a number, where it was counted."""
    times = reminder.times_abandoned
    return {} if times is None else {"times_abandoned": times, "first_time": times == 0}


def offer(reminder: Reminder, words: Wording, part: str, facts: Mapping[str, str]) -> str:
    """The sentence that offers the coupon, with its end where it has one; nothing where none is offered."""
    if not reminder.coupon:
        return ""
    return words.say(f"{part}.coupon_until" if "coupon_until" in facts else f"{part}.coupon", facts)


def in_words(moment: datetime, locale: Locale, zone: tzinfo) -> str:
    """A day and a time as they are written in a language (CLDR), where the reader is: "3 December, 14:05"."""
    there = moment.astimezone(zone)
    day, time = format_skeleton("MMMMd", there, locale=locale), format_time(there, "short", locale=locale)
    both = str(get_datetime_format("long", locale)).replace("'", "")
    return both.replace("{1}", day).replace("{0}", time)
