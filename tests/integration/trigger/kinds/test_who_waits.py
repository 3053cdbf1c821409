"""Who waits for an item, whatever happens in between: one message each, and never more people than units."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.contracts.events import Event, OrderPlaced
from libs.erasure import store as erasure
from libs.postgres.pool import Connection
from libs.runtime.ids import uuid7
from tests.integration.trigger.conftest import Trigger, ago, now
from tests.integration.trigger.kinds.test_back_in_stock import campaigns_dir as campaigns_dir
from tests.integration.trigger.kinds.test_back_in_stock import small_pages as small_pages
from tests.integration.trigger.kinds.test_back_in_stock import told
from tests.unit.trigger.making import added, level, unwatched, watched
from tests.unit.trigger.saving import saved

NAMES = st.sampled_from(["a", "b", "c", "d"])
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("watch"), NAMES),
        st.tuples(st.just("clear"), NAMES),
        st.tuples(st.just("hold"), NAMES),
        st.tuples(st.just("save"), NAMES),
        st.tuples(st.just("take_back"), NAMES),
        st.tuples(st.just("order"), NAMES),
        st.tuples(st.just("again"), NAMES),
        st.tuples(st.just("level"), st.integers(0, 3)),
        st.tuples(st.just("level"), st.just(0)),
    ),
    max_size=25,
)


async def emptied(connection: Connection) -> None:
    tables = ("watches", "decisions", "fan_outs", "stock_levels", "holdings", "carts", "customer_orders", "outbox")
    for table in tables:
        await connection.execute(f"DELETE FROM {table}")
    await erasure.forget(connection, now())


@given(actions=ACTIONS)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
async def test_one_message_a_watch_and_never_more_people_than_units_whatever_happens_in_between(
    trigger: Trigger, actions: Sequence[tuple[str, Any]]
) -> None:
    async with trigger.pool.acquire() as connection:
        await emptied(connection)
    story = Story()
    for action, about in actions:
        for event in story.events(action, about):
            await trigger.receive(event, partition=3 if action == "level" else 0)
        await trigger.read_until(now())
        before = len(await trigger.requested())
        reminded = [r.customer_id.removeprefix("customer-") for r in await trigger.requested()][:before]
        after = await told(trigger)
        story.check(after[len(reminded) :])
    without_cart = [r.customer_id for r in await trigger.requested() if r.cart_id is None]
    for who, times in story.asked.items():
        assert without_cart.count(f"customer-{who}") <= times, "one message a watch, or a time that it was set aside"
    assert set(without_cart) <= {f"customer-{who}" for who in story.asked}


class Story:
    """What happens, in order, and how many may be told of it."""

    def __init__(self) -> None:
        self.level, self.version, self.seconds, self.cause = 0, 0, 0, 0
        self.sold_out, self.may_be_told = False, 0
        self.watching: dict[str, str] = {}
        self.ordered: set[str] = set()
        self.set_: dict[str, Event] = {}
        self.versions: dict[str, int] = {}
        self.saved: set[str] = set()
        self.asked = Counter[str]()

    def events(self, action: str, about: Any) -> list[Event]:
        """The events of an action, dated one second after the one before."""
        self.seconds += 1
        at = ago(minutes=30, seconds=-self.seconds)
        self.may_be_told = 0
        if action == "level":
            return [self._level(about, at)]
        if action == "watch" and about not in self.watching:
            self.watching[about] = f"{about}-{self.seconds}"
            self.ordered.discard(about)
            self.asked[about] += 1
            self.set_[about] = watched(self.watching[about], at, customer=f"customer-{about}")
            return [self.set_[about]]
        if action == "clear" and about in self.watching:
            return [unwatched(self.watching.pop(about), at)]
        if action == "again" and about in self.set_:
            return [self.set_[about]]
        if action == "hold":
            self.ordered.discard(about)
            version = self._version(about)
            return [added(about, version, at, {"tea": version})]
        if action == "save":
            self.ordered.discard(about)
            self.asked[about] += about not in self.saved
            self.saved.add(about)
            return [
                saved(f"saved by {about}", self._version(f"saved by {about}"), at, "tea", customer=f"customer-{about}")
            ]
        if action == "take_back" and about in self.saved:
            self.saved.discard(about)
            return [saved(f"saved by {about}", self._version(f"saved by {about}"), at, customer=f"customer-{about}")]
        if action == "order":
            self.ordered.add(about)
            said = {"order_id": f"{about}{self.seconds}", "store_id": "shop", "skus": ("tea",), "placed_at": at}
            who = {"customer_id": f"customer-{about}", "event_id": uuid7(), "occurred_at": at}
            return [OrderPlaced.model_validate(said | who)]
        return []

    def _version(self, cart: str) -> int:
        self.versions[cart] = self.versions.get(cart, 0) + 1
        return self.versions[cart]

    def _level(self, units: int, at: datetime) -> Event:
        self.version += 1
        self.may_be_told = max(0, units - self.level) if self.sold_out else 0
        self.sold_out = self.sold_out or units == 0
        self.level = units
        return level(units, self.version, at)

    def check(self, told_now: Sequence[str]) -> None:
        """Nobody twice, no more than units came, nobody who has ordered it since."""
        assert len(told_now) == len(set(told_now))
        assert len(told_now) <= self.may_be_told
        assert not self.ordered & set(told_now)
        waiting = self.saved | self.watching.keys() | self.versions.keys()
        assert set(told_now) <= waiting, "whoever took it back is told no more"
