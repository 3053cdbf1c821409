"""What the notifier would make of reminders over the time of events, by its own rule of caps and quiet hours. Pure
but for what is on disk.

Where it isn't told how somebody can be reached they have all channels and have agreed: a trace knows no contacts. What
a cap or quiet hours put off is looked at again when they end, if the cart is as it was. What is left out: double
opt-ins, and what somebody has declined or paused.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from libs.contracts.channel_rules import BY_PHONE, ONE_A_CART
from libs.contracts.events import CartEvent
from libs.contracts.kinds import ONCE_A_CART, TRANSACTIONAL
from libs.files.scratch import scratch
from libs.policy.held_back import CLOSED, Cancel, Expire, Wait, Wanted, held_back
from libs.policy.laws import NOTHING, Demands, Laws
from libs.policy.store_rules import StoreRules
from libs.runtime.zones import zone_named
from services.trigger.backtest.lately import EPISODES_KEPT, Lately, episodes_kept
from services.trigger.backtest.past import UNDELIVERABLE, PastMessages
from services.trigger.backtest.sent import Sent
from services.trigger.backtest.waiting import Waiting
from services.trigger.domain.backtest import Backtest
from services.trigger.domain.carts import why_voided
from services.trigger.domain.decision import episode_reminder_id
from services.trigger.domain.exits import ORDER_PLACED
from services.trigger.domain.reach import UNREACHABLE, Reach
from services.trigger.domain.told import Told, put_off, sent, skipped

HELD_BACK: Final = CLOSED | {
    *("frequency_cap", "quiet_hours", "legal_hours", "legal_period", "store_closed"),
    *(UNREACHABLE, UNDELIVERABLE),
}
"""Reasons that speak of a store's rules, or of how somebody can be reached, and not of what happened in the shop."""

ReachOf = Callable[[str], Reach | None]
_INSTANT = timedelta(microseconds=1)
_Verdict = Cancel | Expire | Wait | None


def of_nobody(_customer_id: str) -> Reach | None:
    """Nothing is known of how anybody can be reached."""
    return None


class StorePolicy:
    """Asks of each reminder what its store's rules say. Who was sent something within a cap, and what waits, is on
    disk; memory is that of carts of which something waits, and 70 bytes for each text about a cart within
    `episodes_kept`, or twice that at most.

    `reach_of` tells how a customer of `store_id` can be reached by then; `past` what became of the messages that were
    sent.
    """

    def __init__(
        self,
        rules: StoreRules,
        laws: Laws | None = None,
        reach_of: ReachOf = of_nobody,
        past: PastMessages | None = None,
        *,
        store_id: str = "",
        episodes_kept: timedelta = EPISODES_KEPT,
    ) -> None:
        self._rules, self._laws, self._reach_of, self._store_id = rules, laws, reach_of, store_id
        self._past = PastMessages() if past is None else past
        self._episodes = Lately(episodes_kept)
        kept = scratch()
        self._sent, self._waiting = Sent(kept), Waiting(kept)

    def ask(self, one: Told, order: int) -> Sequence[Told]:
        """What becomes of a decision, if it is known by now; `order` tells it from others of that moment."""
        if one.outcome != "would_send":
            return (one,)
        if (why := self._came_to_nothing(one)) is not None:
            return (skipped(one, why),)
        settled = self._settled(one, one.due_at, order)
        return () if settled is None else (settled,)

    def before(self, moment: datetime) -> Iterable[tuple[datetime, int, Told]]:
        """What becomes of what waited, before a moment; each with when that was, and the order of its decision."""
        first = self._waiting.first
        return () if first is None or first >= moment else self._waited(moment)

    def through(self, moment: datetime) -> Iterable[tuple[datetime, int, Told]]:
        """The same with that of the moment itself."""
        first = self._waiting.first
        return () if first is None or first > moment else self._waited(moment + _INSTANT)

    def change(self, event: CartEvent) -> Sequence[Told]:
        """A cart that changed is one that nothing waits for any more."""
        if not self._waiting.may_wait(event.cart_id):
            return ()
        ended = self._waiting.end(event.cart_id, partial(_why_not, event))
        return [skipped(one, why) for one, why in ended]

    def end(self) -> Iterable[tuple[datetime, int, Told]]:
        """Of what still waits nothing more will be known: it would go out when its time comes."""
        return self.before(datetime.max.replace(tzinfo=UTC))

    def _waited(self, until: datetime) -> Iterator[tuple[datetime, int, Told]]:
        while found := self._waiting.take(until):
            for at, order, one in found:
                settled = self._settled(one, at, order)
                if settled is not None:
                    yield at, order, settled

    def _settled(self, one: Told, now: datetime, order: int) -> Told | None:
        """What becomes of what would go now; None where it waits."""
        one, verdict = self._by_first_open(one, now)
        if verdict is None:
            self._note(one, now)
            return sent(one, now)
        if isinstance(verdict, Wait):
            self._waiting.put(verdict.until, order, put_off(one, verdict.reason))
            return None
        return skipped(one, verdict.reason)

    def _by_first_open(self, one: Told, now: datetime) -> tuple[Told, _Verdict]:
        """By the preferred channel; where that is closed, by the first further one that is open."""
        verdict = self._verdict(one, now)
        if isinstance(verdict, Cancel) and (verdict.reason in CLOSED or verdict.reason == UNREACHABLE):
            further = one.channels[one.channels.index(one.channel) + 1 :] if one.channel in one.channels else ()
            for other in (one._replace(channel=channel) for channel in further):
                found = self._verdict(other, now)
                if not isinstance(found, Cancel | Expire):
                    return other, found
        return one, verdict

    def _verdict(self, one: Told, now: datetime) -> _Verdict:
        if (silent := self._rules.silent(one.channel)) is not None:
            return Cancel(silent)
        if now >= one.expires_at:
            return Expire("too_late")
        if one.kind in TRANSACTIONAL:
            return None
        customer_id = one.customer_id or ""
        reach = self._reach_of(customer_id)
        if reach is not None and not reach.by_any((one.channel,)):
            return Cancel(UNREACHABLE)
        if (closed := self._past.closed(customer_id, one.channel)) is not None:
            return Cancel(closed)
        return held_back(self._wanted(one, customer_id, reach), now)

    def _wanted(self, one: Told, customer_id: str, reach: Reach | None) -> Wanted:
        zone = reach.zone if reach is not None else None
        cap = self._rules.cap(one.channel)
        return Wanted(
            one.channel,
            one.expires_at,
            zone_named(zone) or self._rules.zone,
            cap,
            self._rules.quiet,
            self._demands(one.channel, reach),
            once_a_cart=_once_a_cart(one),
            quiet_since=one.quiet_since,
            episode_sent=(one.channel, one.cart_id, one.cart_version) in self._episodes,
            last_sent_at=self._sent.last(one.channel, customer_id) if cap else None,
        )

    def _demands(self, channel: str, reach: Reach | None) -> Demands:
        """Of whom nothing is known they are those of where the store is: nobody knows the number here."""
        if self._laws is None or channel not in BY_PHONE:
            return NOTHING
        zone, country = (reach.zone, reach.country) if reach is not None else (None, None)
        if zone is None and country is None:
            zone = self._rules.time_zone
        return self._laws.demands("", zone, country, reach.region if reach is not None else None)

    def _came_to_nothing(self, one: Told) -> str | None:
        if not self._past:
            return None
        reminder_id = one.about
        if reminder_id is None:
            if one.cart_id is None or one.cart_version is None:
                return None
            place = (one.kind, self._store_id, one.campaign, one.cart_id, one.cart_version, one.name)
            reminder_id = episode_reminder_id(*place)
        return self._past.why_not(reminder_id)

    def _note(self, one: Told, now: datetime) -> None:
        if one.kind in TRANSACTIONAL:
            return
        if cap := self._rules.cap(one.channel):
            self._sent.note(one.channel, one.customer_id or "", now, cap)
        if _once_a_cart(one):
            self._episodes.note((one.channel, one.cart_id, one.cart_version), now)


@dataclass(frozen=True, slots=True)
class Held:
    """What the notifier goes by for a store: its rules, the laws on texts, and what became of messages then."""

    store_id: str
    rules: StoreRules
    laws: Laws | None = None
    past: PastMessages = field(default_factory=PastMessages)

    def policy(self, backtest: Backtest) -> StorePolicy:
        """Its own of a side: what that has sent counts for nobody else."""

        def reach_of(customer_id: str) -> Reach | None:
            return backtest.reach_of((self.store_id, customer_id))

        kept = episodes_kept(backtest.campaigns(self.store_id))
        return StorePolicy(self.rules, self.laws, reach_of, self.past, store_id=self.store_id, episodes_kept=kept)


def _once_a_cart(one: Told) -> bool:
    return one.channel in ONE_A_CART and one.kind in ONCE_A_CART


def _why_not(event: CartEvent, one: Told) -> str | None:
    """Why the last look would find that a reminder says what is not so any more; of an item while it is in the cart."""
    if one.sku is not None and not event.closes:
        return None if one.sku in event.holds else "not_in_cart"
    if event.closes or event.goods != one.cart_version:
        return why_voided(event)
    return "ordered" if event.silent and (one.exit_on is None or ORDER_PLACED in one.exit_on) else None
