"""Low stock: fires once on the way down, arms again only well above."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from services.trigger.domain.kinds.low_stock import LowStock
from services.trigger.domain.stock_levels import Crossing, StockState
from tests.unit.trigger.making import T0, campaigns, level

CAMPAIGN = next(campaign for campaign, _ in campaigns().on_stock if isinstance(campaign, LowStock))


def fired(*levels: int) -> list[int]:
    """The levels at which the campaign fires while an item takes these levels one after the other."""
    state: StockState | None = None
    crossings: list[Crossing] = []
    for version, available in enumerate(levels, start=1):
        state, crossing = CAMPAIGN.apply_level(state, level(available, version))
        crossings += [crossing] if crossing else []
    return [c.level for c in crossings]


@pytest.mark.parametrize(
    ("levels", "at"),
    [
        ((10, 6), []),
        ((10, 5), [5]),
        ((6, 5), [5]),
        ((10, 3, 2, 1, 0), [3]),
        ((10, 5, 6, 5, 7, 4), [5]),
        ((10, 5, 8, 5), [5, 5]),
        ((10, 0, 20, 2), [0, 2]),
        ((3, 2, 1), []),
        ((3, 9, 4), [4]),
        ((3, 7, 4), []),
    ],
)
def test_a_level_fires_once_on_the_way_down_and_arms_again_at_three_above(
    levels: tuple[int, ...], at: list[int]
) -> None:
    """Sold out a second time, nobody told (fastapi-ecommerce#68); a level that trembles tells nobody twice."""
    assert fired(*levels) == at


def test_one_threshold_for_all_variants_gives_way_to_what_the_store_says_of_each_item() -> None:
    """One threshold for all variants (woocommerce#22706): the store's thresholds come with the level."""
    silent = CAMPAIGN.model_copy(update={"threshold": None, "rearm_above": None})
    state, _ = silent.apply_level(None, level(60, 1, threshold=50, rearm_above=7))
    state, crossing = silent.apply_level(state, level(50, 2, threshold=50, rearm_above=7))
    assert crossing is not None
    assert crossing.threshold == 50
    state, _ = silent.apply_level(state, level(56, 3, threshold=50, rearm_above=7))
    assert not state.armed
    state, _ = silent.apply_level(state, level(57, 4, threshold=50, rearm_above=7))
    assert state.armed


def test_a_campaign_that_names_a_threshold_goes_by_it_whatever_the_store_says() -> None:
    named = CAMPAIGN.model_copy(update={"threshold": 5, "rearm_above": 3})
    state, _ = named.apply_level(None, level(60, 1, threshold=50))
    assert named.apply_level(state, level(6, 2, threshold=50))[1] is None
    crossing = named.apply_level(state, level(5, 2, threshold=50))[1]
    assert crossing is not None
    assert crossing.threshold == 5


def test_a_threshold_finds_its_items_however_its_letters_are_written() -> None:
    own = LowStock.model_validate(CAMPAIGN.model_dump() | {"thresholds": {"the\u0301 ": 20}})
    assert (own.threshold_of("th\u00e9 vert"), own.threshold_of("th\u00e9-vert", 7)) == (20, 7)


def test_items_have_thresholds_of_their_own() -> None:
    """One threshold for all variants (woocommerce#22706)."""
    own = LowStock.model_validate(CAMPAIGN.model_dump() | {"thresholds": {"tea": 20, "tea-rare": 1}})
    levels = {"tea-green": 20, "tea-rare-1": 1, "cup": 5}
    for sku, threshold in levels.items():
        assert own.threshold_of(sku) == threshold
        state, _ = own.apply_level(None, level(threshold + 1, 1, sku=sku))
        state, crossing = own.apply_level(state, level(threshold, 2, sku=sku))
        assert crossing is not None
        state, _ = own.apply_level(state, level(threshold + 2, 3, sku=sku))
        assert not state.armed
        state, _ = own.apply_level(state, level(threshold + 3, 4, sku=sku))
        assert state.armed


def test_what_is_not_newer_changes_nothing() -> None:
    state, _ = CAMPAIGN.apply_level(None, level(10, 5))
    assert CAMPAIGN.apply_level(state, level(2, 5)) == (state, None)
    assert CAMPAIGN.apply_level(state, level(2, 4)) == (state, None)


def test_no_more_people_are_told_than_the_units_left_justify() -> None:
    few = LowStock.model_validate(CAMPAIGN.model_dump() | {"recipients_per_unit": 4})
    state, _ = few.apply_level(None, level(10, 1))
    _, crossing = few.apply_level(state, level(3, 2, T0))
    assert crossing is not None
    assert (crossing.recipients, crossing.occurred_at, crossing.level_version) == (12, T0, 2)


def test_the_same_crossing_has_the_same_id_and_the_next_another() -> None:
    armed = StockState(10, 1, True)
    ids = [CAMPAIGN.apply_level(armed, level(5, version))[1] for version in (2, 2, 9)]
    assert ids[0] == ids[1]
    assert ids[0] is not None
    assert ids[2] is not None
    assert ids[0].crossing_id != ids[2].crossing_id


@pytest.mark.parametrize(
    ("name", "most"), [("threshold", 1_000_000), ("rearm_above", 1_000_000), ("recipients_per_unit", 100_000)]
)
def test_a_number_of_a_campaign_is_from_one_up_to_what_makes_sense(name: str, most: int) -> None:
    said = CAMPAIGN.model_dump()
    for number in (1, most):
        assert getattr(LowStock.model_validate(said | {name: number}), name) == number
    for number in (0, most + 1):
        with pytest.raises(ValidationError, match=name):
            LowStock.model_validate(said | {name: number})


def test_the_threshold_of_an_item_is_from_one_to_a_million() -> None:
    said = CAMPAIGN.model_dump()
    own = LowStock.model_validate(said | {"thresholds": {"tea": 1, "cup": 1_000_000}})
    assert (own.threshold_of("tea"), own.threshold_of("cup")) == (1, 1_000_000)
    for beginning, number in (("tea", 0), ("tea", 1_000_001), ("", 1)):
        with pytest.raises(ValidationError, match="thresholds"):
            LowStock.model_validate(said | {"thresholds": {beginning: number}})
    assert LowStock.model_validate(said | {"thresholds": {"t": 9}}).threshold_of("tea") == 9


def test_who_holds_an_item_for_at_most_thirty_days_is_told_within_six_hours() -> None:
    plain = LowStock.model_validate({"name": "x", "kind": "low_stock", "steps": [{"channel": "sms", "template": "t"}]})
    assert (plain.look_back, plain.steps[0].lateness) == (timedelta(days=30), timedelta(hours=6))
    assert plain.recipients_per_unit == 10


def test_a_group_waits_for_other_items_and_is_shorter_than_the_lateness_of_each_step() -> None:
    said = CAMPAIGN.model_dump()
    plain, half_an_hour = (LowStock.model_validate(said | more) for more in ({}, {"group": "30m"}))
    assert (plain.together, half_an_hour.together) == (timedelta(minutes=1), timedelta(minutes=30))
    armed = StockState(10, 1, True)
    waits = [one.apply_level(armed, level(5, 2))[1] for one in (plain, half_an_hour)]
    assert [one and (one.wait, one.begins_at - T0) for one in waits] == [
        (timedelta(seconds=2), timedelta(seconds=2)),
        (timedelta(minutes=30), timedelta(minutes=30)),
    ]
    steps = [{"channel": "sms", "template": "t", "lateness": "6h"}, {"channel": "email", "template": "t"}]
    assert LowStock.model_validate(said | {"steps": steps, "group": "359m"}).group == timedelta(minutes=359)
    with pytest.raises(ValidationError, match="group has to be shorter than the lateness of each step, here 1:00:00"):
        LowStock.model_validate(said | {"steps": [*steps, steps[0] | {"lateness": "1h"}], "group": "1h"})
    with pytest.raises(ValidationError, match="group"):
        LowStock.model_validate(said | {"group": "0s"})


def test_nobody_is_told_of_an_item_again_within_a_day_unless_the_campaign_says_otherwise() -> None:
    said = CAMPAIGN.model_dump()
    assert CAMPAIGN.cool_down == timedelta(hours=24)
    assert CAMPAIGN.bought_within == timedelta(days=30)
    assert LowStock.model_validate(said | {"bought_within": "0s"}).bought_within == timedelta(0)
    with pytest.raises(ValidationError, match="bought_within"):
        LowStock.model_validate(said | {"bought_within": timedelta(microseconds=-1)})
    assert LowStock.model_validate(said | {"cool_down": "0s"}).cool_down == timedelta(0)
    with pytest.raises(ValidationError, match="cool_down"):
        LowStock.model_validate(said | {"cool_down": timedelta(microseconds=-1)})


def test_times_of_a_campaign_are_longer_than_nothing() -> None:
    said, none, some = CAMPAIGN.model_dump(), timedelta(0), timedelta(microseconds=1)
    step = {"channel": "sms", "template": "t"}
    assert LowStock.model_validate(said | {"look_back": some}).look_back == some
    assert LowStock.model_validate(said | {"steps": [step | {"lateness": some}]}).steps[0].lateness == some
    for wrong in ({"look_back": none}, {"steps": [step | {"lateness": none}]}):
        with pytest.raises(ValidationError):
            LowStock.model_validate(said | wrong)


def test_without_a_word_of_campaign_or_store_five_are_few_and_eight_are_enough() -> None:
    silent = CAMPAIGN.model_copy(update={"threshold": None, "rearm_above": None})
    assert (silent.threshold_of("tea"), silent.rearmed_from("tea")) == (5, 8)
    assert (silent.threshold_of("tea", 0), silent.rearmed_from("tea", 0, 2)) == (0, 2)
    assert CAMPAIGN.model_copy(update={"rearm_above": 7}).rearmed_from("tea", None, 2) == 12


def test_a_level_that_stays_is_no_fall_wherever_its_threshold_has_gone() -> None:
    silent = CAMPAIGN.model_copy(update={"threshold": None, "rearm_above": None})
    state, _ = silent.apply_level(None, level(10, 1, threshold=5))
    state, crossing = silent.apply_level(state, level(10, 2, threshold=50))
    assert (crossing, state.armed) == (None, True)
    assert silent.apply_level(state, level(9, 3, threshold=50))[1] is not None
