"""What is told of reminders comes to the same in any order, and however often."""

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts import events as e
from services.console.domain.touches import by_reminder, first_decisions, together, told
from tests.unit.console.making import at, decided, message, named

KINDS: tuple[type[e.MessageEvent], ...] = (
    *(e.MessageSent, e.MessageCancelled, e.MessageExpired, e.MessageFailed, e.MessageUnknown, e.MessageDelivered),
    *(e.MessageBounced, e.MessageComplained, e.MessageOpened, e.MessageClicked),
)
told_events = st.builds(
    lambda kind, name, minutes, reason, why, by: message(
        kind, name, at(minutes=minutes), reason=reason, suspected=why, provider=by
    ),
    st.sampled_from(KINDS),
    st.sampled_from("ab"),
    st.integers(0, 5),
    st.sampled_from([None, "ordered", "no_consent"]),
    st.sampled_from([None, "head"]),
    st.sampled_from([None, "ses", "smtp"]),
)


@given(st.lists(told_events, max_size=12), st.randoms())
def test_messages_come_to_the_same_in_any_order_and_however_often(events: list[e.MessageEvent], random) -> None:
    again = events * 2
    random.shuffle(again)
    assert by_reminder(again) == by_reminder(events)


@given(st.lists(told_events.map(told), min_size=3, max_size=3))
def test_batches_may_be_cut_anywhere(parts) -> None:
    one, two, three = parts
    assert together(together(one, two), three) == together(one, together(two, three))
    assert together(one, one) == one


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (e.MessageDelivered, "delivered_at"),
        (e.MessageBounced, "bounced_at"),
        (e.MessageComplained, "complained_at"),
        (e.MessageOpened, "opened_at"),
        (e.MessageClicked, "clicked_at"),
    ],
)
def test_an_answer_counts_from_the_first_time_and_ends_nothing(kind: type[e.MessageEvent], field: str) -> None:
    found = by_reminder([message(kind, "a", at(minutes=n)) for n in (3, 1, 2)])[named("a")]
    answers = ("delivered_at", "bounced_at", "complained_at", "opened_at", "clicked_at")
    assert {name: getattr(found, name) for name in answers} == dict.fromkeys(answers) | {field: at(minutes=1)}
    assert (found.ended, found.ended_at, found.told_at) == (None, None, at(minutes=1))


def test_answers_of_several_kinds_take_nothing_from_each_other() -> None:
    kinds: list[type[e.MessageEvent]] = [e.MessageDelivered, e.MessageClicked, e.MessageOpened, e.MessageComplained]
    found = by_reminder([message(kind, "a", at(minutes=n)) for n, kind in enumerate(kinds)])[named("a")]
    assert (found.delivered_at, found.clicked_at, found.suspected) == (at(), at(minutes=1), False)
    assert (found.opened_at, found.complained_at, found.bounced_at) == (at(minutes=2), at(minutes=3), None)


@pytest.mark.parametrize("machine", [1, 5])
def test_a_person_s_click_goes_before_one_that_may_be_a_machine_s(machine: int) -> None:
    suspected = e_clicked(machine, "first_seconds")
    found = by_reminder([suspected, e_clicked(4), e_clicked(3)])[named("a")]
    assert (found.clicked_at, found.suspected) == (at(minutes=3), False)
    alone = by_reminder([e_clicked(9, "head"), suspected])[named("a")]
    assert (alone.clicked_at, alone.suspected) == (at(minutes=machine), True)
    assert told(message(e.MessageOpened, "a", at())).suspected is None


def e_clicked(minutes: int, why: str | None = None) -> e.MessageEvent:
    return message(e.MessageClicked, "a", at(minutes=minutes), suspected=why)


def test_how_a_message_ended_is_what_was_told_last() -> None:
    first, last = message(e.MessageUnknown, "a", at()), message(e.MessageSent, "a", at(minutes=1), reason="late")
    found = by_reminder([last, first, message(e.MessageOpened, "a", at(hours=1))])[named("a")]
    assert (found.ended, found.ended_at, found.ended_reason) == ("sent", at(minutes=1), "late")
    assert (found.told_at, found.event) == (at(), first)


def test_it_went_by_the_provider_with_whose_answer_it_ended() -> None:
    delivered = message(e.MessageDelivered, "a", at(hours=1), provider="ses")
    sent = message(e.MessageSent, "a", at(), provider="smtp")
    assert by_reminder([delivered])[named("a")].provider == "ses", "until more is known"
    assert by_reminder([sent, delivered])[named("a")].provider == "smtp"
    early = [message(e.MessageOpened, "a", at(minutes=n), provider=by) for n, by in enumerate(("ses", None))]
    assert by_reminder(early)[named("a")].provider == "ses", "nothing takes it away"


def test_of_two_endings_at_once_one_is_taken_whichever_comes_first() -> None:
    sent, failed = message(e.MessageSent, "a", at()), message(e.MessageFailed, "a", at())
    assert together(told(sent), told(failed)) == together(told(failed), told(sent))
    assert together(told(sent), told(failed)).ended == "sent"


def test_an_answer_of_a_kind_that_is_not_known_says_only_that_the_message_is_there() -> None:
    said = message(e.MessageOpened, "a", at()).model_dump()
    found = told(e.MessageAnswer.model_validate(said))
    assert (found.ended, found.opened_at, found.told_at) == (None, None, at())


def test_of_two_decisions_on_a_reminder_the_first_counts() -> None:
    early, late = decided("a", at()), decided("a", at(minutes=1), reason="paused")
    other = decided("b", at(minutes=2))
    assert first_decisions([late, early, other]) == first_decisions([early, other, late]) == [early, other]


def test_of_two_decisions_of_one_moment_the_one_that_came_first_stays() -> None:
    one, other = decided("a", at()), decided("a", at(), reason="paused")
    assert first_decisions([one, other]) == [one]
    assert first_decisions([other, one]) == [other]


def test_everything_that_is_told_of_one_reminder_is_one() -> None:
    events = [told(message(kind, "a", at(minutes=n))) for n, kind in enumerate(KINDS)]
    assert by_reminder([one.event for one in events]) == {named("a"): reduce(together, events)}
