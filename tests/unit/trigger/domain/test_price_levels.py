"""When a price has fallen."""

from services.trigger.domain.price_levels import Choice, PriceState, apply_prices
from tests.unit.trigger.making import costs, prices

PLAIN: Choice = ("EUR", ())
LARGE: Choice = ("EUR", (("size", "L"),))


def test_a_price_falls_from_what_is_known_or_else_from_what_the_event_says_of_before() -> None:
    state, fallen = apply_prices(None, prices(4, costs(900, 1000), costs(1200), costs(50, 40, "PLN")))
    assert fallen == (costs(900, 1000),)
    assert state == PriceState(4, {PLAIN: 1200, ("PLN", ()): 50})


def test_compaction_that_swallowed_a_record_hides_no_fall() -> None:
    """Story: 10.00, 8.00, 9.00 while nobody read; the record that stayed says that it rose."""
    known = PriceState(1, {PLAIN: 1000})
    assert apply_prices(known, prices(3, costs(900, 800)))[1] == (costs(900, 1000),)


def test_each_choice_of_options_falls_for_itself() -> None:
    known = PriceState(1, {PLAIN: 1000, LARGE: 1500})
    state, fallen = apply_prices(known, prices(2, costs(1000), costs(1400, 1500, size="L")))
    assert fallen == (costs(1400, 1500, size="L"),)
    assert state == PriceState(2, {PLAIN: 1000, LARGE: 1400})


def test_what_was_never_told_before_or_stays_or_rises_has_not_fallen() -> None:
    known = PriceState(1, {PLAIN: 1000})
    assert apply_prices(known, prices(2, costs(5, None, "PLN"), costs(1000)))[1] == ()
    assert apply_prices(known, prices(2, costs(1001, 1000)))[1] == ()
    assert apply_prices(None, prices(1, costs(5)))[1] == ()


def test_what_is_not_newer_changes_nothing() -> None:
    known = PriceState(2, {PLAIN: 1000})
    for version in (1, 2):
        state, fallen = apply_prices(known, prices(version, costs(1, 1000)))
        assert state is known
        assert fallen == ()
