"""No clock but the database's decides, and nothing that is dated ahead moves it."""

from datetime import datetime, timedelta
from itertools import count

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from libs.contracts.topics import CART_EVENTS
from libs.inbox.consumer import Received
from libs.postgres.clock import OFFSET, CorrectedClock
from libs.postgres.pool import Pool
from tests.integration.trigger.conftest import Trigger, ago, now
from tests.unit.trigger.making import added


async def read_until(trigger: Trigger) -> datetime:
    moment: datetime = await trigger.pool.fetchval("SELECT read_until FROM partition_progress WHERE partition = 0")
    return moment


async def test_a_record_dated_ahead_moves_a_lagging_partition_no_further_than_it_was_appended(
    trigger: Trigger,
) -> None:
    """Story: one host was an hour fast; its one record took a partition that lagged for read to the present, and people
    were reminded of what stood ordered behind it.
    """
    appended = ago(minutes=30)
    await trigger.receive(added("a", 1, ago(hours=2)))
    ahead = Received(added("b", 1, now() + timedelta(hours=1)), CART_EVENTS.name, 0, 1, appended)
    await trigger.consumer.handle([ahead])
    assert await read_until(trigger) == appended
    early = Received(added("c", 1, ago(minutes=29)), CART_EVENTS.name, 0, 2, now() + timedelta(hours=1))
    await trigger.consumer.handle([early])
    assert await read_until(trigger) < now()


@pytest.mark.parametrize(("ahead_s", "alarms"), [(0.0, 0), (0.4, 0), (5.0, 1), (-7200.0, 1)])
async def test_an_offset_over_a_second_raises_an_alarm(pool: Pool, ahead_s: float, alarms: int) -> None:
    with capture_logs() as logs:
        offset = await CorrectedClock(lambda: now() + timedelta(seconds=ahead_s)).measure(pool)
    assert offset == pytest.approx(ahead_s, abs=2)
    assert OFFSET._value.get() == offset
    assert sum(entry["event"] == "clock.off" for entry in logs) == alarms


async def test_a_slow_answer_is_no_offset(pool: Pool) -> None:
    steps = count()
    with capture_logs() as logs:
        await CorrectedClock(lambda: now() + timedelta(seconds=4 * next(steps))).measure(pool)
    assert logs == []


def told_lag() -> float:
    """What Prometheus would be told now."""
    return REGISTRY.get_sample_value("evercart_trigger_read_lag_seconds", {"topic": CART_EVENTS.name}) or 0.0


async def test_the_read_lag_is_known_without_kafka(trigger: Trigger) -> None:
    """Story: Kafka was away, the tick that measured the lag asked it first, and the alarm for just that stayed silent.

    No broker is here: this consumer never read anything.
    """
    await trigger.read_until(ago(minutes=10))
    await trigger.consumer.measure_lag()
    first = told_lag()
    assert 600 <= first < 700
    assert told_lag() > first, "it grows by itself, also where the database is away, too"


@pytest.mark.parametrize("ahead_s", [7200.0, -7200.0])
async def test_what_a_process_says_is_said_by_its_databases_clock(pool: Pool, ahead_s: float) -> None:
    """Story: the carts of one host were changed two hours from now, and forgotten two hours late."""
    clock = CorrectedClock(lambda: now() + timedelta(seconds=ahead_s))
    assert (clock() - now()).total_seconds() == pytest.approx(ahead_s, abs=60)
    await clock.measure(pool)
    assert (clock() - now()).total_seconds() == pytest.approx(0, abs=60)


async def test_a_clock_that_agrees_is_left_as_it_is(pool: Pool) -> None:
    steps = count()
    clock = CorrectedClock(lambda: now() + timedelta(seconds=next(steps) % 2))
    await clock.measure(pool)
    assert clock._offset == timedelta(), "half a second is within what the answer took"


async def test_a_machine_whose_clock_is_set_tells_no_other_times_until_it_is_measured(pool: Pool) -> None:
    """Story: somebody set a host's clock an hour ahead, and for fifteen seconds every answer was of the future."""
    jump = timedelta()
    clock = CorrectedClock(lambda: now() + jump, now)
    await clock.measure(pool)
    jump = timedelta(hours=1)
    assert abs(clock() - now()) < timedelta(minutes=1)
    with capture_logs() as logs:
        await clock.measure(pool)
    assert abs(clock() - now()) < timedelta(minutes=1)
    assert [entry["event"] for entry in logs] == ["clock.off"]
