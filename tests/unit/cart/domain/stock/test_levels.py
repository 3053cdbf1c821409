"""Levels come from several places in any order, and a sku crosses its threshold once each way."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.cart.domain.stock.commands import Level
from services.cart.domain.stock.levels import Count, Stock, Stocked, apply_levels, fallen, limit_of, moving_skus
from services.cart.domain.stock.thresholds import ThresholdRule, Thresholds

NOW = datetime(2026, 3, 14, tzinfo=UTC)
STORE = Thresholds()


def level(available: int, location: str | None = None, sku: str = "tea", **more: Any) -> Level:
    named: dict[str, Any] = {"location": location} if location else {}
    return Level(sku=sku, available=available, **named, **more)


def taken(known: dict[str, Stock], *levels: Level, thresholds: Thresholds = STORE, now: datetime = NOW) -> Stocked:
    """Takes levels in and remembers what they leave."""
    stocked = apply_levels(known, levels, thresholds, now)
    known |= {stock.sku: stock for stock in stocked.saved}
    return stocked


def crossings(levels: Sequence[Level], thresholds: Thresholds = STORE) -> list[tuple[str, str | None, int]]:
    known: dict[str, Stock] = {}
    told = [crossing for one in levels for crossing in taken(known, one, thresholds=thresholds).crossings]
    return [(crossing.kind, crossing.location, crossing.count.available) for crossing in told]


def test_the_sum_is_that_of_all_places():
    known: dict[str, Stock] = {}
    taken(known, level(3), level(4, "warsaw"), level(5, "berlin"))
    assert known["tea"].total.available == 12
    taken(known, level(1, "warsaw"))
    assert known["tea"].total.available == 9
    taken(known, level(0))
    assert (known["tea"].total.available, known["tea"].located) == (6, 6)


def test_what_changes_nothing_is_not_saved():
    known: dict[str, Stock] = {}
    assert len(taken(known, level(3), level(4, "warsaw")).saved) == 1
    assert taken(known, level(3), level(4, "warsaw")).saved == []


def test_of_a_sku_that_was_never_told_of_nothing_is_held_back():
    [stock] = taken({}, level(3)).saved
    assert stock.held is False


def test_the_first_level_is_no_crossing_because_nobody_saw_it_fall():
    assert crossings([level(0)]) == []
    assert crossings([level(0), level(4), level(1)]) == []


def test_a_first_level_is_low_at_its_threshold_and_not_above():
    for units, low in ((5, True), (6, False)):
        [stock] = taken({}, level(units)).saved
        assert (stock.total.low, stock.total.version, stock.updated_at) == (low, 1, NOW)


def test_a_level_is_clear_again_from_three_above_its_threshold():
    assert crossings([level(n) for n in (9, 5, 7)]) == [("low", None, 5)]
    assert crossings([level(n) for n in (9, 5, 8)]) == [("low", None, 5), ("recovered", None, 8)]


def test_each_place_has_the_threshold_that_was_told_with_it_and_else_that_of_the_sku():
    known: dict[str, Stock] = {}
    taken(known, level(30, threshold=20), level(9, "warsaw", threshold=2), level(9, "berlin"))
    tea = known["tea"]
    places: tuple[str | None, ...] = (None, "warsaw", "berlin", "paris")
    assert [limit_of(tea, STORE, place).threshold for place in places] == [20, 2, 20, 20]
    assert limit_of(Stock("jam"), STORE, "warsaw").threshold == 5


def test_what_changes_at_a_place_alone_is_no_change_of_the_sum():
    known: dict[str, Stock] = {}
    taken(known, level(3), level(4, "warsaw"))
    taken(known, level(3, "warsaw"), level(4), now=NOW + timedelta(hours=1))
    tea = known["tea"]
    assert (tea.total.available, tea.total.version, tea.updated_at) == (7, 1, NOW)
    assert (tea.places["warsaw"].available, tea.places["warsaw"].version) == (3, 2)


def test_a_level_that_trembles_around_the_threshold_is_told_once():
    told = crossings([level(n) for n in (9, 5, 6, 5, 7, 4, 5)])
    assert told == [("low", None, 5)]


def test_sold_out_a_second_time_is_told_again():
    told = crossings([level(n) for n in (9, 0, 20, 0)])
    assert told == [("low", None, 0), ("recovered", None, 20), ("low", None, 0)]


def test_one_threshold_for_all_variants_is_not_enough_so_each_sku_and_place_has_its_own():
    rules = Thresholds(
        rules=(
            ThresholdRule(category="rings", threshold=1),
            ThresholdRule(sku="lamp", threshold=50),
            ThresholdRule(location="berlin", threshold=0),
        )
    )
    assert crossings([level(9, sku="tea"), level(5, sku="tea")], rules) == [("low", None, 5)]
    assert crossings([level(99, sku="lamp"), level(50, sku="lamp")], rules) == [("low", None, 50)]
    ring = {"sku": "ring", "category": "rings"}
    assert crossings([level(9, **ring), level(2, **ring), level(1, **ring)], rules) == [("low", None, 1)]
    berlin = [level(99), level(9, "berlin"), level(3, "berlin"), level(0, "berlin")]
    assert crossings(berlin, rules) == [("low", "berlin", 0)]


def test_a_level_that_rises_does_not_run_low_wherever_its_threshold_went():
    """Story: stock came in, the shop raised the threshold above it, and the level that had grown was told as low."""
    assert crossings([level(10), level(20, threshold=25), level(21, threshold=30)]) == []
    assert crossings([level(10), level(20, threshold=25), level(19, threshold=25)]) == [("low", None, 19)]


def test_a_threshold_told_with_the_level_goes_before_every_rule_until_it_is_taken_away():
    known: dict[str, Stock] = {}
    rules = Thresholds(rules=(ThresholdRule(sku="tea", threshold=1),))
    taken(known, level(30, threshold=20))
    assert [c.kind for c in taken(known, level(20), thresholds=rules).crossings] == ["low"]
    taken(known, level(20, threshold=None), thresholds=rules)
    assert limit_of(known["tea"], rules).threshold == 1


def test_a_level_from_before_crossings_were_watched_falls_like_any_other():
    known = {"tea": Stock("tea", total=taken({}, level(9)).saved[0].total)}
    unwatched = Stock("tea", total=type(known["tea"].total)(available=9, version=4))
    assert [c.kind for c in taken({"tea": unwatched}, level(2)).crossings] == ["low"]
    low = Stock("tea", total=type(unwatched.total)(available=3, version=4))
    assert [c.kind for c in taken({"tea": low}, level(2)).crossings] == []
    once = Stock("tea", total=type(unwatched.total)(available=3, version=1))
    assert [c.kind for c in taken({"tea": once}, level(2)).crossings] == []
    assert [c.kind for c in taken({"tea": low}, level(9)).crossings] == ["recovered"]


def test_an_older_sequence_changes_nothing_at_its_place_alone():
    known: dict[str, Stock] = {}
    taken(known, level(9, "warsaw", sequence=7), level(5, sequence=1))
    stocked = taken(known, level(2, "warsaw", sequence=7), level(1, "warsaw", sequence=3), level(6, sequence=2))
    assert list(stocked.stale) == [0, 1]
    assert known["tea"].total.available == 15


def test_the_same_level_with_a_newer_sequence_is_remembered_and_no_change():
    known: dict[str, Stock] = {}
    taken(known, level(9, sequence=1))
    version = known["tea"].total.version
    assert len(taken(known, level(9, sequence=5)).saved) == 1
    assert known["tea"].total.version == version
    assert list(taken(known, level(2, sequence=4)).stale) == [0]


def test_several_levels_of_a_sku_in_one_batch_are_one_change():
    known: dict[str, Stock] = {}
    taken(known, level(9))
    stocked = taken(known, level(2), level(9), level(1))
    assert [(s.total.available, s.total.version) for s in stocked.saved] == [(1, 2)]
    assert [c.kind for c in stocked.crossings] == ["low"]


def test_time_does_not_run_backwards_in_a_level():
    known: dict[str, Stock] = {}
    taken(known, level(9), now=NOW)
    taken(known, level(8), now=NOW - timedelta(hours=1))
    assert known["tea"].updated_at == NOW


def test_a_release_that_knows_of_no_locations_may_tell_a_sum_below_them():
    known: dict[str, Stock] = {}
    taken(known, level(9, "warsaw"))
    stock = known["tea"]
    known["tea"] = Stock("tea", type(stock.total)(2, 2), stock.located, stock.places)
    taken(known, level(4, "warsaw"))
    assert known["tea"].total.available == 4


def test_a_level_moves_nothing_where_as_much_lies_at_its_place():
    known: dict[str, Stock] = {}
    taken(known, level(3), level(4, "warsaw"))
    for same in (level(3), level(4, "warsaw")):
        assert moving_skus(known, [same]) == (set(), [])
    for other in (level(7), level(3, "warsaw"), level(0, "berlin"), level(3, threshold=9), level(3, sequence=1)):
        assert moving_skus(known, [other]) == ({"tea"}, [])


numbered = st.lists(
    st.tuples(st.sampled_from(["tea", "jam"]), st.sampled_from([None, "warsaw", "berlin"]), st.integers(0, 15)),
    max_size=12,
)


@given(numbered, st.randoms(), st.integers(1, 4))
def test_in_whatever_order_and_however_often_numbered_levels_come_the_stock_ends_alike(rows, dice, size):
    levels = [level(n, where, sku, sequence=number) for number, (sku, where, n) in enumerate(rows)]
    straight: dict[str, Stock] = {}
    taken(straight, *levels)
    shuffled = [*levels, *levels]
    dice.shuffle(shuffled)
    mixed: dict[str, Stock] = {}
    for start in range(0, len(shuffled), size):
        taken(mixed, *shuffled[start : start + size])
    ends = [{sku: (s.total.available, s.located, s.total.sequence) for sku, s in k.items()} for k in (straight, mixed)]
    assert ends[0] == ends[1]


@given(st.lists(st.tuples(st.sampled_from([None, "warsaw"]), st.integers(0, 12)), max_size=20), st.integers(1, 5))
def test_crossings_of_each_level_alternate_and_agree_with_it(rows, size):
    known: dict[str, Stock] = {}
    last: dict[str | None, str] = {}
    for start in range(0, len(rows), size):
        for crossing in taken(known, *(level(n, where) for where, n in rows[start : start + size])).crossings:
            assert last.get(crossing.location) != crossing.kind
            last[crossing.location] = crossing.kind
            low = crossing.count.available <= crossing.limit.threshold
            assert low == (crossing.kind == "low") == crossing.count.low
            assert low or crossing.count.available >= crossing.limit.threshold + crossing.limit.rearm_above


@given(st.lists(st.tuples(st.sampled_from([None, "warsaw", "berlin"]), st.integers(0, 12)), max_size=20))
def test_the_sum_is_always_the_sum(rows):
    known: dict[str, Stock] = {}
    ends: dict[str | None, int] = {}
    for where, n in rows:
        taken(known, level(n, where))
        ends[where] = n
    assert sum(ends.values()) == (known["tea"].total.available if rows else 0)


@given(numbered, numbered, st.booleans())
def test_skus_that_do_not_move_are_those_that_taking_in_would_leave_alone(before, rows, counted):
    known: dict[str, Stock] = {}
    taken(known, *(level(n, where, sku, sequence=5) for sku, where, n in before))
    more = {"sequence": 6} if counted else {}
    levels = [level(n, where, sku, **more) for sku, where, n in rows]
    skus, stale = moving_skus(known, levels)
    stocked = apply_levels(known, levels, STORE, NOW)
    assert {stock.sku for stock in stocked.saved} <= skus
    assert {n for n in stocked.stale if levels[n].sku not in skus} == set(stale)


def fell(before: Sequence[Level], *after: Level) -> int:
    known: dict[str, Stock] = {}
    taken(
        known, *before, *(level(0, one.location) for one in after if one.location not in {b.location for b in before})
    )
    was = known["tea"]
    taken(known, *after)
    return fallen(was, known["tea"])


def test_a_level_fell_by_the_units_that_are_gone_from_the_only_place_that_had_any():
    assert fell([level(5)], level(3)) == 2
    assert fell([level(5, "warsaw"), level(0)], level(0, "warsaw")) == 5
    assert fell([level(0, "warsaw"), level(2)], level(1)) == 1
    assert fell([level(3)], level(1), level(5, "warsaw")) == 2, "wherever others came meanwhile"


def test_the_same_level_again_or_a_higher_one_has_not_fallen():
    assert fell([level(5)], level(5, sequence=2)) == 0
    assert fell([level(5)], level(6)) == 0
    assert fell([level(0)], level(0, threshold=3)) == 0


def test_of_several_places_nobody_can_tell_which_one_an_order_is_sent_from():
    both = [level(3, "warsaw"), level(2, "berlin")]
    assert fell(both, level(0, "berlin")) == 0
    assert fell(both, level(0, "warsaw"), level(0, "berlin")) == 0
    assert fell([level(3, "warsaw"), level(2)], level(0)) == 0
    assert fell([level(3, "warsaw"), level(2)], level(0, "warsaw")) == 0


def test_backorder_is_of_the_sku_and_kept_until_it_is_told_anew():
    known: dict[str, Stock] = {}
    said = []
    for told in (level(3, "warsaw", backorder=True), level(1, "berlin"), level(2), level(2, backorder=False)):
        taken(known, told)
        said.append((known["tea"].backorder, known["tea"].total.available))
    assert said == [(True, 3), (True, 4), (True, 6), (False, 6)]
    assert moving_skus(known, [level(2, backorder=True)]) == ({"tea"}, [])
    assert moving_skus(known, [level(2)]) == (set(), [])


def test_a_level_that_nobody_watched_yet_was_low_from_its_threshold_down():
    threshold = limit_of(Stock("tea"), STORE).threshold
    known = {"tea": Stock("tea", Count(available=threshold, version=1))}
    assert not taken(known, level(threshold - 1)).crossings
    known = {"tea": Stock("tea", Count(available=threshold + 1, version=1))}
    assert [crossing.kind for crossing in taken(known, level(threshold)).crossings] == ["low"]
