"""An order that came to nothing gives back what it took, once."""

from collections import Counter
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.events import CartReopened
from services.cart.domain.cart import no_cart_yet
from services.cart.domain.limits import WIDEST
from services.cart.domain.orders.fulfilment import Update, judge, standing_of
from services.cart.domain.orders.reopen import bring_back, still_awaited, still_held, what_returns
from tests.unit.cart.carts import NOON, SKUS, add, cart_of, moment

RECORD = cart_of(add("tea", 2), add("milk"), cart_id=8)
BOUGHT = {"tea": 2, "milk": 1}


def update(kind="cancelled", *, minutes=0, reopen=True, **units: int) -> Update:
    return Update(kind, NOON + timedelta(minutes=minutes), 0, units, reopen)


def returned(one: Update, *before: Update, given: dict[str, int] | None = None) -> dict[str, int]:
    found = what_returns([RECORD], BOUGHT, standing_of(BOUGHT, before), one, given or {})
    return dict(sum((Counter(each.units()) for each in found), Counter()))


def test_all_of_it_comes_back_and_nothing_twice():
    assert returned(update("payment_failed")) == BOUGHT
    assert returned(update("payment_failed", minutes=5), update("payment_failed"), given=BOUGHT) == {}
    assert returned(update(tea=1)) == {"tea": 1}
    assert returned(update(minutes=5), update(tea=1), given={"tea": 1}) == {"tea": 1, "milk": 1}


def test_what_was_cancelled_for_good_does_not_come_back_with_the_rest():
    assert returned(update(minutes=5), update(tea=2, reopen=False)) == {"milk": 1}


def test_goods_that_were_sold_under_other_names_come_back_as_they_were_gathered():
    found = what_returns([RECORD], {"bundle": 1}, standing_of({"bundle": 1}, []), update(), {})
    assert [each.units() for each in found] == [BOUGHT]


def test_an_order_holds_what_is_still_bought_and_in_no_cart_again():
    def held(*facts: Update, given: dict[str, int] | None = None) -> dict[str, int]:
        return still_held(BOUGHT, standing_of(BOUGHT, facts), given or {})

    assert held() == BOUGHT
    assert held(update(tea=1)) == {"tea": 1, "milk": 1}
    assert held(given={"tea": 2}) == {"tea": 0, "milk": 1}
    assert held(update(tea=1), given={"tea": 1}) == {"tea": 1, "milk": 1}, "one, not two, is gone"
    assert held(update(tea=2), given={"tea": 1, "milk": 2}) == {"tea": 0, "milk": 0}
    assert held(update()) == {}


def test_an_order_awaits_nothing_that_is_gone_from_it():
    def awaited(*facts: Update) -> dict[str, int]:
        return still_awaited({"tea": 2, "milk": 1}, standing_of(BOUGHT, facts))

    assert awaited() == {"tea": 2, "milk": 1}
    assert awaited(update(tea=1)) == {"tea": 1, "milk": 1}
    assert awaited(update(tea=2)) == {"milk": 1}
    assert awaited(update()) == awaited(update("payment_failed")) == {}
    assert still_awaited({"jam": 1}, standing_of(BOUGHT, [])) == {"jam": 1}


def test_what_was_sold_under_another_name_is_held_until_all_of_it_is_gone():
    bundles = {"bundle": 2}
    assert still_held(BOUGHT, standing_of(bundles, [update(bundle=1)]), {}) == BOUGHT
    assert still_held(BOUGHT, standing_of(bundles, [update(bundle=2)]), {}) == {}


def test_a_payment_that_failed_is_told_as_the_status_until_something_is_sent():
    failed = update("payment_failed")
    assert judge(BOUGHT, [], failed) == ("payment_failed", None)
    assert judge(BOUGHT, [failed], update("payment_failed", minutes=1)) == ("payment_failed", None)
    assert judge(BOUGHT, [failed], update("shipped", minutes=2)) == ("shipped", None)
    assert judge(BOUGHT, [update("shipped")], update("payment_failed", minutes=3)) == ("shipped", "status")


def test_without_a_cart_the_lines_are_a_new_one_that_starts_an_episode():
    [back] = what_returns([RECORD], BOUGHT, standing_of(BOUGHT, []), update(), {})
    change = bring_back(no_cart_yet("shop", "anna", moment()), back, "max", {"tea": 1}, "o-1", moment(60), WIDEST)
    assert change is not None
    assert isinstance(change.event, CartReopened)
    assert (change.cart.holds(), change.cart.version, change.event.silent) == (BOUGHT, 1, None)
    assert (change.event.changed, change.event.from_cart_id) == (("goods",), RECORD.cart_id)


def test_they_join_what_was_put_in_since_as_the_store_merges_carts():
    since = cart_of(add("tea", 1), add("jam"))
    [back] = what_returns([RECORD], BOUGHT, standing_of(BOUGHT, []), update(), {})
    for mode, tea in (("max", 2), ("sum", 3)):
        change = bring_back(since, back, mode, {}, "o-1", moment(60), WIDEST)
        assert change is not None
        assert change.cart.holds() == {"tea": tea, "jam": 1, "milk": 1}
        assert change.event.goods_version == change.cart.version == since.version + 1


def test_they_join_a_cart_that_was_changed_but_once():
    [back] = what_returns([RECORD], BOUGHT, standing_of(BOUGHT, []), update(), {})
    change = bring_back(cart_of(add("jam")), back, "max", {}, "o-1", moment(60), WIDEST)
    assert change is not None
    assert change.cart.holds() == {"tea": 2, "jam": 1, "milk": 1}


some = st.dictionaries(st.sampled_from(SKUS[:3]), st.integers(1, 4), min_size=1)


@given(some, st.lists(st.tuples(st.booleans(), st.dictionaries(st.sampled_from(SKUS[:3]), st.integers(1, 3)))))
def test_never_more_comes_back_than_was_bought(bought, cancelled):
    record = cart_of(*(add(sku, units) for sku, units in bought.items()), cart_id=8)
    before, given = list[Update](), Counter[str]()
    for minutes, (reopen, units) in enumerate(cancelled):
        one = update(minutes=minutes, reopen=reopen, **{sku.replace("-", "_"): n for sku, n in units.items()})
        one = Update(one.type, one.occurred_at, 0, units, reopen)
        if judge(bought, before, one)[1] is None:
            found = what_returns([record], bought, standing_of(bought, before), one, given) if reopen else []
            came = sum((Counter(each.units()) for each in found), Counter())
            assert not units or not reopen or came == Counter(units)
            given += came
            before.append(one)
    left = standing_of(bought, before).left
    for sku, units in bought.items():
        assert given[sku] + left[sku] <= units


def test_of_a_sku_in_two_lines_no_more_comes_back_than_is_asked_for():
    record = cart_of(add("tea", 2), add("tea", 2, options={"size": "xl"}), cart_id=8)
    bought = {"tea": 4}

    def lines(one: Update, *before: Update, given: dict[str, int] | None = None) -> list[int]:
        found = what_returns([record], bought, standing_of(bought, before), one, given or {})
        return [line.quantity for each in found for line in each.lines]

    assert lines(update(tea=3)) == [2, 1]
    assert lines(update(tea=1)) == [1]
    assert lines(update(minutes=5), update(tea=3, reopen=False)) == [1], "three are gone for good"
    assert lines(update(minutes=5), update(tea=1), given={"tea": 1}) == [1, 2]


def test_an_update_that_names_other_goods_brings_none_of_these_back():
    assert returned(update(jam=1)) == {}


def test_an_order_of_more_than_its_carts_had_holds_no_more_than_they_had():
    bought = {"tea": 5}
    assert still_held({"tea": 2}, standing_of(bought, []), {}) == {"tea": 2}
    assert still_held({"tea": 2}, standing_of(bought, []), {"tea": 1}) == {"tea": 1}
