"""What a verdict or a provider's answer makes of a delivery."""

from datetime import timedelta

import pytest

from libs.policy.held_back import Cancel, Expire, Wait
from services.notifier.channels.outcome import Accepted, Postponed, Refused, Unclear
from services.notifier.handlers.ends import Finished, PutOff, answered, retried, stopped
from tests.unit.notifier.making import NOON, reminder

MINUTE = timedelta(minutes=1)
UNTOUCHED, PERHAPS_SENT = reminder(), reminder(state="sending")


def test_what_surely_was_not_sent_is_cancelled_or_expired():
    assert stopped(UNTOUCHED, Cancel("ordered"), NOON) == Finished("cancelled", "ordered")
    assert stopped(UNTOUCHED, Expire("too_late"), NOON) == Finished("expired", "too_late")


def test_what_may_have_been_sent_is_unknown_and_never_told_as_cancelled_or_expired():
    assert stopped(PERHAPS_SENT, Cancel("ordered"), NOON) == Finished("unknown", "ordered")
    assert stopped(PERHAPS_SENT, Expire("too_late"), NOON) == Finished("unknown", "too_late")


@pytest.mark.parametrize("made", [UNTOUCHED, PERHAPS_SENT])
def test_waiting_for_a_moment_is_no_failure_and_remembers_what_may_have_been_sent(made):
    end = stopped(made, Wait(NOON + MINUTE, "quiet_hours"), NOON)
    assert end == PutOff(MINUTE, "quiet_hours", failed=False, copies=made.copies)


def test_a_moment_that_has_passed_is_waited_for_no_longer():
    end = stopped(UNTOUCHED, Wait(NOON - MINUTE, "contact_changed"), NOON)
    assert end == PutOff(timedelta(), "contact_changed", failed=False)


def test_a_failure_that_passes_counts_and_waits_within_the_budget():
    end = retried(UNTOUCHED, "cart_unavailable", NOON, retry_after_s=60)
    assert end == PutOff(MINUTE, "cart_unavailable", failed=True)
    late = retried(UNTOUCHED, "cart_unavailable", UNTOUCHED.expires_at + MINUTE)
    assert late.wait == timedelta()


def test_a_provider_s_yes_and_no_are_final():
    assert answered(UNTOUCHED, Accepted("id-1"), NOON, repeat_unclear=False) == Finished("sent", provider_id="id-1")
    refused = answered(UNTOUCHED, Refused("smtp_550", "bounced"), NOON, repeat_unclear=False)
    assert refused == Finished("failed", "smtp_550", closes="bounced")


@pytest.mark.parametrize(
    ("outcome", "state"),
    [(Accepted("id-1", "ses"), "sent"), (Refused("ses_400", None, "ses"), "failed"), (Unclear("x", "ses"), "unknown")],
)
def test_an_end_says_whose_answer_made_it(outcome, state):
    end = answered(UNTOUCHED, outcome, NOON, repeat_unclear=False)
    assert isinstance(end, Finished)
    assert (end.state, end.provider) == (state, "ses")


def test_a_provider_s_wish_to_be_asked_later_is_heeded():
    later = answered(UNTOUCHED, Postponed("twilio_429", 60), NOON, repeat_unclear=False)
    assert later == PutOff(MINUTE, "twilio_429", failed=True)


def test_an_unclear_answer_is_final_unless_the_store_wants_it_repeated():
    assert answered(UNTOUCHED, Unclear("no_answer"), NOON, repeat_unclear=False) == Finished("unknown", "no_answer")
    repeated = answered(UNTOUCHED, Unclear("no_answer"), NOON, repeat_unclear=True)
    assert isinstance(repeated, PutOff)
    assert repeated.copies == 1
    assert repeated.failed
    again = answered(PERHAPS_SENT, Unclear("no_answer"), NOON, repeat_unclear=True)
    assert again == Finished("unknown", "no_answer"), "two copies at most"
