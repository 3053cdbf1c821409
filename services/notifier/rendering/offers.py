"""What a message says of a coupon, and of how often somebody has left a cart before. Pure."""

from collections.abc import Mapping

from libs.runtime.zones import zone_named
from services.notifier.domain.reminder import Contact, Reminder
from services.notifier.domain.store import Store
from services.notifier.rendering.days import moment_in_letter, moment_in_text
from services.notifier.rendering.phrases import Wording


def facts_of(
    reminder: Reminder, contact: Contact, store: Store, words: Wording, *, letter: bool = False
) -> dict[str, str]:
    """What words may name: `coupon` and, where it ends, `coupon_until`, shorter in what is no letter; `times_abandoned`
    where it was counted.
    """
    facts = {"coupon": reminder.coupon or ""}
    if reminder.coupon and reminder.coupon_until is not None:
        zone = zone_named(contact.timezone) or store.zone
        until = reminder.coupon_until
        said = moment_in_letter(until, words, zone) if letter else moment_in_text(until, words.locale, zone)
        facts["coupon_until"] = said
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
