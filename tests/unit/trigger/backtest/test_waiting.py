"""What waits, and who was sent something, is on disk, and comes back as it was."""

import gc
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from libs.files.scratch import scratch
from libs.policy.store_rules import StoreRules
from services.trigger.backtest.policy import StorePolicy
from services.trigger.backtest.sent import Sent
from services.trigger.backtest.waiting import Until, Waiting
from services.trigger.domain.told import Told
from tests.unit.trigger.making import after, cart_id

WHO = st.sampled_from(["anna", "ben", None])


def decision(who: str | None, hours: int = 1, **changes: Any) -> Told:
    facts: dict[str, Any] = {"due_at": after(hours=hours), "customer_id": who, "campaign": "cart", "step": 2}
    facts |= {"kind": "abandoned_cart", "name": "nudge", "channel": "email", "outcome": "would_send", "reason": "idle"}
    facts |= {"cart_id": who and cart_id(who), "cart_version": 3, "arm": None, "total": 2**40, "currency": "EUR"}
    return Told(**facts | {"expires_at": after(hours=hours + 6), "channels": ("email", "sms")} | changes)


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "arm": st.sampled_from(["a", "b"]),
        "put_off": st.sampled_from(["quiet_hours", "frequency_cap"]),
        "exit_on": st.sampled_from([(), ("order.placed",)]),
        "quiet_since": st.just(after(minutes=7) + timedelta(microseconds=1)),
        "sku": st.sampled_from(["tea", "Ана"]),
        "about": st.sampled_from([cart_id("a level")]),
        "cart_version": st.none(),
        "currency": st.none(),
    },
)
PUTS = st.tuples(st.just("put"), WHO, st.integers(0, 5), st.integers(0, 2), CHANGES)
STEPS = st.one_of(PUTS, st.tuples(st.just("take"), st.integers(0, 6)), st.tuples(st.just("end"), WHO, st.booleans()))


class InMemory:
    """As it would be without a file."""

    def __init__(self) -> None:
        self._known: list[Until] = []

    def put(self, *one: Any) -> None:
        self._known.append(one)

    def take(self, before: Any) -> Until | None:
        found = min((one for one in self._known if one[0] < before), key=lambda one: one[:2], default=None)
        if found is not None:
            self._known = [one for one in self._known if one is not found]
        return found

    def end(self, cart: Any, why: Callable[[Told], str | None]) -> list[tuple[Told, str]]:
        ended = [one for one in self._known if one[2].cart_id == cart and why(one[2])]
        self._known = [one for one in self._known if one not in ended]
        return [(one, why(one) or "") for _, _, one in ended]


@given(st.lists(STEPS, max_size=40))
def test_what_waits_comes_back_as_it_was_in_order_of_its_moment(steps: list[tuple[Any, ...]]) -> None:
    tried, known = Waiting(scratch()), InMemory()
    for number, step in enumerate(steps):
        if step[0] == "put":
            _, who, hours, order, changes = step
            for waiting in (tried, known):
                waiting.put(after(hours=hours), order, decision(who, total=number, **changes))
        elif step[0] == "take":
            found = tried.take(after(hours=step[1]))
            assert found == [known.take(after(hours=step[1])) for _ in found]
            assert found or known.take(after(hours=step[1])) is None
            assert len({at for at, _, _ in found}) <= 1
        elif step[1] is not None:

            def why(one: Told, every: bool = step[2]) -> str | None:
                return "ordered" if every or one.total % 2 else None

            assert tried.end(cart_id(step[1]), why) == known.end(cart_id(step[1]), why)
        assert len(tried) == len(known._known)
        assert len(tried._carts) == len({one.cart_id for _, _, one in known._known if one.cart_id})


def decisions_in_memory() -> int:
    return sum(isinstance(one, Told) for one in gc.get_objects())


def test_nothing_of_what_a_night_puts_off_stays_in_memory_but_which_carts_it_is_of() -> None:
    rules = StoreRules.described({"messages": {"email_from": "a@shop.example", "quiet_hours": "12:00-23:00"}}, {})
    policy, before = StorePolicy(rules), decisions_in_memory()
    for number in range(500):
        who = f"shopper-{number}"
        assert list(policy.ask(decision(who, expires_at=after(days=2)), number)) == []
    assert decisions_in_memory() == before
    assert (len(policy._waiting), len(policy._waiting._carts), len(policy._waiting._said)) == (500, 500, 1)
    assert [one.customer_id for _, _, one in policy.end()] == [f"shopper-{number}" for number in range(500)]
    assert (len(policy._waiting), policy._waiting._carts) == (0, {})


def test_who_was_sent_something_is_known_for_a_cap_and_a_quarter_at_most() -> None:
    sent, cap = Sent(scratch()), timedelta(hours=16)
    for hours in range(200):
        sent.note("email", f"shopper-{hours}", after(hours=hours), cap)
        assert len(sent) <= 16 * 5 / 4 + 1
        assert [sent.last("email", f"shopper-{since}") for since in range(hours, max(-1, hours - 16), -1)] == [
            after(hours=since) for since in range(hours, max(-1, hours - 16), -1)
        ]
    sent.note("email", "shopper-199", after(hours=201), cap)
    assert sent.last("email", "shopper-199") == after(hours=201)
    assert sent.last("sms", "shopper-199") is None
