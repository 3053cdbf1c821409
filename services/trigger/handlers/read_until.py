"""Up to when cart.events were read: by the horizons that the cart's relay tells, else by times and `settle`."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from libs.contracts.by_type import types_among
from libs.contracts.events import CartEvent, Event, HorizonMoved
from libs.contracts.topics import CART_EVENTS
from libs.inbox.consumer import Received
from services.trigger.domain.horizons import Horizon, Horizons


class ReadUntil:
    """Of one process. `settle` is for how long an event may be on its way where nobody tells how far all is out."""

    def __init__(self, settle: timedelta) -> None:
        self._settle, self._horizons = settle, Horizons()
        self._noted: dict[int, datetime] = {}
        self._appended: datetime | None = None

    @property
    def by_horizon(self) -> bool:
        """Whether somebody tells how far all is out."""
        return bool(self._horizons)

    @property
    def silent(self) -> bool:
        """Whether records go on to come although nobody tells any more how far all is out."""
        return self._horizons.silent(self._appended)

    def tell(self, event: HorizonMoved, told_at: datetime) -> None:
        """A horizon. Where callers date their changes it may be ahead of some, as the clock is."""
        until = event.until - self._settle if event.recorded else event.until
        self._horizons.tell(Horizon(until, event.ends, told_at))

    def forget(self) -> None:
        """From now on as before the first horizon."""
        self._horizons.forget()

    def of_batch(
        self, received: Sequence[Received[Event]], now: datetime, *, looked: bool = True
    ) -> dict[int, datetime]:
        """Up to when partitions are read with a batch, which goes on where the one before it ended.

        Before it was `looked` whether there are horizons nothing is known.
        """
        ours = [one for one in received if one.topic == CART_EVENTS.name]
        if ours:
            newest = max(one.timestamp for one in ours)
            self._appended = max(self._appended or newest, newest)
        if self._horizons:
            return self.of_positions({one.partition: one.offset + 1 for one in ours})
        return self._while_lagging(ours, now) if looked else {}

    def of_positions(self, positions: Mapping[int, int]) -> dict[int, datetime]:
        """Up to when partitions are read of which everything below these offsets was handled."""
        return self._horizons.reached(positions)

    def of_ends(self, partitions: Sequence[int], asked: datetime) -> dict[int, datetime]:
        """Up to when partitions are read of which all was handled that stood there at the moment."""
        return dict.fromkeys(partitions, asked - self._settle)

    def _while_lagging(self, ours: Sequence[Received[Event]], now: datetime) -> dict[int, datetime]:
        """The newest event's time, less what events of other carts may be behind it in the partition.

        An event that is dated ahead (a clock that runs fast) proves nothing about what comes behind it: only what came
        before its record was appended does.
        """
        until = dict[int, datetime]()
        for one in ours:
            moment = min(one.event.occurred_at, one.timestamp, now) - self._settle
            until[one.partition] = max(until.get(one.partition, moment), moment)
        return until

    def news(self, until: Mapping[int, datetime]) -> dict[int, datetime]:
        """What of it was not noted here yet."""
        return {p: moment for p, moment in until.items() if p not in self._noted or moment > self._noted[p]}

    def note(self, until: Mapping[int, datetime]) -> None:
        """It stands in the database."""
        self._noted |= self.news(until)

    def late(self, received: Sequence[Received[Event]]) -> int:
        """How many events occurred before what had been noted: their partition had been taken as read past them."""
        kinds = types_among([one.event for one in received], CartEvent)
        ours = [one for one in received if type(one.event) in kinds and one.partition in self._noted]
        return sum(one.event.occurred_at < self._noted[one.partition] for one in ours)
