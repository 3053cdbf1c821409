"""What customers looked at is made anew from Kafka: nobody is reminded of it twice, and nobody left out."""

from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from libs.contracts.events import Event, OrderPlaced, ProductViewed
from libs.runtime.ids import uuid7
from services.trigger.cli.rebuild import rebuild
from tests.integration.trigger.conftest import Trigger, ago, now, running
from tests.integration.trigger.test_rebuild import fire_all, read_all
from tests.unit.trigger.making import STORE, added

LOOKED = """
campaigns:
  - {name: looked, kind: browse, steps: [{delay: 1h, channel: email, template: browse, lateness: 300d}]}
"""


@pytest.fixture
def campaigns_dir(tmp_path: Path) -> Path:
    """A campaign on what was looked at, without lateness."""
    (tmp_path / "default.yaml").write_text(LOOKED)
    return tmp_path


def viewed(who: str, at: datetime, *skus: str) -> ProductViewed:
    facts = {"event_id": uuid7(), "occurred_at": at, "store_id": STORE, "customer_id": f"customer-{who}"}
    return ProductViewed.model_validate({**facts, "skus": skus})


def bought(who: str, at: datetime, *skus: str) -> OrderPlaced:
    facts = {"event_id": uuid7(), "occurred_at": at, "store_id": STORE, "customer_id": f"customer-{who}"}
    return OrderPlaced.model_validate({**facts, "order_id": f"o-{who}", "skus": skus, "placed_at": at})


def looked_around(names: list[str]) -> list[Event]:
    """All looked at tea and jam; of four in turn one then bought the tea, one has both in a cart, one looked again."""
    events: list[Event] = [viewed(name, ago(days=2), "tea", "jam") for name in names]
    events += [bought(name, ago(days=2, minutes=-10), "tea") for name in names[::4]]
    events += [added(name, 1, ago(days=2, minutes=-20), {"tea": 1, "jam": 1}) for name in names[1::4]]
    return events + [viewed(name, ago(days=1), "rug") for name in names[2::4]]


async def told(trigger: Trigger) -> Counter[str]:
    """How often each customer is reminded; no reminder is asked for twice."""
    asked = await trigger.requested()
    assert len({one.reminder_id for one in asked}) == len(asked)
    return Counter(one.customer_id for one in asked)


async def test_what_was_looked_at_is_there_again_and_told_of_once(bus, live) -> None:
    """Story: occasions were lost and broken, some of them told of already and some not yet."""
    first, second = looked_around([f"a{n}" for n in range(8)]), looked_around([f"b{n}" for n in range(8)])
    trigger = await live()
    async with running(trigger.consumer.run()):
        await bus.publish(*first)
        await read_all(trigger, len(first))
        await fire_all(trigger, now())
        once = await told(trigger)
        await bus.publish(*second)
        await read_all(trigger, len(first) + len(second))
    known = await trigger.pool.fetchval("SELECT count(*) FROM occasions")
    await trigger.pool.execute("DELETE FROM occasions WHERE customer_id ~ '[0-3]$'")
    await trigger.pool.execute("""UPDATE occasions SET facts = '{"viewed": []}', due_at = NULL""")
    await rebuild(trigger.settings)
    assert await trigger.pool.fetchval("SELECT count(*) FROM occasions WHERE facts @? '$.viewed[*]'") >= known / 2
    trigger = await live()
    async with running(trigger.consumer.run()):
        await read_all(trigger, len(first) + len(second))
    await fire_all(trigger, now())
    both = await told(trigger)
    assert Counter({who: n for who, n in both.items() if who in once}) == once, "nobody twice"
    assert {who.replace("-b", "-a"): n for who, n in both.items() if who not in once} == once, "nobody left out"
    assert once.keys() == {f"customer-a{n}" for n in (0, 2, 3, 4, 6, 7)}, "who has it in a cart is told nothing"
