"""Upcoming: what comes due, what waits, how late it is and why; whoever may pause has it at hand."""

from tests.integration.console.pages.conftest import Console
from tests.integration.console.pages.fake_services import PAUSE

UPCOMING = "/stores/shop/upcoming"


async def test_carts_that_come_due_and_messages_that_wait_stand_by_step(console: Console):
    console.fake.message |= {"state": "pending", "reason": "quiet_hours"}
    marketer, support = await console.somebody("marketer"), await console.somebody("support")
    page = (await marketer.get(UPCOMING)).text
    assert "8 reminders come due within the hour" in page, "two steps of the campaign for left carts"
    assert "18 within a day" in page
    assert "2 messages are due and not out yet" in page
    assert "the first has been due for 40 minutes" in page
    assert "waiting for morning" in page
    assert page.count("pause?campaign=cart&amp;step=1") == 2, "at hand where it comes due, and where it waits"
    assert "anna" not in page
    page = (await support.get(UPCOMING)).text
    assert "pause?campaign" not in page


async def test_what_is_held_back_says_so(console: Console):
    console.fake.pauses = [PAUSE | {"campaign": "cart", "step": 1}]
    marketer = await console.somebody("marketer")
    page = (await marketer.get(UPCOMING)).text
    assert page.count(">held back<") == 2
    assert "pause?campaign=cart&amp;step=1" not in page
    assert page.count("pause?campaign=cart&amp;step=2") == 1


async def test_where_services_are_silent_the_console_shows_what_it_knows(console: Console):
    console.fake.silent = {"trigger", "notifier"}
    ops = await console.somebody("ops")
    page = (await ops.get(UPCOMING)).text
    assert "The trigger does not answer" in page
    assert "The notifier does not answer" in page
    assert "3 wait" in page
    assert "0 reminders come due" in page
