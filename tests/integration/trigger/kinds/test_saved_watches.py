"""Who has set an item aside stands in one line with those who hold it and those who asked for it."""

import pytest

from libs.contracts.events import MessageCancelled
from libs.erasure import store as erasure
from tests.integration.trigger.conftest import Trigger, ago, now
from tests.integration.trigger.kinds.test_back_in_stock import campaigns_dir as campaigns_dir
from tests.integration.trigger.kinds.test_back_in_stock import levels, told
from tests.integration.trigger.kinds.test_back_in_stock import small_pages as small_pages
from tests.integration.trigger.kinds.test_watches import became, ordered, states
from tests.integration.trigger.test_erasure import request
from tests.unit.trigger.making import added, cart_id, closed_otherwise, noted, watched
from tests.unit.trigger.saving import saved


async def test_who_saved_it_stands_in_the_line_since_then_and_is_told_by_a_message_about_no_cart(
    trigger: Trigger,
) -> None:
    await trigger.receive(saved("s", 2, ago(minutes=40), "tea", "cup"), added("h", 1, ago(minutes=50)))
    await trigger.receive(watched("w", ago(minutes=45)), watched("x", ago(minutes=35)))
    await levels(trigger, 5, 0, 3)
    assert await told(trigger) == ["h", "w", "s"]
    *_, last = await trigger.requested()
    assert (last.kind, last.sku, last.cart_id, last.cart_version) == ("back_in_stock", "tea", None, None)
    await levels(trigger, 4, version=4)
    assert await told(trigger) == ["h", "w", "s", "x"]


async def test_who_sets_it_aside_while_it_is_sold_out_is_told_once_and_anew_when_they_do_so_again(
    trigger: Trigger,
) -> None:
    await levels(trigger, 5, 0)
    await trigger.receive(saved("s", 2, ago(minutes=17, seconds=30), "tea"))
    await levels(trigger, 9, version=3)
    assert await told(trigger) == ["s"]
    await trigger.receive(noted("s", 3, ago(minutes=15, seconds=59)), saved("s", 4, ago(minutes=15.9), "tea", "cup"))
    await levels(trigger, 0, 9, version=4)
    assert await told(trigger) == ["s"], "what else is aside by now begins nothing"
    again = saved("s", 5, ago(minutes=13.9)), saved("s", 6, ago(minutes=13.8), "tea")
    await trigger.receive(*again, *again)
    await levels(trigger, 0, 9, version=7)
    assert await told(trigger) == ["s", "s"]
    await trigger.receive(*again)
    await levels(trigger, 0, 9, version=9)
    assert await told(trigger) == ["s", "s"]


async def test_who_holds_it_watches_it_and_has_it_aside_takes_one_place(trigger: Trigger) -> None:
    own = {"customer": "customer-a"}
    await trigger.receive(added("a", 1, ago(minutes=50)), watched("a", ago(minutes=45)))
    await trigger.receive(saved("other", 2, ago(minutes=40), "tea", **own), watched("b", ago(minutes=30)))
    await levels(trigger, 5, 0, 2)
    assert await told(trigger) == ["a", "b"]
    assert await states(trigger) == [("a", True, None), ("a", True, None), ("b", True, None)]


@pytest.mark.parametrize("end", ["taken", "expired", "merged_away", "guest"])
async def test_what_is_taken_back_or_gone_with_its_cart_is_told_of_no_more(trigger: Trigger, end: str) -> None:
    await trigger.receive(saved("s", 2, ago(minutes=40), "tea", "cup"))
    match end:
        case "taken":
            await trigger.receive(saved("s", 3, ago(minutes=30), "cup"))
        case "guest":
            await trigger.receive(saved("s", 3, ago(minutes=30), "tea", customer=None, changed=("owner",)))
        case _:
            await trigger.receive(closed_otherwise(end, "s", 3, ago(minutes=30)))
    await trigger.receive(saved("s", 2, ago(minutes=40), "tea", "cup"))
    await levels(trigger, 5, 0, 9)
    assert await told(trigger) == []
    ended = await trigger.pool.fetchval("SELECT ended FROM watches WHERE sku = 'tea'")
    assert ended == ("nothing_saved" if end in ("taken", "guest") else "cart_gone")
    others = await trigger.pool.fetchval("SELECT ended FROM watches WHERE sku = 'cup'")
    assert (others is None) == (end == "taken")


async def test_what_a_guest_without_an_address_or_staff_set_aside_lets_nobody_wait(trigger: Trigger) -> None:
    await trigger.receive(saved("g", 2, ago(minutes=40), "tea", customer=None))
    await trigger.receive(saved("s", 2, ago(minutes=40), "tea", origin="staff"))
    await trigger.receive(saved("c", 2, ago(minutes=40), "tea"))
    await trigger.receive(saved("c", 3, ago(minutes=39), "tea", "cup", origin="staff"))
    await levels(trigger, 5, 0, 9)
    assert await told(trigger) == ["c"]


async def test_a_guest_who_has_left_an_address_waits_until_a_log_in_takes_it_over(trigger: Trigger) -> None:
    guest = {"customer": None, "recipient_id": "guest:1"}
    await trigger.receive(
        saved("g", 2, ago(minutes=40), "tea", **guest), saved("h", 2, ago(minutes=39), "tea", **guest)
    )
    await trigger.receive(saved("h", 3, ago(minutes=35), "tea", changed=("owner",)))
    await levels(trigger, 5, 0, 9)
    assert await told(trigger) == ["guest:1", "h"]


async def test_a_log_in_begins_it_and_an_order_of_it_ends_it(trigger: Trigger) -> None:
    await trigger.receive(saved("g", 2, ago(minutes=40), "tea", customer=None))
    await trigger.receive(saved("g", 3, ago(minutes=35), "tea", changed=("owner",)))
    await trigger.receive(saved("b", 2, ago(minutes=40), "tea"))
    await ordered(trigger, "b", ago(minutes=30))
    await levels(trigger, 5, 0, 9)
    assert await told(trigger) == ["g"]


async def test_a_message_that_came_to_nothing_has_told_nobody_of_it(trigger: Trigger) -> None:
    await trigger.receive(saved("s", 2, ago(minutes=40), "tea"))
    await levels(trigger, 5, 0, 9)
    assert await told(trigger) == ["s"]
    await became(trigger, MessageCancelled)
    await levels(trigger, 0, 9, version=4)
    assert await told(trigger) == ["s", "s"]


async def test_an_erasure_takes_it_and_nothing_late_brings_it_back(trigger: Trigger) -> None:
    await trigger.receive(saved("a", 2, ago(minutes=40), "tea"), saved("b", 2, ago(minutes=40), "tea"))
    await trigger.receive(request())
    await trigger.receive(saved("a", 3, ago(minutes=39), "tea", "cup"))
    assert await states(trigger) == [("b", False, None)]
    async with trigger.pool.acquire() as connection:
        assert await erasure.among(connection, [("shop", "customer-a")])
    await trigger.receive(saved("later", 1, now(), "tea", customer="customer-a"))
    assert len(await states(trigger)) == 2, "whoever comes again may set something aside again"
    kept = await trigger.pool.fetchval("SELECT saved_in FROM watches WHERE customer_id = 'customer-b'")
    assert kept == cart_id("b")
