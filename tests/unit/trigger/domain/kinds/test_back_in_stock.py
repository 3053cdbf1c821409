"""An item that is there again: when that is told, and to how many."""

from datetime import timedelta
from typing import Any, get_args
from uuid import UUID

import pytest
from pydantic import ValidationError

from libs.contracts.kinds import WAITED_FOR
from services.trigger.domain.fan_outs import Holder
from services.trigger.domain.kinds.back_in_stock import BackInStock
from services.trigger.domain.kinds.registry import KINDS
from services.trigger.domain.participation import Participants
from services.trigger.domain.stock_levels import StockState
from tests.unit.trigger.domain.test_fan_outs import fan_out
from tests.unit.trigger.making import T0, after, level

ANNA = Holder(UUID(int=3), "anna", T0, 7)


def campaign(**says: Any) -> BackInStock:
    steps = [{"channel": "email", "template": "back_in_stock"}]
    return BackInStock.model_validate({"name": "back", "kind": "back_in_stock", "steps": steps} | says)


def told(*levels: int, **says: Any) -> list[tuple[int, int]]:
    """The levels at which it fires while an item takes these levels, with how many people may then be told."""
    state: StockState | None = None
    found = []
    for version, available in enumerate(levels, start=1):
        state, crossing = campaign(**says).apply_level(state, level(available, version, after(minutes=version)))
        found += [(crossing.level, crossing.recipients)] if crossing else []
    return found


@pytest.mark.parametrize(
    ("levels", "at"),
    [
        ((5, 0, 2), [(2, 2)]),
        ((0, 2), [(2, 2)]),
        ((5, 1, 4), []),
        ((5, 0, 2, 1, 3), [(2, 2), (3, 2)]),
        ((5, 0, 2, 2), [(2, 2)]),
        ((5, 0, 0, 1), [(1, 1)]),
        ((5, 0, 1, 0, 1), [(1, 1), (1, 1)]),
        ((5, 20), []),
    ],
)
def test_each_rise_after_it_sold_out_tells_no_more_people_than_units_came(
    levels: tuple[int, ...], at: list[Any]
) -> None:
    assert told(*levels) == at


def test_of_each_unit_as_many_are_told_as_the_campaign_says() -> None:
    assert told(1, 0, 4, recipients_per_unit=2) == [(4, 8)]
    assert campaign().recipients_per_unit == 1
    for wrong in (0, 100_001):
        with pytest.raises(ValidationError, match="recipients_per_unit"):
            campaign(recipients_per_unit=wrong)
    assert campaign(recipients_per_unit=100_000).recipients_per_unit == 100_000


def test_who_waits_is_known_by_when_it_sold_out_last() -> None:
    back = campaign()
    state, _ = back.apply_level(None, level(0, 1, after(minutes=1)))
    assert state == StockState(0, 1, True, after(minutes=1))
    state, _ = back.apply_level(state, level(0, 2, after(minutes=2)))
    assert state.sold_out_at == after(minutes=1), "it stays sold out"
    state, crossing = back.apply_level(state, level(3, 3, after(minutes=3)))
    assert state == StockState(3, 3, True, after(minutes=1))
    assert crossing is not None
    assert (crossing.waiting_since, crossing.occurred_at) == (after(minutes=1), after(minutes=3))
    state, _ = back.apply_level(state, level(0, 4, after(minutes=4)))
    assert state.sold_out_at == after(minutes=4)


def test_a_single_unit_that_came_and_went_begins_another_wait() -> None:
    one = StockState(1, 3, True, after(minutes=1))
    assert campaign().apply_level(one, level(0, 4, after(minutes=4)))[0].sold_out_at == after(minutes=4)


def test_what_is_not_newer_or_was_never_sold_out_changes_nothing_of_that() -> None:
    known = StockState(0, 5, True, T0)
    for version in (4, 5):
        assert campaign().apply_level(known, level(9, version)) == (known, None)
    assert campaign().apply_level(None, level(9, 1)) == (StockState(9, 1, False, None), None)
    of_before = StockState(0, 5, False)
    assert campaign().apply_level(of_before, level(0, 6, after(hours=1)))[0].sold_out_at == after(hours=1)


def test_the_same_rise_has_the_same_id_and_the_next_another() -> None:
    known = StockState(0, 1, True, T0)
    first, again, other = (campaign().apply_level(known, level(9, version))[1] for version in (2, 2, 3))
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.crossing_id == again.crossing_id != other.crossing_id


def test_a_fan_out_is_over_when_the_item_is_sold_out_again() -> None:
    assert campaign().why_over(fan_out(level_now=0)) == "sold_out"
    assert campaign().why_over(fan_out(level_now=1)) is None
    assert campaign().why_over(fan_out(level_now=None)) is None
    assert campaign().why_over(fan_out(level_now=1, remaining=0)) == "done"


def test_every_step_is_told_at_once() -> None:
    [decided] = campaign().decide(fan_out(campaign="back"), ANNA, Participants())
    assert (decided.kind, decided.sku, decided.reason) == ("back_in_stock", "tea", "back_in_stock")
    assert (decided.due_at, decided.expires_at) == (T0, T0 + timedelta(hours=6))
    assert (decided.threshold, decided.price) == (None, None)


def test_what_is_waited_for_is_known_to_those_who_end_the_waiting() -> None:
    """Story: whoever was told by a kind that the cart service did not know went on waiting."""
    kinds: tuple[Any, ...] = KINDS
    steps, waits = [{"channel": "email", "template": "a"}], set[str]()
    for kind in (kind for kind in kinds if hasattr(kind, "apply_level")):
        [name] = get_args(kind.model_fields["kind"].annotation)
        one, state = kind.model_validate({"name": "a", "kind": name, "steps": steps}), None
        for version, available in enumerate((20, 0, 20, 1), start=1):
            state, crossing = one.apply_level(state, level(available, version, after(minutes=version)))
            if crossing is not None and crossing.waiting_since is not None:
                waits.add(name)
    assert waits == WAITED_FOR
