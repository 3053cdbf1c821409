"""Texts go when the laws of where somebody is let them, and the store does."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from libs.policy.held_back import Cancel, Expire, Wait
from libs.policy.laws import Laws
from services.notifier.domain.policy import Go, Rules, check
from tests.unit.notifier.making import contact, recipient, reminder

LAWS, HOUR = Laws.read(), timedelta(hours=1)
MORNING = datetime(2026, 12, 1, 13, tzinfo=UTC)  # eight in New York, a Tuesday
TEN = MORNING + 2 * HOUR
ANNA = contact(phone="+12125551234")


def rules(**known) -> Rules:
    return Rules(**({"cap": timedelta(), "quiet": None, "zone": ZoneInfo("UTC"), "laws": LAWS} | known))


def text(**known):
    times = {"due_at": MORNING, "expires_at": MORNING + 12 * HOUR, "quiet_since": MORNING - 2 * HOUR}
    return reminder(**({"channel": "sms"} | times | known))


def test_a_text_waits_for_the_hours_of_the_law_and_says_so():
    assert check(text(), recipient(contact=ANNA), rules(), MORNING) == Wait(TEN, "legal_hours")
    assert check(text(), recipient(contact=ANNA), rules(), TEN) == Go(ANNA)


def test_mail_and_what_no_law_is_about_goes_at_once():
    assert check(text(channel="email"), recipient(contact=ANNA), rules(), MORNING) == Go(ANNA)
    assert check(text(), recipient(contact=ANNA), rules(laws=None), MORNING) == Go(ANNA)
    assert check(text(), recipient(contact=ANNA), rules(transactional=True), MORNING) == Go(ANNA)
    assert check(text(), recipient(contact=ANNA), rules(asks=True), MORNING) == Go(ANNA)


def test_both_the_store_s_hours_and_the_law_s_have_to_be_open():
    night = rules(quiet=(time(14), time(16)))  # in UTC; the law opens in it
    assert check(text(), recipient(contact=ANNA), night, MORNING) == Wait(TEN + HOUR, "quiet_hours")
    all_day = rules(quiet=(time(14), time(13, 30)))
    assert check(text(), recipient(contact=ANNA), all_day, MORNING) == Expire("legal_hours"), "the last to be closed"


def test_a_cap_ends_where_the_law_is_not_open_any_more():
    capped = recipient(contact=ANNA, last_sent_at=MORNING)
    late = text(expires_at=MORNING + 48 * HOUR, quiet_since=None)
    assert check(late, capped, rules(cap=11 * HOUR), MORNING) == Wait(TEN + 24 * HOUR, "legal_hours")


def test_what_would_be_too_late_when_the_law_opens_expires():
    assert check(text(expires_at=TEN), recipient(contact=ANNA), rules(), MORNING) == Expire("legal_hours")


def test_a_text_about_a_cart_goes_within_two_days_of_its_end():
    once = rules(once_a_cart=True)
    long_ago = text(quiet_since=TEN - 48 * HOUR)
    assert check(long_ago, recipient(contact=ANNA), once, TEN) == Expire("legal_period")
    assert check(long_ago, recipient(contact=ANNA), once, MORNING) == Expire("legal_hours"), "they open when it is over"
    just = text(quiet_since=TEN - 48 * HOUR + timedelta(microseconds=1))
    assert check(just, recipient(contact=ANNA), once, TEN) == Go(ANNA)
    assert check(long_ago, recipient(contact=ANNA), rules(), TEN) == Go(ANNA), "one that is about no left cart"
    assert check(text(quiet_since=None), recipient(contact=ANNA), once, TEN) == Go(ANNA)


def test_one_text_an_abandonment_also_where_the_store_has_no_cap():
    told = recipient(contact=ANNA, episode_sent=True)
    once = rules(once_a_cart=True)
    assert check(text(), told, once, TEN) == Cancel("one_sms_per_cart")
    at_home = contact(phone="+4915112345678")
    assert check(text(), recipient(contact=at_home, episode_sent=True), once, TEN) == Go(at_home)
