"""Who watches an item: the message that they get, what it is known by, and what is explained of it."""

from uuid import UUID

import pytest

from services.trigger.domain.decision import crossing_reminder_id
from services.trigger.domain.explain import ENDED, of_watch
from services.trigger.domain.fan_outs import Holder
from services.trigger.domain.kinds.back_in_stock import BackInStock
from services.trigger.domain.pages import Page, decide_page
from services.trigger.domain.participation import Participants
from tests.unit.trigger.domain.test_fan_outs import fan_out
from tests.unit.trigger.making import T0

STEPS = [{"channel": "email", "template": "back"}, {"channel": "sms", "template": "back"}]
BACK = BackInStock.model_validate({"name": "back", "kind": "back_in_stock", "steps": STEPS})
WATCHER = Holder(None, "anna", T0, None, watch_id=UUID(int=8))
HOLDER = Holder(UUID(int=3), "ben", T0, 7)


def page(*people: Holder, **says: object) -> Page:
    return decide_page(BACK, fan_out(**says), people, Participants())


def test_a_watcher_is_told_by_one_message_about_no_cart() -> None:
    (one,) = page(WATCHER).decisions
    assert (one.cart_id, one.cart_version, one.customer_id, one.outcome) == (None, None, "anna", "would_send")
    assert one.reminder_id == crossing_reminder_id(fan_out().crossing_id, UUID(int=8), one.step_name or "")


def test_a_watcher_whom_the_first_step_may_not_reach_gets_the_second() -> None:
    other = BACK.model_copy(update={"steps": (BACK.steps[0].model_copy(update={"lateness": -BACK.steps[0].lateness}),)})
    steps = (other.steps[0], BACK.steps[1])
    late = BACK.model_copy(update={"steps": steps})
    decided = decide_page(late, fan_out(), [WATCHER], Participants())
    assert [one.outcome for one in decided.decisions] == ["skipped", "would_send"]


def test_a_holder_gets_every_step() -> None:
    assert [one.step for one in page(HOLDER).decisions] == [1, 2]


def test_a_page_says_by_which_reminder_each_is_told_who_is_told() -> None:
    decided = page(WATCHER, HOLDER, Holder(UUID(int=4), "cat", T0, 1, bought=True))
    by = {one.customer_id: one.reminder_id for one in decided.decisions if one.outcome == "would_send"}
    assert decided.told_by == by
    assert set(by) == {"anna", "ben"}
    assert decided.told == 2


def test_whoever_holds_and_watches_it_is_told_as_the_one_where_they_can_not_be_as_the_other() -> None:
    """Story: she had bought it once, had it in the cart again, and asked to be told: nothing came, ever."""
    held = Holder(UUID(int=3), "anna", T0, 7, bought=True)
    for people in ((held, WATCHER), (WATCHER._replace(bought=True), held._replace(bought=False))):
        decided = page(*people)
        assert decided.told == 1
        assert {one.reason for one in decided.decisions} == {"bought", "back_in_stock"}


@pytest.mark.parametrize("first", [WATCHER, HOLDER._replace(customer_id="anna")])
def test_whoever_holds_and_watches_it_is_told_once(first: Holder) -> None:
    second = HOLDER._replace(customer_id="anna", cart_id=UUID(int=5))
    second = second if first is WATCHER else WATCHER
    decided = page(first, second, second)
    assert decided.told == 1
    assert {one.reason for one in decided.decisions[-2:]} == {"cooling_down"}


@pytest.mark.parametrize("one", [WATCHER, HOLDER])
def test_a_second_cart_or_watch_of_the_same_customer_is_told_nothing(one: Holder) -> None:
    second = one._replace(cart_id=one.cart_id and UUID(int=5), watch_id=one.watch_id and UUID(int=6))
    decided = page(one._replace(bought=True), second)
    assert (decided.told, decided.decisions[-1].reason) == (0, "cooling_down")


def test_the_place_of_a_person_is_their_cart_or_their_watch() -> None:
    assert (HOLDER.place, WATCHER.place) == (UUID(int=3), UUID(int=8))


@pytest.mark.parametrize("reason", ENDED)
def test_every_end_of_a_watch_has_its_sentence(reason: str) -> None:
    assert of_watch(reason, told=True) == ("over", ENDED[reason])
    assert ENDED[reason].startswith("The")
    assert ENDED[reason].endswith(".")


def test_what_a_watch_is_that_is_not_over() -> None:
    assert of_watch(None, told=False) == ("waiting", "They are told once it is back, when it is their turn.")
    assert of_watch(None, told=True) == ("told", "They are told by the reminder that is named.")
    assert of_watch("eaten", told=False) == ("over", "It is over: eaten.")
