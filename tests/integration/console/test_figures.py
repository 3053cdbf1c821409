"""What pages and the API are told, out of the sums."""

from datetime import timedelta

import pytest

from libs.contracts import events as e
from services.console.domain.figures import Money
from services.console.handlers.figures import Figures
from tests.integration.console.conftest import Console
from tests.unit.console.making import NOON, at, cart, clicked, decided, message, named, placed, sent, store

DAY = NOON.date()


@pytest.fixture
async def figures(console: Console) -> Figures:
    """Twelve people are reminded, four held out; two order after a click, a third without one, as does one held out."""
    await console.receive(store(time_zone="Europe/Berlin"))
    for n in range(16):
        who = f"p{n}"
        about = {"customer_id": who, "cart_id": named(f"cart of {who}")}
        await console.receive(cart(who, 1, at(hours=-1)))
        if n >= 12:
            await console.receive(
                decided(who, at(), **about, arm="holdout", outcome="skipped", reason="holdout", step_name="nudge")
            )
            continue
        await console.receive(decided(who, at(), **about, arm="treatment", step_name="nudge", campaign_version="4"))
        if n == 11:
            await console.receive(message(e.MessageCancelled, who, at(seconds=1), **about, reason="no_consent"))
        elif n < 10:
            await console.receive(sent(who, at(seconds=1), **about))
    for who in ("p0", "p1"):
        about = {"customer_id": who, "cart_id": named(f"cart of {who}")}
        await console.receive(clicked(who, at(hours=1), **about), placed(f"of {who}", at(hours=2), customer_id=who))
    await console.receive(placed("of p2", at(hours=3), customer_id="p2", currency="USD"))
    await console.receive(placed("of p12", at(hours=3), customer_id="p12"))
    await console.sums.round()
    return Figures(console.pool, lambda: at(hours=5))


async def test_a_funnel_shows_what_became_of_each_step(figures: Figures) -> None:
    found = await figures.funnel("shop", 7)
    (campaign,) = found.campaigns
    assert (found.since, found.until) == (DAY - timedelta(days=6), DAY)
    assert (campaign.went_quiet, campaign.held_out, campaign.held_out_people, campaign.held_out_ordered) == (
        16,
        4,
        4,
        1,
    )
    assert campaign.versions == ("4",)
    step = next(step for step in campaign.steps if step.arm == "treatment")
    assert (step.name, step.asked, step.waiting, step.sent, step.clicked, step.ordered) == ("nudge", 12, 1, 10, 2, 2)
    assert step.revenue.in_store == Money("EUR", 4000)
    assert step.per_person == 400
    assert [(one.reason, one.number) for one in step.not_sent] == [("no_consent", 1)]
    assert await figures.funnel("other", 7) == type(found)("other", found.since, found.until, found.as_of, ())


async def test_revenue_is_told_by_day_and_by_what_it_is_credited_to(figures: Figures) -> None:
    rows = await figures.revenue("shop", DAY, DAY, "campaign")
    assert [(r.day, r.key, r.currency, r.orders, r.net, r.in_store) for r in rows] == [
        (DAY, None, "EUR", 1, 2000, 2000),
        (DAY, None, "USD", 1, 2000, None),
        (DAY, "cart", "EUR", 2, 4000, 4000),
    ]
    assert [(r.day, r.key, r.orders) for r in await figures.revenue("shop", DAY, DAY, None, by_day=False)] == [
        (None, None, 3),
        (None, None, 1),
    ]


async def test_counts_are_told_by_campaign_and_channel(figures: Figures) -> None:
    (row,) = await figures.counts("shop", DAY, DAY, "channel")
    assert (row.day, row.key, row.decided, row.sent, row.clicked, row.ordered) == (None, "email", 16, 10, 2, 2)
    (row,) = await figures.counts("shop", DAY, DAY, "campaign", by_day=True)
    assert (row.day, row.key, row.revenue.amounts) == (DAY, "cart", (Money("EUR", 4000),))


async def test_an_experiment_compares_arms_with_the_holdout(figures: Figures) -> None:
    (found,) = await figures.experiments("shop", planned={"cart": {"treatment": 75, "holdout": 25}})
    assert [(arm.arm, arm.people, arm.ordered) for arm in found.arms] == [("treatment", 12, 3), ("holdout", 4, 1)]
    (apart,) = found.differences
    assert (apart.arm, apart.against, apart.rate, apart.is_sure) == ("treatment", "holdout", 0, False)
    assert found.sample_ratio is not None
    assert (found.sample_ratio.p_value, found.sample_ratio.is_broken) == (1.0, False)
    assert found.currency == "EUR"


async def test_the_first_page_has_today_and_this_week_beside_the_last(figures: Figures) -> None:
    today = await figures.today("shop")
    assert (today.day, today.sent, today.waiting, today.orders) == (DAY, 10, 1, 2)
    assert today.revenue.in_store == Money("EUR", 4000)
    assert (today.this_week.since, today.last_week.until) == (DAY - timedelta(days=6), DAY - timedelta(days=7))
    assert today.this_week.reminded is not None
    assert today.this_week.held_out is not None
    assert (today.this_week.reminded.people, today.this_week.held_out.people) == (12, 4)
    assert (today.last_week.sent, today.last_week.more) == (0, None)
    assert today.going_quiet == 0


async def test_a_cart_goes_quiet_until_something_is_decided_about_it(console: Console) -> None:
    figures = Figures(console.pool, lambda: at(minutes=30))
    await console.receive(cart("anna", 1, at()), cart("ben", 1, at(minutes=25)), cart("eve", 1, at(), units=0))
    assert (await figures.today("shop")).going_quiet == 1
    await console.receive(decided("1", at(minutes=29)))
    assert (await figures.today("shop")).going_quiet == 0


async def test_messages_are_told_one_by_one_a_page_at_a_time(figures: Figures) -> None:
    found = await figures.messages("shop", {"state": "cancelled"})
    assert [(one.customer_id, one.reason, one.state) for one in found.rows] == [("p11", "no_consent", "cancelled")]
    assert (await figures.messages("shop", {"state": "clicked", "step": "2"})).rows == ()
    assert len((await figures.messages("shop", {"state": "clicked", "step": "1", "channel": "email"})).rows) == 2
    assert (
        len((await figures.messages("shop", {"state": "skipped", "reason": "holdout", "campaign": "cart"})).rows) == 4
    )


async def test_messages_are_found_by_whom_they_went(console: Console) -> None:
    about = {"1": "smtp", "2": "ses", "3": None}
    await console.receive(*(sent(name, at(minutes=int(name)), provider=by) for name, by in about.items()))
    await console.receive(decided("4", at(minutes=4)))
    await console.sums.round()
    figures = Figures(console.pool, lambda: at(hours=5))
    assert await figures.providers("shop") == ["ses", "smtp"]
    assert await figures.providers("other") == []
    every = (await figures.messages("shop", {})).rows
    assert [one.provider for one in every] == [None, None, "ses", "smtp"]
    for by, row in (("ses", every[2]), ("smtp", every[3])):
        assert (await figures.messages("shop", {"provider": by})).rows == (row,)
        assert (await figures.messages("shop", {"provider": by, "state": "sent"})).rows == (row,)
    assert (await figures.messages("shop", {"provider": "ses", "state": "waiting"})).rows == ()


async def test_pages_follow_each_other_without_a_gap(console: Console) -> None:
    await console.receive(*(decided(f"r{n}", at(minutes=n // 3)) for n in range(120)))
    figures = Figures(console.pool, lambda: at(hours=5))
    seen, after = [], ""
    while True:
        page = await figures.messages("shop", {}, after)
        seen += [row.reminder_id for row in page.rows]
        if page.after is None:
            break
        after = page.after
    assert sorted(seen) == sorted({named(f"r{n}") for n in range(120)})
    assert len((await figures.messages("shop", {}, "no place of ours")).rows) == 50


async def test_a_customer_has_one_line_of_time(figures: Figures) -> None:
    line = await figures.customer_timeline("shop", "p0")
    assert [entry.what for entry in line] == ["placed", "clicked", "sent", "decided", "cart"]
    assert line[0].credited_to == named("p0")
    assert line[0].amount == Money("EUR", 2000)
    assert await figures.customer_timeline("other", "p0") == ()
