"""What else happened than quiet carts while recorded events pass by, as the table `occasions` has it live. Pure."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from libs.contracts.events import CartEvent, Event, OrderEvent, OrderPlaced, ProductViewed
from services.trigger.domain.campaigns import StoreCampaigns
from services.trigger.domain.decision import Decision
from services.trigger.domain.occasion_changes import changes_by
from services.trigger.domain.occasions import Key, Occasion, apply, decide_all, due, next_at
from services.trigger.domain.participation import Participants
from services.trigger.domain.traced.facts import TracedFacts

KEPT = timedelta(days=40)
"""Of what nothing is ahead any more so much is remembered, as live."""
_INSTANT = timedelta(microseconds=1)
_FOLLOWED = (OrderPlaced, OrderEvent, CartEvent, ProductViewed)


class TracedOccasions:
    """Keeps only what some campaign of its store follows."""

    def __init__(self, campaigns: Callable[[str], StoreCampaigns], facts: TracedFacts) -> None:
        self._campaigns, self._facts = campaigns, facts
        self._known: dict[Key, Occasion] = {}
        self._armed: dict[Key, datetime] = {}
        self._over: OrderedDict[Key, datetime] = OrderedDict()
        """Since when nothing is ahead of what is known, the longest first."""

    def learn(self, event: Event) -> Iterator[tuple[datetime, Key]]:
        """Takes an event in; what is to be looked at because of it, and when."""
        if not isinstance(event, _FOLLOWED):
            return
        subjects = self._campaigns(event.store_id).subjects
        if not subjects:
            return
        self._forget(event.occurred_at - KEPT)
        for change in changes_by(event, subjects):
            before = self._known.get(change.key)
            after = apply(before, change, 0) if change.key[1] in subjects else None
            if after is not None and after is not before:
                self._known[after.key] = after = self._in_zone(after)
                yield from self._arm(after, event.occurred_at)

    def decide(
        self, key: Key, at: datetime, participants: Participants
    ) -> tuple[tuple[Decision, ...], list[tuple[datetime, Key]]]:
        """What is decided where it is looked at, and when that is to be done again; nothing where it was put off."""
        if self._armed.get(key) != at:
            return (), []
        occasion = self._in_zone(self._known[key])
        campaigns, until = self._campaigns(occasion.store_id), at + _INSTANT
        decided = decide_all(occasion, due(occasion, campaigns, until), at, participants, self._facts.beside(occasion))
        after = self._known[key] = replace(occasion, decided_until=max(occasion.decided_until, until))
        return decided, list(self._arm(after, at))

    def _in_zone(self, occasion: Occasion) -> Occasion:
        """With where its customer is by now, as live, where that matters."""
        if not self._campaigns(occasion.store_id).occasions_by_zone_of_recipient:
            return occasion
        reach = self._facts.reach.get((occasion.store_id, occasion.customer_id))
        return replace(occasion, zone=None if reach is None else reach.zone)

    def _arm(self, occasion: Occasion, now: datetime) -> Iterator[tuple[datetime, Key]]:
        ahead = next_at(occasion, self._campaigns(occasion.store_id))
        self._over.pop(occasion.key, None)
        if ahead is None:
            self._armed.pop(occasion.key, None)
            self._over[occasion.key] = now
            return
        # what is told late is looked at when it is told
        self._armed[occasion.key] = at = max(ahead, now)
        yield at, occasion.key

    def _forget(self, before: datetime) -> None:
        while self._over and self._over[key := next(iter(self._over))] < before:
            del self._over[key], self._known[key]
