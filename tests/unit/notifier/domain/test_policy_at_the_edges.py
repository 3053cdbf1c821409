"""At the very edge of a quiet hour, a budget, a retry: on which side of it is it?"""

import random
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from libs.policy.held_back import RECIPIENT_PAUSED, Cancel, Expire, Wait, quiet_until
from services.notifier.domain.policy import Go, Rules, check, retry_at
from services.notifier.domain.reminder import RecipientState
from tests.unit.notifier.making import NOON, contact, recipient, reminder

HOUR = timedelta(hours=1)
UTC_ZONE = ZoneInfo("UTC")


@pytest.mark.parametrize(("clock", "quiet"), [("12:59", False), ("13:00", True), ("14:59", True), ("15:00", False)])
def test_the_edges_of_a_quiet_afternoon(clock: str, quiet: bool) -> None:
    moment = datetime.combine(NOON.date(), time.fromisoformat(clock), UTC)
    assert (quiet_until(moment, UTC_ZONE, time(13), time(15)) is not None) is quiet


def test_quiet_hours_that_end_when_they_begin_are_the_whole_day() -> None:
    assert quiet_until(NOON, UTC_ZONE, time(9), time(9)) == NOON + 21 * HOUR
    assert quiet_until(NOON - 4 * HOUR, UTC_ZONE, time(9), time(9)) == NOON - 3 * HOUR


def test_what_would_be_allowed_at_the_end_of_its_budget_expires() -> None:
    rules = Rules(cap=6 * HOUR, quiet=None, zone=UTC_ZONE)
    recent = recipient(last_sent_at=NOON)
    assert check(reminder(expires_at=NOON + 6 * HOUR), recent, rules, NOON) == Expire("frequency_cap")
    moment_longer = reminder(expires_at=NOON + 6 * HOUR + timedelta(microseconds=1))
    assert check(moment_longer, recent, rules, NOON) == Wait(NOON + 6 * HOUR, "frequency_cap")


@pytest.mark.parametrize(("ago", "goes"), [(6 * HOUR, True), (6 * HOUR - timedelta(microseconds=1), False)])
def test_a_cap_ends_to_the_moment(ago: timedelta, goes: bool) -> None:
    rules, recent = Rules(cap=6 * HOUR, quiet=None, zone=UTC_ZONE), recipient(last_sent_at=NOON - ago)
    verdict = check(reminder(), recent, rules, NOON)
    assert verdict == (Go(contact()) if goes else Wait(NOON - ago + 6 * HOUR, "frequency_cap"))


@pytest.mark.parametrize(
    ("rests", "reason"),
    [
        (6 * HOUR - timedelta(microseconds=1), "frequency_cap"),
        (6 * HOUR, "frequency_cap"),
        (6 * HOUR + timedelta(microseconds=1), RECIPIENT_PAUSED),
    ],
)
def test_of_a_cap_and_a_pause_of_theirs_the_one_that_ends_later_is_named(rests: timedelta, reason: str) -> None:
    rules = Rules(cap=6 * HOUR, quiet=None, zone=UTC_ZONE)
    resting = recipient(last_sent_at=NOON, rests_until=NOON + rests)
    late = reminder(expires_at=NOON + 9 * HOUR)
    assert check(late, resting, rules, NOON) == Wait(NOON + max(rests, 6 * HOUR), reason)


def test_the_first_message_of_an_abandonment_goes_out() -> None:
    rules = Rules(cap=24 * HOUR, quiet=None, zone=UTC_ZONE, once_a_cart=True)
    assert check(reminder(channel="sms"), RecipientState(contact()), rules, NOON) == Go(contact())
    assert check(reminder(channel="sms"), RecipientState(contact(), episode_sent=True), rules, NOON) == Cancel(
        "one_sms_per_cart"
    )


def test_a_store_whose_caps_are_off_sends_more_than_one_an_abandonment() -> None:
    rules = Rules(cap=timedelta(), quiet=None, zone=UTC_ZONE, once_a_cart=True)
    assert check(reminder(channel="sms"), recipient(episode_sent=True), rules, NOON) == Go(contact())
    assert not Rules(cap=timedelta(), quiet=None, zone=UTC_ZONE).once_a_cart


@pytest.mark.parametrize(("failures", "seconds"), [(0, 1), (1, 2), (3, 8), (8, 256), (9, 300), (2000, 300)])
def test_each_failure_doubles_the_wait_up_to_five_minutes(
    failures: int, seconds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(random, "uniform", lambda _least, most: most)
    assert retry_at(reminder(failures=failures), NOON) == NOON + timedelta(seconds=seconds)
    monkeypatch.setattr(random, "uniform", lambda least, _most: least)
    assert retry_at(reminder(failures=failures), NOON) == NOON + timedelta(seconds=seconds / 2)
