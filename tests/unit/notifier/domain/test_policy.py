"""May it go out now, later or never?"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from libs.policy.held_back import Cancel, Expire, Wait, quiet_until
from services.notifier.domain.policy import BACKOFF_MOST_S, Go, Rules, check, retry_at
from tests.unit.notifier.making import NOON, contact, recipient, reminder

HOUR = timedelta(hours=1)
OPEN = Rules(cap=timedelta(), quiet=None, zone=ZoneInfo("UTC"))
NIGHT = (time(21), time(9))


def rules(**known) -> Rules:
    return Rules(**({"cap": timedelta(), "quiet": None, "zone": ZoneInfo("UTC")} | known))


def test_with_a_contact_and_consent_it_goes():
    assert check(reminder(), recipient(), OPEN, NOON) == Go(contact())


def test_the_checks_come_in_their_order():
    nobody = contact(email=None, email_consent=False)
    assert check(reminder(), recipient(contact=nobody, suppressed="bounced"), OPEN, NOON) == Cancel("no_contact")
    unwilling = contact(email_consent=False)
    assert check(reminder(), recipient(contact=unwilling, suppressed="bounced"), OPEN, NOON) == Cancel("no_consent")
    assert check(reminder(), recipient(suppressed="stop", newer_cart=True), OPEN, NOON) == Cancel("suppressed")
    waiting = recipient(newer_cart=True, last_sent_at=NOON)
    assert check(reminder(), waiting, rules(cap=16 * HOUR), NOON) == Cancel("newer_cart")
    assert check(reminder(), recipient(contact=None), OPEN, NOON + 6 * HOUR) == Expire("too_late")


def test_what_is_paused_waits_until_it_expires_and_says_so():
    held = recipient(paused=True, contact=None, suppressed="bounced")
    assert check(reminder(), held, OPEN, NOON) == Wait(NOON + 6 * HOUR, "paused")
    assert check(reminder(reason="paused"), held, OPEN, NOON + 6 * HOUR) == Expire("paused")


def test_a_pause_holds_what_knows_no_caps_and_what_asks_for_consent():
    for rules_ in (rules(transactional=True), rules(asks=True)):
        assert check(reminder(), recipient(paused=True), rules_, NOON) == Wait(NOON + 6 * HOUR, "paused")


def test_what_may_be_out_already_looks_every_minute_whether_the_pause_is_over():
    maybe_out, minute = reminder(state="sending"), timedelta(minutes=1)
    assert check(maybe_out, recipient(paused=True), OPEN, NOON) == Wait(NOON + minute, "paused")
    late = NOON + 6 * HOUR - timedelta(seconds=1)
    assert check(maybe_out, recipient(paused=True), OPEN, late) == Wait(NOON + 6 * HOUR, "paused")


def test_consent_is_asked_for_the_channel_that_is_used():
    only_mail = recipient(contact=contact(sms_consent=False))
    assert check(reminder(channel="sms"), only_mail, OPEN, NOON) == Cancel("no_consent")
    assert isinstance(check(reminder(), only_mail, OPEN, NOON), Go)


def test_what_it_waited_for_is_told_when_its_time_is_over():
    late = reminder(reason="cart_unavailable")
    assert check(late, recipient(), OPEN, NOON + 6 * HOUR) == Expire("cart_unavailable")


def test_the_budget_ends_at_its_very_end():
    assert isinstance(check(reminder(), recipient(), OPEN, NOON + 6 * HOUR - timedelta(microseconds=1)), Go)
    assert isinstance(check(reminder(), recipient(), OPEN, NOON + 6 * HOUR), Expire)


def test_an_unknown_contact_is_waited_for_and_then_given_up():
    patient = rules(contact_grace=timedelta(seconds=10))
    nobody = recipient(contact=None)
    assert check(reminder(), nobody, patient, NOON) == Wait(NOON + timedelta(seconds=10), "no_contact")
    assert check(reminder(), nobody, patient, NOON + timedelta(seconds=10)) == Cancel("no_contact")


def test_a_cap_defers_to_the_moment_at_which_it_ends():
    capped, recent = rules(cap=4 * HOUR), recipient(last_sent_at=NOON - HOUR)
    assert check(reminder(), recent, capped, NOON) == Wait(NOON + 3 * HOUR, "frequency_cap")
    assert isinstance(check(reminder(), recent, capped, NOON + 3 * HOUR), Go)


def test_a_cap_of_zero_is_none():
    assert isinstance(check(reminder(), recipient(last_sent_at=NOON + HOUR), OPEN, NOON), Go)


def test_a_cap_that_outlasts_the_budget_ends_it_under_its_own_name():
    assert check(reminder(), recipient(last_sent_at=NOON), rules(cap=16 * HOUR), NOON) == Expire("frequency_cap")


def test_one_text_message_an_abandonment():
    again = recipient(episode_sent=True)
    assert check(reminder(channel="sms"), again, rules(cap=24 * HOUR, once_a_cart=True), NOON) == Cancel(
        "one_sms_per_cart"
    )
    assert isinstance(check(reminder(), again, rules(cap=16 * HOUR), NOON), Go)


def test_quiet_hours_are_those_of_the_recipient():
    quiet = rules(quiet=NIGHT)
    in_tokyo = recipient(timezone="Asia/Tokyo")  # 21:00 there
    allowed_at_nine = reminder(expires_at=NOON + 24 * HOUR)
    assert check(allowed_at_nine, in_tokyo, quiet, NOON) == Wait(NOON + 12 * HOUR, "quiet_hours")
    assert isinstance(check(allowed_at_nine, recipient(), quiet, NOON), Go)
    assert check(reminder(), in_tokyo, quiet, NOON) == Expire("quiet_hours")


def test_a_zone_that_does_not_exist_is_read_as_the_store_s():
    lost = recipient(timezone="Mars/Olympus")
    assert isinstance(check(reminder(), lost, rules(quiet=NIGHT), NOON), Go)


def test_a_cap_that_ends_at_night_defers_to_the_morning():
    both = rules(quiet=NIGHT, cap=10 * HOUR)
    long = reminder(expires_at=NOON + 48 * HOUR)
    verdict = check(long, recipient(last_sent_at=NOON - HOUR), both, NOON)
    assert verdict == Wait(datetime(2026, 3, 11, 9, tzinfo=UTC), "quiet_hours")


@pytest.mark.parametrize(
    ("hour", "quiet"),
    [("20:59", False), ("21:00", True), ("23:59", True), ("00:00", True), ("08:59", True), ("09:00", False)],
)
def test_the_edges_of_the_night(hour, quiet):
    moment = datetime.combine(NOON.date(), time.fromisoformat(hour), UTC)
    assert (quiet_until(moment, ZoneInfo("UTC"), *NIGHT) is not None) == quiet


def test_quiet_hours_may_lie_within_a_day():
    assert quiet_until(NOON, ZoneInfo("UTC"), time(11), time(13)) == NOON + HOUR
    assert quiet_until(NOON, ZoneInfo("UTC"), time(13), time(15)) is None


def test_the_night_of_the_change_to_summer_time_ends_at_nine_on_the_clock():
    evening = datetime(2026, 3, 28, 22, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)
    assert quiet_until(evening, ZoneInfo("Europe/Berlin"), *NIGHT) == datetime(2026, 3, 29, 7, tzinfo=UTC)


def test_quiet_hours_that_end_in_a_repeated_hour_end_and_do_not_spin():
    berlin, night = ZoneInfo("Europe/Berlin"), (time(21), time(2, 30))
    second = datetime(2026, 10, 25, 2, 15, tzinfo=berlin, fold=1).astimezone(UTC)
    assert quiet_until(second, berlin, *night) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@given(
    moment=st.integers(0, 700 * 24 * 60).map(lambda minutes: NOON + timedelta(minutes=minutes)),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]).map(
        ZoneInfo
    ),
    night=st.sampled_from([NIGHT, (time(21), time(1, 30)), (time(21), time(2, 30)), (time(1, 30), time(2))]),
)
@example(
    moment=datetime(2026, 10, 25, 1, 15, tzinfo=UTC), zone=ZoneInfo("Europe/Berlin"), night=(time(21), time(2, 30))
)
def test_after_the_quiet_hours_it_is_not_quiet(moment, zone, night):
    end = quiet_until(moment, zone, *night)
    if end is not None:
        assert end > moment
        assert quiet_until(end, zone, *night) is None


@given(failures=st.integers(0, 10_000), wish=st.none() | st.floats(0, 3600))
def test_a_retry_lies_ahead_and_within_the_budget(failures, wish):
    at = retry_at(reminder(failures=failures), NOON, wish)
    assert NOON < at <= reminder().expires_at
    assert at - NOON <= timedelta(seconds=max(BACKOFF_MOST_S, wish or 0))
    assert at - NOON >= timedelta(seconds=wish or 0)


def test_what_they_have_declined_is_not_sent_and_what_no_consent_is_asked_for_is():
    declined = recipient(declined=True, newer_cart=True)
    assert check(reminder(), declined, OPEN, NOON) == Cancel("declined")
    assert check(reminder(), recipient(declined=True, suppressed="stop"), OPEN, NOON) == Cancel("suppressed")
    for rules_ in (rules(transactional=True), rules(asks=True)):
        assert check(reminder(), declined, rules_, NOON) == Go(contact())


def test_while_they_have_paused_it_waits_and_ends_under_that_name():
    later = NOON + HOUR
    assert check(reminder(), recipient(rests_until=later), OPEN, NOON) == Wait(later, "recipient_paused")
    assert check(reminder(), recipient(rests_until=later), OPEN, later) == Go(contact())
    month = recipient(rests_until=NOON + 30 * 24 * HOUR)
    assert check(reminder(), month, OPEN, NOON) == Expire("recipient_paused")
    assert check(reminder(), month, rules(transactional=True), NOON) == Go(contact())
    capped = recipient(rests_until=later, last_sent_at=NOON)
    assert check(reminder(), capped, rules(cap=2 * HOUR), NOON) == Wait(NOON + 2 * HOUR, "frequency_cap")
