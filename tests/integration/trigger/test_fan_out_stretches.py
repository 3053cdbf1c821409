"""Pages of a fan-out over two connections: each is decided on while the one before is written, and ends after it."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest

from services.trigger.db import fan_outs as db
from services.trigger.domain.pages import decide_page
from services.trigger.handlers import fan_out_stretches, fan_outs
from tests.integration.trigger.conftest import Trigger, ago
from tests.integration.trigger.test_fan_outs import falls, states, told
from tests.unit.trigger.making import added

PAGE, HOLDERS = 10, 25
EVERYBODY = [f"customer-c{n}" for n in reversed(range(HOLDERS))]
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('fan_outs|shop|low_stock', 0))"


@pytest.fixture(autouse=True)
def small_pages(monkeypatch) -> None:
    """Three pages of the holders."""
    monkeypatch.setattr(fan_outs, "PAGE", PAGE)


async def held_by_many(trigger: Trigger) -> None:
    await trigger.receive(*(added(f"c{n}", 1, ago(minutes=50 - n)) for n in range(HOLDERS)))
    await falls(trigger, 10, 5)


async def asked(trigger: Trigger) -> int:
    """How many have been asked for; a page that was not written has left nothing else either."""
    assert await trigger.pool.fetchval("SELECT count(*) FROM decisions") == len(await trigger.requested())
    return len(await trigger.requested())


async def test_a_page_is_read_and_decided_on_while_the_one_before_is_written(trigger: Trigger, monkeypatch) -> None:
    await held_by_many(trigger)
    holders, move, read, pages = db.holders, db.move_fan_out, asyncio.Event(), []

    async def reads(*arguments: Any) -> Any:
        pages.append(await holders(*arguments))
        if len(pages) > 1:
            read.set()
        return pages[-1]

    async def moves(*arguments: Any) -> None:
        await read.wait()
        await move(*arguments)

    monkeypatch.setattr(db, "holders", reads)
    monkeypatch.setattr(db, "move_fan_out", moves)
    async with asyncio.timeout(60):
        assert await trigger.timers.fan_out()
    assert await told(trigger) == EVERYBODY, "in their order, and nobody twice"
    assert await states(trigger) == ["done"]


async def test_after_so_many_pages_it_is_another_one_s_turn(trigger: Trigger, monkeypatch) -> None:
    monkeypatch.setattr(fan_out_stretches, "PAGES", 2)
    await held_by_many(trigger)
    assert await trigger.timers.fan_out()
    assert await asked(trigger) == 2 * PAGE
    assert await told(trigger) == EVERYBODY


async def test_a_fan_out_that_begins_meanwhile_waits_for_a_page_and_no_more(trigger: Trigger, monkeypatch) -> None:
    await trigger.receive(added("x", 1, ago(minutes=1), {"cup": 1}))
    await held_by_many(trigger)
    look_again = db.look_again

    async def begun(*arguments: Any) -> Any:
        await falls(trigger, 10, 5, sku="cup")
        return await look_again(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(db, "look_again", begun)
        assert await trigger.timers.fan_out()
    assert await asked(trigger) == 2 * PAGE
    assert await trigger.timers.fan_out()
    assert (await trigger.requested())[-1].sku == "cup"
    assert await told(trigger) == [*EVERYBODY[: 2 * PAGE], "customer-x", *EVERYBODY[2 * PAGE :]]


async def test_whoever_is_on_two_pages_is_told_once(trigger: Trigger) -> None:
    """The second page is read anew where it is about somebody of the first, who has been told by then."""
    await trigger.receive(*(added(f"c{n}", 1, ago(minutes=50 - n)) for n in range(1, HOLDERS)))
    await trigger.receive(added("again", 1, ago(minutes=55), customer="customer-c24"))
    await falls(trigger, 10, 5)
    assert await told(trigger) == EVERYBODY[:-1]
    reasons = await trigger.pool.fetch("SELECT reason FROM decisions WHERE customer_id = 'customer-c24' ORDER BY 1")
    assert [row["reason"] for row in reasons] == ["cooling_down", "low_stock"]


@pytest.mark.parametrize("page", [1, 2, 3])
async def test_a_page_that_fails_leaves_nothing_of_itself_and_of_those_behind_it(
    trigger: Trigger, monkeypatch, page: int
) -> None:
    await held_by_many(trigger)
    move, moved = db.move_fan_out, list[int]()

    async def dies(*arguments: Any) -> None:
        moved.append(1)
        if len(moved) == page:
            raise ConnectionResetError
        await move(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(db, "move_fan_out", dies)
        with pytest.raises(ConnectionResetError):
            await trigger.timers.fan_out()
    assert await asked(trigger) == (page - 1) * PAGE
    assert await told(trigger) == EVERYBODY


async def test_a_page_that_can_not_be_decided_on_is_left_to_whoever_claims_the_fan_out_next(
    trigger: Trigger, monkeypatch
) -> None:
    await held_by_many(trigger)
    decided = list[int]()

    def fails(*arguments: Any) -> Any:
        decided.append(1)
        if len(decided) > 1:
            raise ValueError
        return decide_page(*arguments)

    monkeypatch.setattr("services.trigger.handlers.fan_outs.decide_page", fails)
    assert await trigger.timers.fan_out()
    assert await states(trigger) == ["open"]
    assert await asked(trigger) == PAGE
    assert await trigger.timers.fan_out()
    assert await states(trigger) == ["failed"]
    assert await asked(trigger) == PAGE


@pytest.mark.parametrize(
    "meanwhile",
    [
        "UPDATE fan_outs SET cursor_touched_at = cursor_touched_at + interval '1 ms' WHERE sku = 'tea'",
        "UPDATE fan_outs SET state = 'restocked' WHERE sku = 'tea'",
        "UPDATE fan_outs SET worked_at = clock_timestamp() WHERE sku = 'cup'",
        LOCK,
        "SELECT FROM fan_outs WHERE sku = 'tea' FOR UPDATE",
    ],
    ids=["gone on", "ended", "told of another item", "at work on the campaign", "at work on the item"],
)
async def test_a_page_is_not_written_where_somebody_else_works_on_the_fan_out_meanwhile(
    trigger: Trigger, monkeypatch, meanwhile: str
) -> None:
    await trigger.receive(added("x", 1, ago(minutes=1), {"cup": 1}))
    await falls(trigger, 10, 5, sku="cup")
    await told(trigger)
    await held_by_many(trigger)
    go_on = db.go_on
    async with AsyncExitStack() as other:
        connection = await other.enter_async_context(trigger.pool.acquire())
        transaction = connection.transaction()

        async def overtaken(*arguments: Any) -> bool:
            await transaction.start()
            await connection.execute(meanwhile)
            if meanwhile.startswith("UPDATE"):
                await transaction.commit()
            return await go_on(*arguments)

        with monkeypatch.context() as patched:
            patched.setattr(db, "go_on", overtaken)
            assert await trigger.timers.fan_out()
        if not meanwhile.startswith("UPDATE"):
            await transaction.rollback()
    assert await asked(trigger) == 1 + PAGE
    if "restocked" not in meanwhile:
        assert await told(trigger) == ["customer-x", *EVERYBODY]


async def test_what_changes_between_two_pages_counts_for_the_second(trigger: Trigger, monkeypatch) -> None:
    """Story: an item was there again, and the pages that were left of the alert went out all the same."""
    await held_by_many(trigger)
    look_again = db.look_again

    async def restocked(*arguments: Any) -> Any:
        await trigger.pool.execute("UPDATE stock_levels SET armed = true")
        return await look_again(*arguments)

    monkeypatch.setattr(db, "look_again", restocked)
    assert await trigger.timers.fan_out()
    assert await asked(trigger) == PAGE
    assert await states(trigger) == ["restocked"]
