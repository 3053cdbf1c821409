"""Carts of staff, bots and imports: nobody is reminded of them."""

import pytest

from services.trigger.domain.backtest import decisions
from services.trigger.domain.carts import apply
from services.trigger.domain.episodes import next_at
from services.trigger.domain.origins import why_no_shopper
from tests.unit.trigger.making import added, after, campaigns, noted

STEP = "{delay: 1h, channel: email, template: a}"
ONE = f"campaigns: [{{name: cart, kind: abandoned_cart, steps: [{STEP}]}}]"
OF_STAFF = ONE.replace("steps", "enter: {origin: {none: [bot, import]}}, steps")


@pytest.mark.parametrize("origin", ["staff", "bot", "import"])
def test_a_cart_that_no_shopper_filled_is_not_reminded_of_and_needs_no_timer(origin: str) -> None:
    event = added().model_copy(update={"origin": origin})
    found = list(decisions([event], campaigns(ONE), after(hours=2)))
    assert [(one.outcome, one.reason) for one in found] == [("skipped", f"origin_{origin}")]
    assert next_at(apply(None, event), campaigns(ONE)) is None


def test_a_campaign_may_be_for_them() -> None:
    events = [added(name, 1).model_copy(update={"origin": origin}) for name, origin in (("a", "staff"), ("b", "bot"))]
    found = list(decisions(events, campaigns(OF_STAFF), after(hours=2)))
    assert [(one.customer_id, one.reason) for one in found] == [("customer-a", "idle"), ("customer-b", "origin_bot")]


def test_who_changed_the_goods_last_counts() -> None:
    bot = added("a", 1).model_copy(update={"origin": "bot"})
    shopper, staff_writes = added("a", 2), noted("a", 3, goods=2).model_copy(update={"origin": "staff"})
    assert apply(apply(None, bot), noted("a", 2)).origin == "bot"
    assert apply(apply(None, bot), shopper).origin is None
    assert apply(apply(apply(None, bot), shopper), staff_writes).origin is None


def test_a_word_from_the_future_is_no_shopper() -> None:
    assert why_no_shopper("crawler") == "origin_other"
    assert why_no_shopper(None) is None
    assert why_no_shopper("staff", ("bot",)) is None
    assert why_no_shopper("bot", ("bot",)) == "origin_bot"
    assert why_no_shopper("crawler", ()) == "origin_other"
