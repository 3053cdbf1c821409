from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from deploy.traffic.agreement import Wanted, backtested, compare, requested
from deploy.traffic.campaigns import hastened
from deploy.traffic.replay import first_users
from deploy.traffic.schedule import Schedule
from deploy.traffic.trace import Row
from libs.contracts.events import ReminderRequested
from services.trigger.campaigns.registry import load_campaigns
from services.trigger.domain.campaigns import StoreCampaigns
from services.trigger.domain.kinds.abandoned_cart import AbandonedCart
from services.trigger.main import MIGRATIONS

DEFAULT = load_campaigns(MIGRATIONS.parent / "campaigns" / "default.yaml")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
START = datetime(2026, 6, 1, tzinfo=UTC)
SCHEDULE = Schedule(NOON, START, 3600)


def row(hours: float, event: str, user: str = "7", sku: str = "s") -> Row:
    return Row(NOON + hours * HOUR, user, event, sku, 100)


def request(due_at: datetime, reminder_id: UUID | None = None, step: int = 1) -> ReminderRequested:
    return ReminderRequested(
        event_id=uuid4(),
        occurred_at=due_at,
        reminder_id=reminder_id or uuid4(),
        store_id="replay",
        customer_id="replay-r1-7",
        campaign="abandoned_cart-r1",
        kind="abandoned_cart",
        step=step,
        channel="email",
        template="abandoned_cart",
        cart_id=uuid4(),
        cart_version=1,
        due_at=due_at,
        expires_at=due_at + HOUR,
    )


def seconds(number: float) -> datetime:
    return START + timedelta(seconds=number)


def test_the_backtest_speaks_of_the_wall_clock():
    found = backtested([row(0, "cart"), row(3, "view")], StoreCampaigns.always(DEFAULT), SCHEDULE)
    assert found == Counter([Wanted(seconds(1), "7", "abandoned_cart", 1, "email")])


def test_what_is_due_after_the_last_row_is_left_out():
    assert not backtested([row(0, "cart"), row(0.9, "view")], StoreCampaigns.always(DEFAULT), SCHEDULE)


def test_what_is_due_at_the_last_row_counts():
    assert backtested([row(0, "cart"), row(1, "view", user="8")], StoreCampaigns.always(DEFAULT), SCHEDULE).total() == 1


def test_live_requests_get_the_names_of_the_trace():
    found = requested([request(seconds(1))], seconds(3), "replay-r1-", "-r1")
    assert found == Counter([Wanted(seconds(1), "7", "abandoned_cart", 1, "email")])


def test_a_request_that_was_relayed_twice_is_one():
    once = uuid4()
    assert requested([request(seconds(1), once), request(seconds(1), once)], seconds(3), "", "").total() == 1


def test_requests_due_after_the_end_are_left_out():
    assert requested([request(seconds(3)), request(seconds(4))], seconds(3), "", "").total() == 1


def test_differences_are_told_by_side_and_in_order():
    early, late = Wanted(seconds(1), "7", "c", 1, "email"), Wanted(seconds(2), "7", "c", 1, "email")
    agreement = compare(Counter([late, early]), Counter([late, late]))
    assert (agreement.both, agreement.only_live, agreement.only_backtest) == (1, (early,), (late,))
    assert not agreement.holds


def test_differences_are_told_in_the_time_of_the_trace():
    agreement = compare(Counter([Wanted(seconds(1), "7", "c", 1, "email")]), Counter()).recorded(SCHEDULE)
    assert agreement.only_live[0].due_at == NOON + HOUR


def test_the_same_on_both_sides_agrees():
    one = Counter([Wanted(seconds(1), "7", "c", 1, "email")])
    assert compare(one, one).holds


def test_a_hastened_file_gives_the_same_due_times_as_the_schedule():
    (campaign,) = hastened(DEFAULT, 3600, "").campaigns
    assert isinstance(campaign, AbandonedCart)
    step = campaign.steps[1]
    assert SCHEDULE.wall(NOON + 24 * HOUR) == START + step.delay


def test_the_first_users_are_those_whose_first_row_comes_first():
    rows = [row(0, "view", "b"), row(1, "cart", "a"), row(2, "cart", "c"), row(3, "cart", "b")]
    assert [r.customer_id for r in first_users(rows, 2)] == ["b", "a", "b"]
    assert first_users(rows, None) == rows
