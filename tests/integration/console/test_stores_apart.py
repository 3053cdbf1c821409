"""What happens in one store counts nowhere else, though customers, orders and campaigns go by the same names."""

from typing import TypeVar

from libs.contracts.events import Event
from services.console.handlers.figures import Figures
from tests.integration.console.conftest import Console
from tests.integration.console.erasures import reports, request
from tests.unit.console.making import at, cart, clicked, decided, named, placed, sent, store

OTHER = "other"
E = TypeVar("E", bound=Event)


def elsewhere(event: E, **more: object) -> E:
    """The same in the other store."""
    return event.model_copy(update={"store_id": OTHER, **more})


def figures(console: Console) -> Figures:
    return Figures(console.pool, lambda: at(hours=5))


async def test_a_click_in_one_store_leads_to_no_order_in_another(console: Console) -> None:
    await console.receive(store(), elsewhere(store()), decided("1", at()), sent("1", at(seconds=2)))
    await console.receive(
        clicked("1", at(minutes=1)), elsewhere(placed("A1", at(minutes=2))), placed("A2", at(hours=1))
    )
    await console.sums.round()
    assert await console.rows("SELECT store_id, order_id, credited_to FROM orders ORDER BY 1") == [
        (OTHER, "A1", None),
        ("shop", "A2", named("1")),
    ]


async def test_equal_orders_of_two_stores_are_two(console: Console) -> None:
    await console.receive(store(), elsewhere(store()), placed("A1", at()), elsewhere(placed("A1", at(), total=700)))
    await console.sums.round()
    days = at().date(), at().date()
    for store_id, net in (("shop", 2000), (OTHER, 700)):
        assert [row.net for row in await figures(console).revenue(store_id, *days)] == [net]


async def test_pages_of_a_store_show_nothing_of_another(console: Console) -> None:
    await console.receive(store(), cart("ben", 1, at(hours=4)), decided("1", at()), sent("1", at()), placed("A1", at()))
    await console.sums.round()
    of = figures(console)
    today = await of.today(OTHER)
    assert (today.going_quiet, today.sent, today.orders, today.this_week.sent) == (0, 0, 0, 0)
    assert (await of.funnel(OTHER, 30)).campaigns == ()
    assert (await of.messages(OTHER, {})).rows == ()
    assert await of.customer_timeline(OTHER, "anna") == ()
    assert (await of.upcoming(OTHER, [])).asked == ()
    assert (await of.today("shop")).going_quiet == 1, "or else it shows nothing"


async def test_an_erasure_in_one_store_leaves_the_equal_customer_of_another(console: Console) -> None:
    await console.receive(store(), elsewhere(store()), decided("1", at()), elsewhere(decided("2", at())))
    await console.receive(request("anna", when=at(days=1), store_id=OTHER))
    assert await console.rows("SELECT store_id FROM touches WHERE customer_id = 'anna'") == [("shop",)]
    (report,) = await reports(console)
    assert report.store_id == OTHER
