"""Who asked to be told when an item is back: once a watch, with those who hold it in one line, over a real database."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from libs.contracts.events import MessageCancelled, MessageSent, OrderPlaced
from libs.runtime.ids import uuid7
from services.trigger.db import fan_outs as places
from services.trigger.db import retention
from services.trigger.handlers import fan_out_stretches, fan_outs
from tests.integration.trigger.conftest import Trigger, ago, now
from tests.integration.trigger.kinds.test_back_in_stock import CAMPAIGN, levels, told
from tests.integration.trigger.test_erasure import request
from tests.unit.trigger.making import added, unwatched, watched

ANN, BEN, CAT = "a", "b", "c"


@pytest.fixture
def campaigns_dir(tmp_path: Path) -> Path:
    """A campaign on what comes back alone."""
    (tmp_path / "default.yaml").write_text(CAMPAIGN)
    return tmp_path


@pytest.fixture(autouse=True)
def small_pages(monkeypatch) -> None:
    """Pages small enough for a few people to need several."""
    monkeypatch.setattr(fan_outs, "PAGE", 3)


async def states(trigger: Trigger) -> list[tuple[str, bool, str | None]]:
    rows = await trigger.pool.fetch("SELECT customer_id, told_by, ended FROM watches ORDER BY customer_id")
    return [(r["customer_id"].removeprefix("customer-"), r["told_by"] is not None, r["ended"]) for r in rows]


async def ordered(trigger: Trigger, name: str, at: datetime) -> None:
    said = {"order_id": f"o-{name}", "store_id": "shop", "customer_id": f"customer-{name}", "skus": ("tea",)}
    await trigger.receive(OrderPlaced.model_validate(said | {"event_id": uuid7(), "occurred_at": at, "placed_at": at}))


async def became(trigger: Trigger, kind: Any) -> None:
    """What the notifier says of all that was asked for."""
    for one in await trigger.requested():
        facts = one.model_dump(include=set(kind.model_fields)) | {"event_id": uuid7(), "occurred_at": now()}
        await trigger.receive(kind.model_validate(facts), partition=5)


async def test_who_watches_an_item_is_told_once_by_a_message_about_no_cart(trigger: Trigger) -> None:
    await trigger.receive(watched(ANN, ago(minutes=30)))
    await levels(trigger, 5, 0, 4)
    assert await told(trigger) == [ANN]
    (reminder,) = await trigger.requested()
    assert (reminder.kind, reminder.sku, reminder.cart_id, reminder.cart_version) == (
        "back_in_stock",
        "tea",
        None,
        None,
    )
    await levels(trigger, 0, 9, version=4)
    assert await told(trigger) == [ANN], "one message a watch"
    assert await states(trigger) == [(ANN, True, None)]


async def test_holders_and_watchers_stand_in_one_line_for_as_many_units_as_came(trigger: Trigger) -> None:
    await trigger.receive(added("h1", 1, ago(minutes=50)), added("h2", 1, ago(minutes=30)))
    await trigger.receive(*(watched(f"w{n}", ago(minutes=at)) for n, at in ((1, 60), (2, 40), (3, 15.5))))
    await levels(trigger, 5, 0, 2)
    assert await told(trigger) == ["w1", "h1"]
    await levels(trigger, 4, version=4)
    assert await told(trigger) == ["w1", "h1", "w2", "h2"]
    await levels(trigger, 40, version=5)
    assert await told(trigger) == ["w1", "h1", "w2", "h2", "w3"]


async def test_who_waits_while_it_is_sold_out_is_told_and_who_asks_after_it_came_waits(trigger: Trigger) -> None:
    await levels(trigger, 5, 0)
    await trigger.receive(watched(ANN, ago(minutes=17, seconds=30)))
    await levels(trigger, 9, version=3)
    await trigger.receive(watched(BEN, ago(minutes=1)))
    assert await told(trigger) == [ANN]


async def test_who_holds_it_and_watches_it_is_told_once_and_takes_one_place(trigger: Trigger) -> None:
    await trigger.receive(added(ANN, 1, ago(minutes=50)), watched(ANN, ago(minutes=40)), watched(BEN, ago(minutes=35)))
    await levels(trigger, 5, 0, 2)
    assert await told(trigger) == [ANN, BEN]
    assert await states(trigger) == [(ANN, True, None), (BEN, True, None)]
    await levels(trigger, 0, 5, version=4)
    assert await told(trigger) == [ANN, BEN, ANN], "the second time as who holds it"


async def test_who_cleared_it_or_has_ordered_it_since_is_not_told(trigger: Trigger) -> None:
    await trigger.receive(*(watched(name, ago(minutes=40)) for name in (ANN, BEN, CAT)))
    await trigger.receive(unwatched(ANN, ago(minutes=35)))
    await ordered(trigger, BEN, ago(minutes=30))
    await levels(trigger, 5, 0, 9)
    assert await told(trigger) == [CAT]
    assert await trigger.pool.fetchval("SELECT reason FROM decisions WHERE outcome = 'skipped'") == "bought"


async def test_who_bought_it_before_they_asked_wants_another_one(trigger: Trigger) -> None:
    await ordered(trigger, ANN, ago(minutes=50))
    await trigger.receive(watched(ANN, ago(minutes=40)))
    await levels(trigger, 5, 0, 9)
    assert await told(trigger) == [ANN]


async def test_what_is_told_twice_or_late_makes_nobody_wait_anew(trigger: Trigger) -> None:
    set_, over = watched(ANN, ago(minutes=40)), unwatched(ANN, ago(minutes=35))
    await trigger.receive(set_, over, set_)
    await trigger.receive(set_)
    await trigger.receive(watched(BEN, ago(minutes=40)))
    await levels(trigger, 5, 0, 4)
    assert await told(trigger) == [BEN]
    await trigger.receive(watched(BEN, ago(minutes=40)))
    await levels(trigger, 0, 4, version=4)
    assert await told(trigger) == [BEN]


async def test_a_watch_that_goes_over_to_a_customer_is_told_once_and_to_them(trigger: Trigger) -> None:
    await trigger.receive(watched(ANN, ago(minutes=40), customer="guest:1"))
    await trigger.receive(watched(ANN, ago(minutes=40), 2, customer="customer-anna"))
    await trigger.receive(watched(ANN, ago(minutes=40), customer="guest:1"))
    await levels(trigger, 5, 0, 4)
    assert await told(trigger) == ["anna"]
    await trigger.receive(watched(ANN, ago(minutes=40), 3, customer="customer-ben"))
    await levels(trigger, 0, 4, version=4)
    assert await told(trigger) == ["anna"]


async def test_a_guest_who_left_an_address_is_told_as_a_customer_is(trigger: Trigger) -> None:
    await trigger.receive(watched(ANN, ago(minutes=40), customer="guest:1"))
    await levels(trigger, 5, 0, 4)
    assert await told(trigger) == ["guest:1"]


async def test_a_message_that_came_to_nothing_has_told_nobody(trigger: Trigger) -> None:
    await trigger.receive(watched(ANN, ago(minutes=40)))
    await levels(trigger, 5, 0, 4)
    assert await told(trigger) == [ANN]
    await became(trigger, MessageCancelled)
    assert await states(trigger) == [(ANN, False, None)]
    await levels(trigger, 0, 4, version=4)
    assert await told(trigger) == [ANN, ANN]
    await became(trigger, MessageSent)
    await levels(trigger, 0, 4, version=6)
    assert await told(trigger) == [ANN, ANN]


async def test_two_campaigns_on_one_item_tell_a_watch_once(trigger: Trigger, campaigns_dir: Path) -> None:
    two = CAMPAIGN + CAMPAIGN.removeprefix("\ncampaigns:\n").replace("name: back", "name: again")
    (campaigns_dir / "default.yaml").write_text(two)
    await trigger.campaigns.refresh()
    await trigger.receive(watched(ANN, ago(minutes=40)))
    await levels(trigger, 5, 0, 4)
    assert await told(trigger) == [ANN]


async def test_of_several_steps_a_watch_gets_the_first(trigger: Trigger, campaigns_dir: Path) -> None:
    steps = "{channel: email, template: back_in_stock}"
    (campaigns_dir / "default.yaml").write_text(CAMPAIGN.replace(steps, f"{steps}, {{channel: sms, template: back}}"))
    await trigger.campaigns.refresh()
    await trigger.receive(watched(ANN, ago(minutes=40)), added(BEN, 1, ago(minutes=30)))
    await levels(trigger, 5, 0, 4)
    assert await told(trigger) == [ANN, BEN, BEN]


async def test_a_fan_out_goes_on_after_a_crash_without_repeating_a_watch(trigger: Trigger, monkeypatch) -> None:
    monkeypatch.setattr(fan_out_stretches, "PAGES", 1)
    await trigger.receive(*(watched(f"w{n}", ago(minutes=50 - n)) for n in range(7)))
    await levels(trigger, 5, 0, 30)
    assert await trigger.timers.fan_out()

    async def crash(*_: Any) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patched:
        patched.setattr(places, "move_fan_out", crash)
        with pytest.raises(ConnectionResetError):
            await trigger.timers.fan_out()
    assert [told for _, told, _ in await states(trigger)].count(True) == 3
    assert await told(trigger) == [f"w{n}" for n in range(7)]


async def test_an_erasure_takes_watches_and_nothing_late_brings_them_back(trigger: Trigger) -> None:
    await trigger.receive(watched(ANN, ago(minutes=40)), watched(BEN, ago(minutes=40)))
    await trigger.receive(request())
    await trigger.receive(watched(ANN, ago(minutes=40)))
    assert await states(trigger) == [(BEN, False, None)]
    later = watched("later", now(), customer="customer-a")
    await trigger.receive(later)
    assert len(await states(trigger)) == 2, "whoever comes again may ask again"


async def test_a_watch_that_is_over_is_forgotten_in_the_end(trigger: Trigger) -> None:
    await trigger.receive(watched(ANN, ago(minutes=40)), unwatched(ANN, ago(minutes=35)), watched(BEN, ago(minutes=40)))
    async with trigger.pool.acquire() as connection:
        await retention.forget_watches(connection, ago(minutes=1))
        assert len(await states(trigger)) == 2
        await retention.forget_watches(connection, now())
    assert await states(trigger) == [(BEN, False, None)]
