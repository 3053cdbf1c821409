"""Who was told of a step is known by its name, wherever it stands in the file."""

from pathlib import Path

import pytest

from services.trigger.handlers.request_reminders import MANY
from tests.integration.trigger.conftest import Trigger, ago, now
from tests.unit.trigger.making import added

TWO_STEPS = """
campaigns:
  - name: abandoned_cart
    kind: abandoned_cart
    steps:
      - {%sdelay: 1h, channel: email, template: abandoned_cart_1, lateness: 30m}
      - {%sdelay: 2h, channel: email, template: abandoned_cart_2}
"""


def without_the_first(text: str) -> str:
    """The file after somebody took its first step out."""
    return "\n".join(line for line in text.splitlines() if "abandoned_cart_1" not in line)


async def move_on(trigger: Trigger) -> None:
    """51 minutes go by for the only cart."""
    await trigger.pool.execute(
        "UPDATE carts SET due_at = due_at - interval '51 minutes', quiet_since = quiet_since - interval '51 minutes', "
        "decided_until = decided_until - interval '51 minutes'"
    )
    await trigger.read_until(now())


async def first_sent(trigger: Trigger, campaigns_dir: Path, text: str) -> None:
    """The first step of a file was sent for one cart."""
    (campaigns_dir / "default.yaml").write_text(text)
    await trigger.campaigns.refresh()
    await trigger.receive(added("a", 1, ago(hours=1, minutes=10)))
    await trigger.read_until(now())
    await trigger.timers.fire()


async def taken_over(trigger: Trigger, campaigns_dir: Path) -> None:
    """The same, and then the step is taken out and the other one called as it was."""
    text = TWO_STEPS % ("name: first, ", "name: last, ")
    await first_sent(trigger, campaigns_dir, text)
    (campaigns_dir / "default.yaml").write_text(without_the_first(text).replace("name: last", "name: first"))
    await trigger.campaigns.refresh()


@pytest.mark.parametrize("names", [("", ""), ("name: first, ", "name: last, ")])
async def test_a_step_taken_out_does_not_take_the_next_one_with_it(
    trigger: Trigger, campaigns_dir: Path, names: tuple[str, str]
) -> None:
    """Story: the first reminder had gone out, its step was taken out, and the second never came: it had its id."""
    text = TWO_STEPS % names
    await first_sent(trigger, campaigns_dir, text)
    assert [r.template for r in await trigger.requested()] == ["abandoned_cart_1"]
    (campaigns_dir / "default.yaml").write_text(without_the_first(text))
    await trigger.campaigns.refresh()
    await move_on(trigger)
    await trigger.timers.fire()
    assert [r.template for r in await trigger.requested()] == ["abandoned_cart_1", "abandoned_cart_2"]


async def test_a_step_that_takes_over_the_name_of_another_is_recorded_and_does_not_vanish(
    trigger: Trigger, campaigns_dir: Path
) -> None:
    await taken_over(trigger, campaigns_dir)
    await move_on(trigger)
    for _ in range(2):
        await trigger.timers.fire()
        await trigger.pool.execute("UPDATE carts SET due_at = now() - interval '1 second', decided_until = quiet_since")
    assert [r.template for r in await trigger.requested()] == ["abandoned_cart_1"]
    rows = await trigger.pool.fetch("SELECT outcome, reason FROM decisions ORDER BY decided_at")
    assert [tuple(row) for row in rows] == [("would_send", "idle"), ("skipped", "already_decided")]


async def test_of_many_those_that_were_decided_are_recorded_so_and_all_others_as_they_are(
    trigger: Trigger, campaigns_dir: Path
) -> None:
    """Many are copied; where one is known by its id, all go the way of few."""
    await taken_over(trigger, campaigns_dir)
    await trigger.receive(*(added(str(number), 1, ago(hours=1, minutes=10)) for number in range(MANY)))
    await move_on(trigger)
    assert await trigger.timers.fire() == MANY + 1
    rows = await trigger.pool.fetch("SELECT reason, count(*) FROM decisions GROUP BY reason ORDER BY reason")
    assert [tuple(row) for row in rows] == [("already_decided", 1), ("idle", MANY + 1)]
