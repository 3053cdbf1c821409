"""A page of people: as many are told as may be, in order, and who is not told takes nobody's place."""

from uuid import UUID

from services.trigger.domain.fan_outs import Holder
from services.trigger.domain.pages import Page, decide_page
from services.trigger.domain.participation import Participants
from tests.unit.trigger.domain.test_fan_outs import CAMPAIGN, HOLDER, fan_out


def holders(*names: str, cooling_down: bool = False) -> list[Holder]:
    told = HOLDER._replace(cooling_down=cooling_down)
    return [told._replace(cart_id=UUID(int=n), customer_id=name) for n, name in enumerate(names, start=1)]


def test_as_many_are_told_as_may_be_and_the_next_page_begins_behind_the_last_of_them() -> None:
    page = decide_page(CAMPAIGN, fan_out(remaining=2), holders("anna", "ben", "cleo"), Participants())
    assert [decision.customer_id for decision in page.decisions] == ["anna", "ben"]
    assert (page.told, page.last) == (2, holders("anna", "ben")[1])


def test_who_is_not_told_takes_nobody_s_place() -> None:
    people = [*holders("anna", cooling_down=True), *holders("ben", "cleo")]
    page = decide_page(CAMPAIGN, fan_out(remaining=1), people, Participants())
    assert [(one.customer_id, one.reason) for one in page.decisions] == [("anna", "cooling_down"), ("ben", "low_stock")]
    assert (page.told, page.last) == (1, people[1])


def test_a_page_without_anybody_tells_nobody() -> None:
    assert decide_page(CAMPAIGN, fan_out(), [], Participants()) == Page((), 0, None)
