"""How often callers may call, in one process and in several."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from services.cart.domain.rate import SECOND, Rate, due_everywhere
from services.cart.ratelimit.counter import EXCHANGE_US, Caller, RateCounter

ANNA: Caller = ("shopper", "shop", "c:anna")
RATES = st.builds(Rate, per_second=st.floats(0.01, 1000), burst=st.integers(1, 50))
GAPS = st.lists(st.integers(0, 3 * SECOND) | st.integers(0, 2000), min_size=1, max_size=120)


@dataclass
class Clock:
    now: int = 10**9

    def __call__(self) -> int:
        return self.now


@dataclass
class Replicas:
    """Processes that share what the table would hold."""

    count: int
    clock: Clock = field(default_factory=Clock)
    due: dict[Caller, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.meters = [RateCounter(self.clock) for _ in range(self.count)]

    def exchange(self, meter: RateCounter) -> None:
        for one in meter.usage():
            self.due[one.caller] = due_everywhere(self.due.get(one.caller, 0), one.age, one.cost, self.clock.now)
            meter.learn(one.caller, self.due[one.caller] - self.clock.now)


@given(RATES, GAPS)
def test_no_span_of_time_admits_more_than_the_burst_and_the_rate(rate: Rate, gaps: list[int]) -> None:
    meter, due, admitted = RateCounter(clock := Clock()), 0, list[int]()
    for gap in gaps:
        clock.now += gap
        wait = rate.wait(due, clock.now)
        assert meter.admit(ANNA, rate) == wait, "the meter keeps to the rule"
        if wait == 0:
            due = rate.after(due, clock.now)
            admitted.append(clock.now)
    for first, begin in enumerate(admitted):
        for last, end in enumerate(admitted[first:], first):
            assert last - first + 1 <= rate.burst + (end - begin) * rate.per_second / SECOND + 1e-6


@given(RATES, st.integers(0, 10**9))
def test_a_full_burst_is_admitted_at_once_and_then_each_wait_is_exact(rate: Rate, now: int) -> None:
    due = 0
    for _ in range(rate.burst):
        assert rate.wait(due, now) == 0
        due = rate.after(due, now)
    wait = rate.wait(due, now)
    assert wait > 0
    assert rate.wait(due, now + wait - 1) > 0
    assert rate.wait(due, now + wait) == 0


@given(RATES, GAPS)
def test_the_exchange_refuses_nobody_whom_a_single_process_would_admit(rate: Rate, gaps: list[int]) -> None:
    one, alone = Replicas(1), RateCounter(clock := Clock())
    for place, gap in enumerate(gaps):
        one.clock.now += gap
        clock.now += gap
        assert (one.meters[0].admit(ANNA, rate) == 0) == (alone.admit(ANNA, rate) == 0)
        if place % 3 == 0:
            one.exchange(one.meters[0])


@given(RATES, st.integers(2, 4), st.integers(2, 12), st.integers(1, 40))
def test_replicas_together_admit_the_limit_and_what_arrives_within_one_exchange(
    rate: Rate, count: int, seconds: int, calls: int
) -> None:
    replicas, admitted, told_early = Replicas(count), 0, 0
    for _ in range(seconds * 10):
        for meter in replicas.meters:
            admitted += sum(meter.admit(ANNA, rate) == 0 for _ in range(calls))
        told_early += 1
        if told_early == 10:  # each exchanges once a second, one after the other
            told_early = 0
            for meter in replicas.meters:
                replicas.exchange(meter)
        replicas.clock.now += EXCHANGE_US // 10
    arriving = rate.burst + rate.per_second  # the most that one replica admits between two exchanges
    # a replica that is refused has nothing to tell, and hears of the others with its next call: one more exchange
    assert admitted <= rate.burst + rate.per_second * seconds + count * 2 * arriving


def test_who_keeps_far_below_the_rate_is_never_told_of() -> None:
    meter = RateCounter(clock := Clock())
    for _ in range(1000):
        assert meter.admit(ANNA, Rate(per_second=20, burst=300)) == 0
        clock.now += SECOND // 4
        assert not meter.busy.is_set()


def test_who_is_past_half_of_the_burst_is_told_of_at_once() -> None:
    meter, rate = RateCounter(Clock()), Rate(per_second=1, burst=10)
    for _ in range(4):
        meter.admit(ANNA, rate)
    assert meter.busy.is_set()
    assert not meter.pressing.is_set()
    meter.admit(ANNA, rate)
    assert meter.pressing.is_set()


def test_what_could_not_be_told_is_told_next_time() -> None:
    meter, rate = RateCounter(clock := Clock()), Rate(per_second=1, burst=10)
    for _ in range(3):
        meter.admit(ANNA, rate)
    meter.keep(meter.usage())
    clock.now += 100
    meter.admit(ANNA, rate)
    (spent,) = meter.usage()
    assert (spent.cost, spent.age) == (4 * SECOND, 100)


def test_memory_is_bounded_and_forgets_those_who_were_not_seen_for_longest() -> None:
    meter, rate = RateCounter(Clock(), most=2), Rate(per_second=1, burst=1)
    assert [meter.admit(("shopper", "shop", who), rate) > 0 for who in ("a", "b", "b", "c", "a")] == [
        False, False, True, False, False,
    ]  # fmt: skip
