"""One shopper's commands take turns within a process; others do not wait for them."""

import asyncio

import pytest

from services.cart.domain.errors import Refusal
from services.cart.domain.request import WriteRequest
from services.cart.domain.shopper import Shopper
from services.cart.handlers.turns import Turns

ANNA, BEN = Shopper("shop", customer_id="anna"), Shopper("shop", customer_id="ben")


def intent(key: str | None = None) -> WriteRequest:
    return WriteRequest("shop", "c:anna", b"f" * 32, key=key)


async def test_commands_of_one_shopper_take_turns():
    turns, under_way, most = Turns(), 0, 0

    async def command() -> None:
        nonlocal under_way, most
        async with turns.turn(Shopper("shop", customer_id="anna"), intent()):
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way -= 1

    await asyncio.gather(*(command() for _ in range(10)))
    assert most == 1


async def test_nobody_waits_for_another_shopper():
    turns = Turns()
    async with turns.turn(ANNA, intent()), asyncio.timeout(5), turns.turn(BEN, intent()):
        pass


async def test_a_key_under_way_is_a_conflict_and_free_afterwards():
    turns = Turns()
    async with turns.turn(ANNA, intent("k-1")):
        with pytest.raises(Refusal) as refused:
            async with turns.turn(ANNA, intent("k-1")):
                pass
    assert refused.value.slug == "request-in-flight"
    async with turns.turn(ANNA, intent("k-1")):
        pass


async def test_a_command_that_fails_gives_its_turn_and_its_key_back():
    turns = Turns()
    for _ in range(2):
        with pytest.raises(RuntimeError):
            async with turns.turn(ANNA, intent("k-1")):
                raise RuntimeError


async def test_who_gives_up_while_waiting_gives_the_key_back():
    turns = Turns()
    async with turns.turn(ANNA, intent("k-1")):
        waiting = asyncio.create_task(_take(turns, "k-2"))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    await _take(turns, "k-2")


async def _take(turns: Turns, key: str) -> None:
    async with asyncio.timeout(5), turns.turn(ANNA, intent(key)):
        pass
