"""How often a horizon is told: five times a second while anything moves, once a second where nothing does."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from libs.outbox import horizon as module
from libs.outbox.horizon import IDLE_S, LOOK_S, MOVING_S, STILL_S, Horizon

T0 = datetime(2026, 3, 1, tzinfo=UTC)
POLL_S = 1.0


class Relay:
    """A relay's rounds around a horizon, a database in which others may write, and Kafka, by a clock of their own."""

    def __init__(self) -> None:
        self.now, self.told, self.writing = 1000.0, list[float](), list[dict[str, str]]()
        self.asked = 0
        self.horizon = Horizon("none", "cart.events", "/evercart/cart")

    def monotonic(self) -> float:
        return self.now

    async def fetch(self, _query: str) -> list[dict[str, str]]:
        self.asked += 1
        return self.writing

    async def fetchval(self, _query: str) -> int:
        return 0

    async def partitions_for(self, _topic: str) -> set[int]:
        return set()

    async def send_and_wait(self, **_record: object) -> None:
        self.told.append(self.now)

    async def rounds(self, seconds: float) -> list[float]:
        """So long nobody wakes it; gives the seconds between what it tells meanwhile."""
        until, self.told = self.now + seconds, self.told[-1:]
        connection: Any = self
        while self.now < until:
            await self.horizon.look(connection)
            self.horizon.published(None)
            if self.horizon.due:
                await self.horizon.tell(connection)
            self.now += max(self.horizon.pause_s(POLL_S), 0.001)
        return [round(after - before, 2) for before, after in pairwise(self.told)]


@pytest.fixture
def relay(monkeypatch: pytest.MonkeyPatch) -> Relay:
    found = Relay()

    async def database_now(_: object) -> datetime:
        return T0

    monkeypatch.setattr(module, "time", found)
    monkeypatch.setattr(module, "database_now", database_now)
    found.horizon.open()
    return found


async def test_while_anything_moves_it_is_told_five_times_a_second(relay: Relay) -> None:
    relay.horizon.acknowledged("cart.events", 0, 7)
    assert set(await relay.rounds(STILL_S - 1)) == {MOVING_S}


async def test_where_nothing_moves_it_is_told_once_a_second_and_asks_as_seldom(relay: Relay) -> None:
    await relay.rounds(STILL_S + 1)
    relay.asked = 0
    gaps = await relay.rounds(20)
    assert set(gaps) == {IDLE_S}
    assert relay.asked <= len(gaps) + 1


async def test_the_first_event_after_a_rest_has_its_horizon_at_once(relay: Relay) -> None:
    await relay.rounds(STILL_S + 10)
    moved = relay.now
    relay.horizon.acknowledged("cart.events", 0, 7)
    await relay.rounds(1)
    assert next(at for at in relay.told if at > moved) - moved <= MOVING_S + 0.01
    assert relay.horizon.pause_s(POLL_S) <= MOVING_S


async def test_what_moves_in_another_topic_leaves_it_at_rest(relay: Relay) -> None:
    await relay.rounds(STILL_S + 1)
    relay.horizon.acknowledged("inventory.levels", 0, 7)
    assert set(await relay.rounds(10)) == {IDLE_S}


async def test_while_somebody_s_transaction_stays_open_the_last_one_is_told_again(relay: Relay) -> None:
    await relay.rounds(1)
    relay.writing = [{"virtualtransaction": "3/7"}]
    await relay.rounds(MOVING_S)
    gaps = await relay.rounds(10)
    assert all(IDLE_S <= gap <= IDLE_S + LOOK_S for gap in gaps[1:])
    assert len(gaps) >= 9
    relay.writing = []
    assert MOVING_S in await relay.rounds(2)
