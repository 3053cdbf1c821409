"""What topics hold is made anew, what is older stays, and the figures are what they were."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from pydantic import SecretStr

from libs.contracts import events as e
from services.console.cli.rebuild import CannotRebuildError, rebuild
from services.console.settings import ConsoleSettings
from tests.integration.console.by_hand import ByHand
from tests.integration.console.conftest import Console
from tests.integration.console.recount.in_sql import Counting, differences
from tests.integration.console.test_recount import ZONE, counted
from tests.integration.trigger.conftest import Bus, bus  # noqa: F401 - a fixture
from tests.unit.console.making import store
from tests.unit.console.traffic import Traffic, rows

SPOILT = (
    "UPDATE touches SET reason = 'spoilt', ended = NULL, clicked_at = NULL WHERE customer_id LIKE 'shopper-1%'",
    "DELETE FROM order_events WHERE order_id < '8'",
    "DELETE FROM orders WHERE order_id < '8'",
    "UPDATE orders SET net = 1, credited_to = NULL",
    "DELETE FROM touches WHERE customer_id LIKE 'shopper-2%'",
    "DELETE FROM order_sums",
)


@pytest.fixture
def settings(kafka: str, topic_prefix: str, console_dsn: str) -> ConsoleSettings:
    """Of the console that the test looks at."""
    return ConsoleSettings(
        mode="local",
        database_url=SecretStr(console_dsn),
        kafka_bootstrap=kafka,
        topic_prefix=topic_prefix,
        raw_days=40_000,
    )


def told() -> list[e.Event]:
    """Some weeks that begin when the topics do: what they hold is then everything."""
    begin = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    return Traffic().events(rows(40, 20, begin))


async def test_what_was_spoilt_is_made_anew_and_what_is_older_stays(
    console: Console,
    settings: ConsoleSettings,
    bus: Bus,  # noqa: F811
) -> None:
    events = told()
    await bus.publish(store(time_zone=ZONE), *events)
    found = await rebuild(settings)
    expected = ByHand(events, ZONE).sums()
    assert await counted(console) == expected
    assert await differences(console.pool, events, Counting(ZONE)) == {}
    assert (found.taken_out, found.unreadable, found.rows["orders"]) == (0, 0, len(ByHand(events, ZONE).orders))
    old = "INSERT INTO order_sums SELECT 'shop', '2020-01-01', 'cart', '', 1, 'email', '', 'EUR', 7, 0, 700, 700, 700"
    for statement in (*SPOILT, old):
        await console.pool.execute(statement)
    found = await rebuild(settings)
    assert found.taken_out > 0
    differing = await differences(console.pool, events, Counting(ZONE))
    assert {name: len(rows) for name, rows in differing.items()} == {"order_sums": 1}, (
        "the topics tell nothing of that day"
    )
    kept = await counted(console)
    older = {key for key in kept["orders"] if key[0].year == 2020}
    assert {key[-1]: kept["orders"].pop(key) for key in older} == {
        "orders": 7,
        "gross": 700,
        "net": 700,
        "in_store": 700,
    }
    assert kept == expected


async def test_who_was_erased_stays_erased_and_counts_as_before(
    console: Console,
    settings: ConsoleSettings,
    bus: Bus,  # noqa: F811
) -> None:
    events = told()
    who = next(one.customer_id for one in events if isinstance(one, e.MessageClicked))
    last = max(one.occurred_at for one in events) + timedelta(days=1)
    erasure = e.ErasureRequested(
        event_id=uuid4(), occurred_at=last, erasure_id=uuid4(), store_id="shop", customer_ids=(who,), profile_version=9
    )
    await bus.publish(store(time_zone=ZONE), *events)
    await rebuild(settings)
    before = await counted(console)
    await console.receive(erasure)
    await rebuild(settings)
    assert await counted(console) == before
    assert await console.rows("SELECT 1 FROM touches WHERE customer_id = $1", who) == []


async def test_topics_that_hold_nothing_make_nothing_anew(console: Console, settings: ConsoleSettings) -> None:
    with pytest.raises(CannotRebuildError, match="the topics hold nothing"):
        await rebuild(settings)
    assert await console.rows("SELECT 1 FROM stale_days") == []
