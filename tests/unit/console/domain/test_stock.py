"""Items that run low or are waited for: what the console read, with what the trigger counts of them now."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.console.domain.figures import CampaignFunnel, Money, Revenue, Step
from services.console.domain.stock import KINDS, KindTold, LowItem, Told, by_kind, item_of, items_of, waited_of

AT = datetime(2026, 12, 1, 10, tzinfo=UTC)
LOW = LowItem("tea", AT, 4, 5, ("berlin",))
COUNTED: dict[str, Any] = {"sku": "tea", "available": 2, "carts": 41, "asked": 3, "saved": 6, "since": "2026-12-01"}
DROP, BACK, FALL = (Told("tea", kind, 9, 8, 3, 1) for kind in reversed(KINDS))


def step(**more: Any) -> Step:
    names = "decided held_out asked waiting sent delivered bounced complained opened clicked suspected ordered"
    zero: dict[str, Any] = dict.fromkeys(names.split(), 0)
    said: dict[str, Any] = {"step": 1, "name": None, "channel": "sms", "arm": None, "skipped": (), "not_sent": ()}
    return Step(**said, **zero | {"revenue": Revenue()} | more)


def funnel(campaign: str, kind: str, *steps: Step) -> CampaignFunnel:
    return CampaignFunnel(campaign, kind, ("1",), 0, 0, 0, 0, steps)


def test_an_item_has_the_level_of_now_and_of_its_crossing_where_nobody_knows_that():
    now = item_of("tea", LOW, COUNTED, ())
    assert (now.available, now.is_now, now.low) == (2, True, LOW)
    assert (now.carts, now.asked, now.saved, now.waits_since, now.waiting) == (41, 3, 6, "2026-12-01", 9)
    then = item_of("tea", LOW, COUNTED | {"available": None}, ())
    assert (then.available, then.is_now, then.carts) == (4, False, 41)
    assert item_of("tea", None, COUNTED | {"available": None}, ()).available is None
    assert item_of("tea", LOW, COUNTED | {"available": 0}, ()).available == 0, "none left is a level, too"


@pytest.mark.parametrize(("low", "available"), [(LOW, 4), (None, None)])
def test_where_the_trigger_is_silent_nothing_is_counted(low: LowItem | None, available: int | None):
    item = item_of("tea", low, None, (FALL,))
    assert (item.available, item.is_now, item.waiting, item.told) == (available, False, 0, (FALL,))
    assert (item.carts, item.asked, item.saved, item.waits_since) == (None, None, None, None)


def test_what_was_told_stands_with_its_item_in_the_order_of_kinds():
    other = Told("cup", "low_stock", 1, 1, 0, 0)
    (item,) = items_of([LOW], {"tea": COUNTED}, (DROP, other, FALL, BACK))
    assert item.told == (FALL, BACK, DROP)
    assert (item.sku, item.low, item.is_now) == ("tea", LOW, True)
    assert [one.told for one in items_of([LOW], {}, (other,))] == [()]


def test_what_is_waited_for_comes_as_the_trigger_tells_it():
    cup = COUNTED | {"sku": "cup", "available": None}
    found = waited_of([cup, COUNTED], {"tea": LOW}, (FALL,))
    assert [(one.sku, one.low, one.told) for one in found] == [("cup", None, ()), ("tea", LOW, (FALL,))]
    assert found[0].available is None


def test_campaigns_that_are_about_an_item_are_summed_up_by_kind():
    euros, dollars = Money("EUR", 500), Money("USD", 300)
    told = by_kind(
        [
            funnel("cart", "abandoned_cart", step(sent=99)),
            funnel("fall", "price_drop", step(sent=1)),
            funnel("low", "low_stock", step(sent=5, clicked=3, ordered=1, revenue=Revenue((dollars, euros)))),
            funnel("low_2", "low_stock", step(sent=2, clicked=1, ordered=2, revenue=Revenue((euros,))), step(sent=1)),
        ]
    )
    assert told == [
        KindTold("low_stock", ("low", "low_2"), 8, 4, 3, (Money("EUR", 1000), dollars)),
        KindTold("price_drop", ("fall",), 1, 0, 0, ()),
    ]
    assert by_kind([]) == []
