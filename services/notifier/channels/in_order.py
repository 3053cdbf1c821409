"""The providers that a store names for a channel, in its order: the next one is used where one surely took nothing.

Never after an answer that leaves it open (`Unclear`), and not where a provider only wants to be asked more slowly, or
again later: then the message waits for it.
"""

from collections.abc import Callable, Iterator, Sequence
from time import monotonic
from typing import Any

import structlog

from services.notifier.channels.outcome import Outcome, Postponed, provider_works
from services.notifier.domain.breaker import Breaker
from services.notifier.metrics import FAILED_OVER, PROVIDER_SHUT, REFUSED_US

log = structlog.get_logger(__name__)

Named = tuple[str, Any]
"""A provider and its name."""


class Breakers:
    """One breaker for each store, channel and provider, while this process lives."""

    def __init__(self, seconds: Callable[[], float] = monotonic) -> None:
        self._seconds = seconds
        self._kept: dict[tuple[str, str, str], Breaker] = {}

    def lets(self, store_id: str, channel: str, provider: str) -> bool:
        """Whether a message may be tried by it now."""
        return self._of(store_id, channel, provider).lets(self._seconds())

    def told(self, store_id: str, channel: str, provider: str, *, works: bool | None) -> None:
        """What became of a message that was tried by it."""
        breaker = self._of(store_id, channel, provider)
        was = breaker.shut
        breaker.told(self._seconds(), works=works)
        if breaker.shut != was:
            PROVIDER_SHUT.labels(store_id, channel, provider).set(int(breaker.shut))
            log.warning("provider.shut" if breaker.shut else "provider.open", store_id=store_id, provider=provider)

    def _of(self, *key: str) -> Breaker:
        return self._kept.setdefault((key[0], key[1], key[2]), Breaker())


class InOrder:
    """Sends as its providers do, by the first of them that is not shut, and by the next where that one is down or
    refuses us.

    Where all are shut each is tried in turn: how often is the lane's to say.
    """

    def __init__(self, store_id: str, channel: str, providers: Sequence[Named], breakers: Breakers) -> None:
        self._place, self._providers, self._breakers = (store_id, channel), providers, breakers

    async def send(self, *message: Any, **more: Any) -> Outcome:  # noqa: ANN401 - each channel has a port of its own
        """What the last one that was tried says."""
        outcome: Outcome | None = None
        for name, provider in self._turns():
            if outcome is not None:
                self._tell(name, outcome)
            works = None
            try:
                outcome = await provider.send(*message, **more)
                works = provider_works(outcome)
            finally:
                self._breakers.told(*self._place, name, works=works)
            if not surely_elsewhere(outcome):
                return outcome
        assert outcome is not None
        return outcome

    def _tell(self, name: str, before: Outcome) -> None:
        """That the next one gets it; what is wrong with the one before wants repair although nothing waits for it."""
        store_id, channel = self._place
        FAILED_OVER.labels(store_id, channel, name).inc()
        reason = before.reason if isinstance(before, Postponed) else ""
        if isinstance(before, Postponed) and before.ours:
            REFUSED_US.labels(channel, store_id, reason).inc()
        log.warning("delivery.failed_over", store_id=store_id, channel=channel, provider=name, reason=reason)

    def _turns(self) -> Iterator[Named]:
        """One after the other, as the breakers let them; all of them where none is let."""
        tried = False
        for name, provider in self._providers:
            if self._breakers.lets(*self._place, name):
                tried = True
                yield name, provider
        if not tried:
            yield from self._providers


def surely_elsewhere(outcome: Outcome) -> bool:
    """Whether another provider may be given the message: this one surely has nothing, and will not take it soon."""
    return isinstance(outcome, Postponed) and (outcome.down or outcome.ours)
