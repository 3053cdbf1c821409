"""Of carts that are planned alike those between the first and the last are packed, and nobody notices."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.trigger.backtest.on_disk import OnDisk
from services.trigger.domain.backtest import Backtest
from services.trigger.domain.campaigns import CampaignFile, StoreCampaigns
from services.trigger.domain.carts import CartState, apply
from services.trigger.domain.decision import Decision
from services.trigger.domain.episodes import Ahead
from services.trigger.domain.reach import Reach
from services.trigger.domain.traced import lanes
from services.trigger.domain.traced.episodes import TracedEpisode
from services.trigger.domain.traced.lanes import Lane
from tests.unit.trigger.making import added, after, cleared, ordered

STEPS = (Ahead(cast("Any", None), timedelta(hours=1), timedelta(hours=6)),) * 2
CAMPAIGNS = StoreCampaigns.always(
    CampaignFile.model_validate(
        {
            "campaigns": [
                {
                    "name": "cart",
                    "kind": "abandoned_cart",
                    "steps": [
                        {"name": "nudge", "delay": "20m", "channel": "email", "template": "t"},
                        {"name": "offer", "delay": "70m", "channel": "email", "template": "t"},
                    ],
                }
            ]
        }
    )
)


@pytest.fixture(autouse=True)
def _few_in_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "AT_ONCE", 2)
    monkeypatch.setattr(lanes, "IN_HAND", 3)


def states(number: int) -> Iterator[CartState]:
    for one in range(number):
        yield apply(None, added(f"shopper-{one}", 1, after(minutes=one)))


def lane_of(number: int) -> tuple[Lane, list[TracedEpisode]]:
    lane, episodes = Lane(STEPS, 1, OnDisk()), []
    for order, state in enumerate(states(number)):
        episodes.append(TracedEpisode(state, STEPS, order))
        episodes[-1].done = 1
        lane.append(episodes[-1])
    return lane, episodes


def all_of(lane: Lane) -> list[TracedEpisode]:
    return list(iter(lane.popleft, None))


def test_an_episode_that_may_change_comes_back_itself_and_one_that_was_voided_as_it_was() -> None:
    lane, episodes = lane_of(30)
    changed = [one for one in episodes if one.order % 3]
    for one in changed:
        one.void("cart_changed")
    again = all_of(lane)
    assert [one.order for one in again] == list(range(30))
    facts = ("state", "steps", "order", "done", "voided", "goes_on_as")
    for one, other in zip(again, episodes, strict=True):
        assert [getattr(one, name) for name in facts] == [getattr(other, name) for name in facts]
        assert one is other or (one.voided and not one.current)
        assert one.among is None or one.order >= 26
    assert len([one for one in again if all(one is not other for other in episodes)]) >= 16


def test_of_those_that_were_voided_nothing_but_why_is_in_hand() -> None:
    lane, episodes = lane_of(100)
    for one in episodes:
        one.void("emptied")
    assert len(lane._last) <= 4
    assert [what for _, among in lane._packed for what in among] == ["emptied"] * 96


def test_what_goes_on_and_whose_reach_is_known_stays_in_hand() -> None:
    lane = Lane(STEPS, 1, OnDisk())
    reached, *others = list(states(8))
    known = TracedEpisode(reached._replace(reach=Reach(True, False)), STEPS, 0)
    gone_on = TracedEpisode(others[0], STEPS, 1)
    gone_on.goes_on_as = others[0]
    for one in (known, gone_on, *(TracedEpisode(state, STEPS, 2) for state in others[1:])):
        lane.append(one)
    known.void("ordered")
    first, second = all_of(lane)[:2]
    assert (first is known, first.voided, second is gone_on) == (True, "ordered", True)


CHANGES = st.tuples(st.integers(0, 3), st.sampled_from(["anna", "ben", "cleo", "dan"]), st.integers(0, 9))


@given(st.lists(CHANGES, max_size=60))
def test_what_is_decided_is_the_same_wherever_what_is_ahead_is(changes: list[tuple[int, str, int]]) -> None:
    def decided(backtest: Backtest) -> Iterator[Decision]:
        minutes, versions = 0, dict[str, int]()
        for order, (more, who, what) in enumerate(changes):
            minutes, version = minutes + 7 * more, versions.get(who, 0) + 1
            versions[who] = version
            make = {0: cleared, 1: ordered}.get(what, added)
            who = f"{who}-{version // 4}"  # what was ordered is another cart afterwards
            yield from map(backtest.decide, backtest.due_before(after(minutes=minutes)))
            backtest.row(order)
            backtest.apply(make(who, version, after(minutes=minutes)))
        yield from map(backtest.decide, backtest.due_through(after(days=2)))

    away = Backtest(CAMPAIGNS, fresh=True, away=OnDisk())
    assert list(decided(away)) == list(decided(Backtest(CAMPAIGNS, fresh=True)))
