"""A relay takes few connections from one address: however much is under way, it gets no more of them from a process."""

import asyncio

import pytest

from services.notifier.channels import places
from services.notifier.channels.outcome import Accepted, Outcome, Postponed, Withheld
from services.notifier.channels.places import Placed
from services.notifier.domain.envelope import Envelope
from tests.integration.notifier.scripted import LETTER, Scripted, sends, smtp
from tests.support.eventually import eventually

MOST = 16


class Narrow(Scripted):
    """Refuses whoever comes while `MOST` are there."""

    def __init__(self) -> None:
        super().__init__(DOT=b"250 2.0.0 Ok: queued as 1")
        self.here = self.refused = 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.here == MOST:
            self.refused += 1
            writer.write(b"421 4.7.0 too many connections\r\n")
            writer.close()
            return
        self.here += 1
        try:
            await super()._serve(reader, writer)
        finally:
            self.here -= 1


@pytest.fixture
async def relay():
    relay = Narrow()
    await relay.start()
    yield relay
    await relay.stop()


def placed(relay: Narrow, connections: int = MOST) -> Placed:
    return Placed("smtp", smtp(relay, starttls=False, connections=connections), connections)


class Held:
    """A message that has its place, and is asked for its last word, when it is told to go on."""

    def __init__(self, provider: Placed, word: Envelope | None = LETTER) -> None:
        self._provider, self._word = provider, word
        self.asked, self.go_on = asyncio.Event(), asyncio.Event()

    async def send(self) -> Outcome:
        return await self._provider.send(LETTER, self._last_word)

    async def _last_word(self) -> Envelope | None:
        self.asked.set()
        await self.go_on.wait()
        return self._word


async def test_of_many_that_are_under_way_as_many_have_a_connection_as_the_relay_takes(relay: Narrow):
    provider = placed(relay)
    outcomes = await asyncio.gather(*(sends(provider) for _ in range(3 * MOST)))
    assert outcomes == [Accepted("1")] * (3 * MOST)
    assert (relay.sessions, relay.refused) == (MOST, 0)
    assert await asyncio.gather(*(sends(provider) for _ in range(MOST))) == [Accepted("1")] * MOST
    assert relay.sessions == MOST, "they are kept"
    await provider.close()


async def test_more_than_the_relay_takes_are_refused(relay: Narrow):
    provider = placed(relay, MOST + 1)
    held = [Held(provider) for _ in range(MOST)]
    under_way = [asyncio.create_task(one.send()) for one in held]
    await asyncio.gather(*(one.asked.wait() for one in held))
    assert await sends(provider) == Postponed("smtp_unreachable", down=True)
    for one in held:
        one.go_on.set()
    assert await asyncio.gather(*under_way) == [Accepted("1")] * MOST
    await provider.close()


async def test_a_message_that_waits_for_a_connection_is_asked_for_its_last_word_when_it_has_one(relay: Narrow):
    provider = placed(relay, 1)
    first, second = Held(provider), Held(provider, word=None)
    second.go_on.set()
    under_way = [asyncio.create_task(one.send()) for one in (first, second)]
    await first.asked.wait()
    assert await eventually(lambda: len(provider._places._waiting) == 1)
    assert not second.asked.is_set()
    first.go_on.set()
    assert await asyncio.gather(*under_way) == [Accepted("1"), Withheld()]
    assert relay.sessions == 1
    await provider.close()


async def test_where_none_becomes_free_in_time_nobody_was_asked(relay: Narrow, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(places, "LONGEST_WAIT_S", 0)
    provider = placed(relay, 1)
    held = Held(provider)
    under_way = asyncio.create_task(held.send())
    await held.asked.wait()
    assert await sends(provider) == Postponed("smtp_busy", 0, asked=False)
    held.go_on.set()
    assert await under_way == Accepted("1")
    assert await sends(provider) == Accepted("1"), "it has left nothing behind"
    await provider.close()


async def test_a_message_that_is_given_up_gives_its_place_back(relay: Narrow):
    provider = placed(relay, 1)
    held = Held(provider)
    under_way = asyncio.create_task(held.send())
    await held.asked.wait()
    under_way.cancel()
    await asyncio.gather(under_way, return_exceptions=True)
    assert await sends(provider) == Accepted("1")
    await provider.close()
