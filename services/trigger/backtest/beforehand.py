"""What has to be known before a store's events are led past campaigns: its rules, and what became of messages."""

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from libs.contracts.events import StoreClosed, StoreDescribed
from libs.contracts.topics import MESSAGE_EVENTS, STORES
from libs.inbox.recorded import Recorded
from libs.kafka.cluster import Servers
from libs.policy.laws import Laws
from libs.policy.store_rules import StoreRules
from services.trigger.backtest.past import PastMessages
from services.trigger.backtest.policy import Held


@dataclass(slots=True)
class Beforehand:
    """`described` is what was told last of the store, None where nothing was, or where it was closed."""

    described: StoreDescribed | None = None
    past: PastMessages = field(default_factory=PastMessages)

    def held(self, store_id: str, unset: Mapping[str, Any], laws: Laws | None) -> Held | None:
        """What the notifier goes by for the store; `unset` are the rules that hold where it says nothing. None where it
        is not known, or a newer release has described it in another way: then nobody can say.
        """
        if self.described is None:
            return None
        try:
            rules = StoreRules.described(self.described.model_dump(exclude_none=True), unset)
        except ValidationError:
            return None
        return Held(store_id, rules, laws, self.past)


async def beforehand(servers: Servers, topic_prefix: str, store_id: str) -> Beforehand:
    """Reads it, as Kafka still has it: messages of 30 days. Raises `KafkaError`."""
    found = Beforehand()
    async with aclosing(Recorded(servers, topic_prefix, store_id, (STORES, MESSAGE_EVENTS)).events()) as events:
        async for event in events:
            if isinstance(event, StoreDescribed):
                found.described = event
            elif isinstance(event, StoreClosed):
                found.described = None
            else:
                found.past.foresee(event)
    return found
