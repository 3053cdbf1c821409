"""A year with everything that a campaign may say, in zones whose clocks change: however events interleave, come twice
or late, and however the clock jumps, nobody gets a message twice, and no step reaches past the next.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.contracts.events import CartEvent
from services.trigger.domain.batch import apply_batch
from services.trigger.domain.campaigns import LONG_AGO, StoreCampaigns
from services.trigger.domain.carts import CartState, apply
from services.trigger.domain.decision import Decision
from services.trigger.domain.episodes import decide_all, next_at, plan, wake
from services.trigger.domain.participation import Participants
from tests.support.cart_histories import history
from tests.unit.trigger.making import added, campaigns

ZONES = ("Europe/Warsaw", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca")
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
AFTER, MOST, PER = timedelta(hours=20), 3, timedelta(days=30)
ALL = """
timezone: %s
campaigns:
  - name: arms
    kind: abandoned_cart
    split: {holdout: 10, arms: {plain: 45, coupon: 45}}
    reenter: {after: 20h, most: 3, per: 30d}
    steps:
      - {name: soon, delay: 1h, lateness: 3h, channel: email, template: a, at: {between: ["09:00", "20:00"]}}
      - {name: night, delay: 5h, lateness: 10h, channel: sms, template: b,
         at: {between: ["22:00", "02:30"], days: mon-fri}}
      - {name: offer, delay: 24h, channel: email, template: c, when: {arm: coupon}}
      - {name: last, delay: 8d, lateness: 40d, channel: email, template: d,
         at: {between: ["02:15", "02:45"], days: sun}}
  - name: whatever_is_ordered
    kind: abandoned_cart
    exit_on: []
    steps:
      - {delay: 90m, channel: email, template: a}
      - {delay: 36h, channel: sms, template: b}
"""
IN = {zone: campaigns(ALL % zone) for zone in ZONES}
Episode = tuple[UUID | None, int | None, str]


@dataclass
class Trigger:
    """The trigger's rows and loops without a database, with two partitions and a clock that nobody can trust."""

    campaigns: StoreCampaigns
    now: datetime = NEW_YEAR
    read: list[datetime] = field(default_factory=lambda: [LONG_AGO, LONG_AGO])
    rows: dict[UUID, tuple[CartState, datetime | None]] = field(default_factory=dict)
    decided: dict[UUID, Decision] = field(default_factory=dict)
    participants: Participants = field(default_factory=Participants)

    def consume(self, partition: int, events: list[CartEvent]) -> None:
        known = {cart_id: state for cart_id, (state, _) in self.rows.items()}
        outcome = apply_batch(known, [(event, partition) for event in events], lambda _: self.campaigns)
        for cart_id, changed in outcome.changed.items():
            armed = self.rows[cart_id][1] if cart_id in self.rows else None
            due = [at for at in (armed, next_at(changed.state, self.campaigns)) if at is not None]
            self.rows[cart_id] = (changed.state, min(due, default=None))
        self.read[partition] = max(self.read[partition], *(event.occurred_at for event in events))
        for state, late in outcome.overtaken:
            self.note(decide_all(state, late, self.now, self.participants))

    def fire(self) -> None:
        read_until = min(self.read)
        for cart_id, (state, due_at) in self.rows.items():
            if due_at is not None and due_at < read_until:
                awoken = wake(state, self.campaigns, read_until, self.now, self.participants)
                self.rows[cart_id] = (awoken.state, awoken.next_at)
                self.note(awoken.decisions)

    def note(self, decisions: Iterable[Decision]) -> None:
        for one in decisions:
            assert one.reminder_id not in self.decided, "the same step is decided on twice"
            assert one.outcome == "skipped" or self.now <= one.expires_at, "what is stale is sent"
            self.decided[one.reminder_id] = one


GAPS = st.sampled_from([0, 1, 59, 60, 61, 90, 300, 1440, 1500, 5000, 12000]).map(
    lambda minutes: timedelta(minutes=minutes)
)
JUMPS = st.sampled_from([-400, -25, -1, 0, 0, 0, 0, 1, 7, 30, 500]).map(lambda hours: timedelta(hours=hours))
LENGTHS = st.integers(5, 40)
PATIENT = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def halves(draw: st.DrawFn) -> tuple[list[CartEvent], list[CartEvent]]:
    """Changes of carts in the order of each partition, over up to a year; two carts belong to one customer."""
    start = NEW_YEAR + timedelta(days=draw(st.integers(0, 200)), hours=draw(st.integers(0, 23)))
    found = history(lambda options: draw(st.sampled_from(options)), lambda: draw(GAPS), start, "abcd", draw(LENGTHS))
    of_few = [
        event.model_copy(update={"customer_id": event.customer_id and f"customer-{event.cart_id.int % 2}"})
        for event in found
    ]
    return tuple([e for e in of_few if e.cart_id.int % 3 % 2 == half] for half in (0, 1))  # type: ignore[return-value]


@PATIENT
@given(zone=st.sampled_from(ZONES), parts=halves(), data=st.data())
def test_nobody_is_told_twice_or_of_two_steps_at_once(
    zone: str, parts: tuple[list[CartEvent], list[CartEvent]], data: st.DataObject
) -> None:
    trigger, position = Trigger(IN[zone]), [0, 0]
    for half in (0, 1):
        if not parts[half]:
            trigger.read[half] = NEW_YEAR + timedelta(days=800)
    while any(position[half] < len(parts[half]) for half in (0, 1)):
        half = data.draw(st.sampled_from([h for h in (0, 1) if position[h] < len(parts[h])]), "partition")
        size, back = data.draw(st.integers(1, 5), "batch"), data.draw(st.sampled_from([0, 0, 1, 4]), "told again")
        trigger.consume(half, parts[half][max(0, position[half] - back) : position[half] + size])
        position[half] = min(position[half] + size, len(parts[half]))
        trigger.now = parts[half][position[half] - 1].occurred_at
        trigger.now += data.draw(JUMPS, "the clock jumps")
        if data.draw(st.booleans(), "timers fire"):
            trigger.fire()
    trigger.read = [NEW_YEAR + timedelta(days=800)] * 2
    trigger.fire()
    trigger.fire()
    _holds(trigger)


def _holds(trigger: Trigger) -> None:
    sent = [one for one in trigger.decided.values() if one.outcome == "would_send"]
    episodes: dict[Episode, list[Decision]] = defaultdict(list)
    entries: dict[tuple[str | None, str], set[datetime]] = defaultdict(set)
    arms: dict[str | None, set[str | None]] = defaultdict(set)
    for one in sent:
        episodes[one.cart_id, one.cart_version, one.campaign].append(one)
        if one.campaign == "arms" and one.quiet_since is not None:
            entries[one.customer_id, one.campaign].add(one.quiet_since)
            arms[one.customer_id].add(one.variant)
            assert one.variant == "coupon" or one.step != 3, "the offer is for one arm"
    for found in episodes.values():
        for before, after in pairwise(sorted(found, key=lambda one: one.due_at)):
            assert before.expires_at <= after.due_at, "two steps may go out together"
    for times in entries.values():
        near = sorted(times)
        assert all(later - earlier >= AFTER for earlier, later in pairwise(near)), "entered too soon"
        assert all(near[n + MOST] - near[n] >= PER for n in range(len(near) - MOST)), "entered too often"
    assert all(len(drawn) == 1 and "holdout" not in drawn for drawn in arms.values())


@pytest.mark.parametrize("zone", ZONES)
def test_every_hour_of_a_year_no_step_reaches_past_the_next(zone: str) -> None:
    seen = set()
    for hour in range(366 * 24):
        quiet = NEW_YEAR + timedelta(hours=hour, minutes=hour % 60)
        ahead = [one for one in plan(apply(None, added(at=quiet)), IN[zone]) if one.campaign.name == "arms"]
        for one in ahead:
            assert quiet + one.step.delay <= one.due_at <= one.expires_at  # type: ignore[attr-defined]
        for before, after in pairwise(one for one in ahead if one.skip is None):
            assert before.expires_at <= after.due_at
        seen |= {one.skip for one in ahead}
    assert seen == {None, "next_step_due"}
