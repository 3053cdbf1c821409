"""Who is erased is told of to the cart service: once for each asking, with what was found where."""

from libs.contracts.topics import CART_EVENTS, MESSAGE_EVENTS, REMINDER_DECISIONS, dlq
from tests.integration.console.conftest import Console
from tests.integration.console.erasures import reports, request
from tests.unit.console.making import at, cart, decided, placed, sent, store


async def test_the_cart_service_is_told_where_somebody_stood(console: Console) -> None:
    await console.receive(
        store(), cart("anna", 1, at()), decided("1", at()), sent("1", at(seconds=2)), placed("A1", at(hours=1))
    )
    asked = request("anna", "card-7", when=at(days=1))
    await console.receive(asked)
    (report,) = await reports(console)
    assert (report.erasure_id, report.store_id, report.service) == (asked.erasure_id, "shop", "console")
    assert report.key() == f"{asked.erasure_id}:console"
    tables = {place.place: (place.done, place.rows) for place in report.places if place.rows is not None}
    assert tables == {
        "table touches": ("anonymised", 1),
        "table order_events": ("anonymised", 1),
        "table orders": ("anonymised", 1),
        "table carts": ("anonymised", 1),
        "table audit": ("anonymised", 0),
    }
    topics = {place.place for place in report.places if place.done == "expires" and place.gone_by is not None}
    assert topics == {f"topic {dlq(topic.name)}" for topic in (CART_EVENTS, REMINDER_DECISIONS, MESSAGE_EVENTS)}


async def test_the_same_request_again_is_answered_again_and_finds_nothing(console: Console) -> None:
    await console.receive(store(), cart("anna", 1, at()))
    asked = request("anna", when=at(days=1))
    await console.receive(asked)
    await console.receive(asked)
    first, again = await reports(console)
    assert first.event_id != again.event_id
    assert [sum(place.rows or 0 for place in report.places) for report in (first, again)] == [1, 0]


async def test_somebody_new_by_the_same_name_stays(console: Console) -> None:
    await console.receive(store(), decided("1", at()), decided("2", at(days=2)))
    await console.receive(request("anna", when=at(days=1)))
    assert await console.rows("SELECT count(*) FROM touches WHERE customer_id = 'anna'") == [(1,)]
