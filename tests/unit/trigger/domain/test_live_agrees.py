"""Live and backtest decide the same, however the live path is cut into batches, delayed and delivered again."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.contracts.events import CartEvent
from services.trigger.domain.backtest import decisions
from services.trigger.domain.batch import apply_batch
from services.trigger.domain.campaigns import LONG_AGO, StoreCampaigns
from services.trigger.domain.carts import CartState
from services.trigger.domain.decision import Decision
from services.trigger.domain.episodes import decide_all, next_at, wake
from services.trigger.domain.participation import Participants
from tests.support.cart_histories import history
from tests.unit.trigger.making import T0, campaigns

CAMPAIGNS = """
campaigns:
  - name: abandoned_cart
    kind: abandoned_cart
    steps:
      - {delay: 60s, channel: email, template: abandoned_cart}
      - {delay: 5m, channel: sms, template: abandoned_cart}
  - name: big
    kind: abandoned_cart
    conditions: {minimum_total: 2000}
    steps: [{delay: 90s, channel: email, template: abandoned_cart}]
  - name: arms
    kind: abandoned_cart
    split: {holdout: 30, arms: {plain: 35, coupon: 35}}
    steps:
      - {delay: 61s, channel: email, template: a, at: {between: ["12:01", "12:20"], zone: UTC}}
      - {delay: 6m, channel: email, template: b, when: {arm: coupon}}
  - name: whatever_is_ordered
    kind: abandoned_cart
    exit_on: []
    steps:
      - {delay: 59s, channel: email, template: abandoned_cart}
      - {delay: 5m, channel: sms, template: abandoned_cart}
"""


ALL = campaigns(CAMPAIGNS)
ON_A_BUSY_MACHINE = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass
class Live:
    """The trigger's table and its two loops, without a database: the rules of `SAVE_CARTS`, `CLAIM` and `REARM`."""

    campaigns: StoreCampaigns
    rows: dict[UUID, tuple[CartState, datetime | None]] = field(default_factory=dict)
    read_until: datetime = LONG_AGO
    decided: dict[UUID, Decision] = field(default_factory=dict)
    participants: Participants = field(default_factory=Participants)

    def consume(self, batch: list[CartEvent]) -> None:
        """Takes a batch in, then writes it; the timer only ever moves earlier."""
        known = {cart_id: state for cart_id, (state, _) in self.rows.items()}
        outcome = apply_batch(known, [(event, 0) for event in batch], lambda _: self.campaigns)
        for cart_id, changed in outcome.changed.items():
            armed = self.rows[cart_id][1] if cart_id in self.rows else None
            due = [d for d in (armed, next_at(changed.state, self.campaigns)) if d is not None]
            self.rows[cart_id] = (changed.state, min(due, default=None))
        self.read_until = max(self.read_until, *(event.occurred_at for event in batch))
        for state, late in outcome.overtaken:
            self.note(decide_all(state, late, LONG_AGO, self.participants))

    def note(self, decisions: Iterable[Decision]) -> None:
        """Records decisions; the same step is never decided twice."""
        for decision in decisions:
            assert decision.reminder_id not in self.decided
            self.decided[decision.reminder_id] = decision

    def fire(self) -> None:
        """Looks at every cart whose timer is due. The clock stands still: lateness is not what is compared here."""
        for cart_id, (state, due_at) in self.rows.items():
            if due_at is not None and due_at < self.read_until:
                awoken = wake(state, self.campaigns, self.read_until, LONG_AGO, self.participants)
                self.rows[cart_id] = (awoken.state, awoken.next_at)
                self.note(awoken.decisions)


LENGTHS = st.integers(0, 25)
GAPS = st.sampled_from([0, 0, 1, 20, 59, 60, 61, 90, 240, 300, 301, 1000]).map(lambda s: timedelta(seconds=s))


@st.composite
def histories(draw: st.DrawFn) -> list[CartEvent]:
    """Changes of a few carts in order of time, with many ties between events and due times."""
    return history(lambda options: draw(st.sampled_from(options)), lambda: draw(GAPS), T0, "abc", draw(LENGTHS))


@ON_A_BUSY_MACHINE
@given(events=histories(), data=st.data(), tail=GAPS)
def test_live_and_backtest_decide_the_same(events: list[CartEvent], data: st.DataObject, tail: timedelta) -> None:
    live, position = Live(ALL), 0
    while position < len(events):
        size = data.draw(st.integers(1, 6), "batch")
        live.consume(events[position : position + size])
        if data.draw(st.booleans(), "a timer round follows"):
            live.fire()
        committed = data.draw(st.booleans(), "the offsets were committed")
        if committed or data.draw(st.booleans(), "the consumer comes back further on"):
            position += size
        else:
            live.consume(events[max(0, position - 2) : position + size])
            position += size
    until = (events[-1].occurred_at if events else T0) + tail
    live.read_until = until + timedelta(microseconds=1)
    live.fire()
    expected = list(decisions(events, ALL, until))
    assert {d.reminder_id: d for d in expected if d.outcome == "would_send"} == {
        key: d for key, d in live.decided.items() if d.outcome == "would_send"
    }
    assert {key for key, d in live.decided.items() if d.outcome == "skipped"} <= {
        d.reminder_id for d in expected if d.outcome == "skipped"
    }


@ON_A_BUSY_MACHINE
@given(events=histories())
def test_every_decision_of_the_backtest_is_about_another_step(events: list[CartEvent]) -> None:
    found = list(decisions(events, ALL, T0 + timedelta(days=1)))
    assert len({d.reminder_id for d in found}) == len(found)
    assert [d.due_at for d in found] == sorted(d.due_at for d in found)
