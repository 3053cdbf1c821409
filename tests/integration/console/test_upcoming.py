"""What is ahead, out of what was read: carts by delay, and reminders that have not ended."""

from datetime import timedelta

from libs.contracts import events as e
from services.console.domain.upcoming import Asked, NextCart, Soon, Waiting
from services.console.handlers.figures import Figures
from tests.integration.console.conftest import Console
from tests.unit.console.making import at, cart, decided, message, named, sent, store

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CARTS = {"soon": -30, "tomorrow": -10, "past": -90}


async def test_carts_come_due_within_the_hour_or_the_day_by_the_delay_of_a_step(console: Console) -> None:
    await console.receive(store())
    for who, minutes in {"now": 0, "soon": -30, "just_past": -60, "long_past": -600, "tomorrow": -1439}.items():
        await console.receive(cart(who, 1, at(minutes=minutes)))
    await console.receive(cart("other", 1, at(minutes=-30), store_id="other"))
    figures = Figures(console.pool, at)
    found = await figures.upcoming("shop", [HOUR, DAY, timedelta(days=9)])
    # an hour after its change: that of now is due in an hour sharp, that of half an hour ago in 30 minutes
    assert found.carts == {HOUR: Soon(2, 2), DAY: Soon(1, 5), timedelta(days=9): Soon(0, 0)}
    assert (await figures.upcoming("shop", [])).carts == {}


async def test_what_was_asked_for_and_has_not_ended_stands_by_step_with_its_lateness(console: Console) -> None:
    await console.receive(store())
    for who in ("a", "b", "c", "d", "e"):
        about = {"customer_id": who, "cart_id": named(f"cart of {who}")}
        outcome = {"outcome": "skipped", "reason": "no_consent"} if who == "e" else {}
        moment = at(minutes=30 if who == "b" else 0)
        await console.receive(decided(who, moment, **about, step_name="nudge", **outcome))
        if who == "c":
            await console.receive(sent(who, at(minutes=1), **about))
        if who == "d":
            await console.receive(message(e.MessageCancelled, who, at(minutes=1), **about, reason="ordered"))
    due = at()
    found = await Figures(console.pool, lambda: at(minutes=40)).upcoming("shop", [])
    assert found.asked == (Asked("cart", 1, "nudge", "email", 2, 2, due),)
    assert [customer for _, customer in found.longest] == ["a", "b"]
    assert (await Figures(console.pool, lambda: at(days=8)).upcoming("shop", [])).asked == ()
    early = await Figures(console.pool, lambda: at(minutes=-1)).upcoming("shop", [])
    assert early.asked == (Asked("cart", 1, "nudge", "email", 2, 0, None),)
    assert early.longest == ()


async def test_what_comes_next_is_named_one_by_one_the_soonest_first(console: Console) -> None:
    await console.receive(store())
    for who, minutes in CARTS.items():
        await console.receive(cart(who, 1, at(minutes=minutes)))
    await console.receive(cart("other", 1, at(minutes=-30), store_id="other"))
    about = {"customer_id": "late", "cart_id": named("cart of late")}
    await console.receive(decided("late", at(minutes=-5), **about, step_name="nudge"))
    figures = Figures(console.pool, at)
    found = await figures.upcoming("shop", [HOUR, DAY])
    due = [(one.customer_id, one.due_at) for one in found.next]
    hour, day = (sorted((who, at(minutes=m) + d) for who, m in CARTS.items()) for d in (HOUR, DAY))
    assert sorted(due) == sorted([*((who, when) for who, when in hour if when > at()), *day])
    assert [when for _, when in due] == sorted(when for _, when in due)
    assert isinstance(found.next[0], NextCart)
    (waits,) = found.waiting
    assert isinstance(waits, Waiting)
    assert (waits.customer_id, waits.step_name, waits.channel) == ("late", "nudge", "email")
    assert (await Figures(console.pool, lambda: at(days=8)).upcoming("shop", [HOUR])).waiting == ()
