"""The next provider of a store's order is used only where the one before surely took nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.channels.in_order import Breakers, InOrder
from services.notifier.channels.outcome import (
    Accepted,
    Outcome,
    Postponed,
    Refused,
    Unclear,
    Withheld,
    provider_works,
)
from services.notifier.domain.lanes import FAILURES_MOST, PAUSE_FIRST_S

DOWN, OURS, LATER = Postponed("x_503", down=True), Postponed("x_401", ours=True), Postponed("x_429", 7)
YES, NO, UNCLEAR = Accepted("1"), Refused("x_400"), Unclear("x_500")
OUTCOMES = (DOWN, OURS, LATER, YES, NO, UNCLEAR, Withheld())


class Says:
    """A provider that says one thing, and counts how often it was asked."""

    def __init__(self, *says: Outcome | Exception) -> None:
        self.says, self.asked = says, 0
        self.given: list[Any] = []

    async def send(self, *message: Any, **more: Any) -> Outcome:
        self.given.append((message, more))
        said = self.says[min(self.asked, len(self.says) - 1)]
        self.asked += 1
        if isinstance(said, Exception):
            raise said
        return said


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def order(*providers: Says, time: Time | None = None, breakers: Breakers | None = None, store: str = "demo") -> InOrder:
    named = [(f"p{n}", provider) for n, provider in enumerate(providers)]
    return InOrder(store, "email", named, breakers or Breakers(time or Time()))


@pytest.mark.parametrize("first", [DOWN, OURS])
async def test_the_next_one_gets_it_where_the_first_is_down_or_refuses_us(first):
    one, two = Says(first), Says(YES)
    assert await order(one, two).send("letter", "word", reminder_id=1) == YES
    assert one.given == two.given == [(("letter", "word"), {"reminder_id": 1})]


@pytest.mark.parametrize("first", [UNCLEAR, NO, YES, LATER, Withheld()])
async def test_nobody_else_gets_what_may_have_been_taken_or_was_answered(first):
    one, two = Says(first), Says(YES)
    assert await order(one, two).send() == first
    assert two.asked == 0


async def test_where_all_are_down_the_last_one_s_answer_counts():
    one, two = Says(DOWN), Says(OURS)
    assert await order(one, two).send() == OURS
    assert (one.asked, two.asked) == (1, 1)


async def test_one_that_failed_again_and_again_is_passed_over_and_tried_again_later():
    time = Time()
    one, two = Says(DOWN), Says(YES)
    sending = order(one, two, time=time)
    for _ in range(FAILURES_MOST + 3):
        assert await sending.send() == YES
    assert one.asked == FAILURES_MOST
    time.now = PAUSE_FIRST_S
    one.says = (YES,)
    assert await sending.send() == YES
    assert one.asked == FAILURES_MOST + 1
    assert await sending.send() == YES
    assert one.asked == FAILURES_MOST + 2, "it works: it is the first again"


async def test_where_all_are_shut_each_is_tried_for_the_lane_says_how_often():
    one, two = Says(DOWN), Says(DOWN)
    sending = order(one, two)
    for _ in range(FAILURES_MOST + 2):
        assert await sending.send() == DOWN
    assert (one.asked, two.asked) == (FAILURES_MOST + 2, FAILURES_MOST + 2)


async def test_a_store_s_trouble_with_a_provider_is_its_own():
    breakers = Breakers(Time())
    one, two = Says(DOWN), Says(YES)
    for _ in range(FAILURES_MOST):
        await order(one, two, breakers=breakers).send()
    fine = Says(YES)
    assert await order(fine, Says(NO), breakers=breakers, store="other").send() == YES
    assert fine.asked == 1


async def test_what_breaks_in_the_middle_leaves_the_one_that_tried_free():
    time = Time()
    one, two = Says(*[DOWN] * FAILURES_MOST, RuntimeError(), YES), Says(YES)
    sending = order(one, two, time=time)
    for _ in range(FAILURES_MOST):
        await sending.send()
    time.now = PAUSE_FIRST_S
    with pytest.raises(RuntimeError):
        await sending.send()
    assert await sending.send() == YES
    assert one.asked == FAILURES_MOST + 2


@given(said=st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=4))
async def test_of_any_answers_at_most_the_last_may_have_the_message(said):
    providers = [Says(one) for one in said]
    await order(*providers).send()
    asked = [one for one, provider in zip(said, providers, strict=True) if provider.asked]
    assert all(isinstance(one, Postponed) and (one.down or one.ours) for one in asked[:-1])
    assert asked == said[: len(asked)]


@pytest.mark.parametrize(
    ("outcome", "works"),
    [
        (None, None),
        (Withheld(), None),
        (UNCLEAR, False),
        (DOWN, False),
        (OURS, False),
        (LATER, True),
        (YES, True),
        (NO, True),
    ],
)
def test_an_answer_says_whether_its_provider_works(outcome, works):
    assert provider_works(outcome) is works
