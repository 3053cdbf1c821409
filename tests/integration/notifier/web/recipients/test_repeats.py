"""What a store has marked, as often as it says: one question for all such products of an order, one yes, each told."""

import httpx
import pytest

from tests.integration.notifier.conftest import World
from tests.integration.notifier.web.recipients.test_monthly import (
    ASKING,
    WISHES,
    arrived,
    link_in,
    requested,
    shows,
)


async def several(world: World, every: str = "2 weeks") -> str:
    """The link of a letter of an order of three products, two of which are marked."""
    world.shop |= {"repeat_every": every, "repeat_products": ("beans-*", "filter")}
    await arrived(world, "order_delivered", "beans-dark", "mug", "filter")
    return link_in(world.relay.body(number=-1), "m")


async def test_one_question_is_asked_of_all_and_each_is_told_with_how_often(world: World, web: httpx.AsyncClient):
    link = await several(world)
    assert "every 2 weeks: Coffee beans-dark, Coffee filter?" in " ".join(world.relay.body(number=-1).split())
    question = await web.get(link)
    assert "every 2 weeks?" in question.text
    assert "Yes, every 2 weeks" in question.text
    await web.post(link)
    (wish,) = await world.pool.fetch(WISHES)
    assert (wish["sku"], wish["skus"], wish["every"]) == ("beans-dark", ["beans-dark", "filter"], "2 weeks")
    assert wish["wording"] in question.text
    await world.deliver()
    asking = world.relay.body(number=-1)
    assert "Coffee beans-dark" in asking
    assert "Coffee filter" in asking
    assert "Coffee mug" not in asking
    yes = link_in(asking, "s")
    shown = await web.get(yes)
    assert "every 2 weeks" in shown.text
    assert "gets in touch with you" in (await web.post(yes)).text
    told = await requested(world)
    assert [(one.sku, one.every, one.order_id) for one in told] == [
        ("beans-dark", "2 weeks", "o-1001"),
        ("filter", "2 weeks", "o-1001"),
    ]
    assert len({one.event_id for one in told}) == 2
    assert all(one.wording in shown.text for one in told)
    await web.post(yes)
    assert len(await requested(world)) == 2


async def test_an_order_without_any_is_asked_nothing(world: World):
    world.shop["repeat_products"] = ("beans-*",)
    await arrived(world, "order_delivered", "mug")
    assert "/m/" not in world.relay.body(number=-1)


async def test_what_went_back_meanwhile_is_not_wished_with_the_rest(world: World, web: httpx.AsyncClient):
    link = await several(world)
    shows(world, "mug", "filter")
    await web.post(link)
    (wish,) = await world.pool.fetch(WISHES)
    assert wish["skus"] == ["filter"]


async def test_one_that_goes_back_before_the_yes_is_asked_for_ends_the_question(world: World, web: httpx.AsyncClient):
    await web.post(await several(world))
    shows(world, "beans-dark", "mug")
    await world.deliver()
    (asking,) = await world.pool.fetch(ASKING)
    assert (asking["state"], asking["reason"]) == ("cancelled", "returned")


@pytest.mark.parametrize("changed", [{"repeat_every": "3 months"}, {"repeat_products": ("filter",)}])
async def test_a_yes_counts_for_what_was_asked_last_and_not_for_another_wish(
    world: World, web: httpx.AsyncClient, changed: dict[str, object]
):
    """Its store has changed its mind between a wish and the second one: the first letter's yes is none to that."""
    link = await several(world)
    await web.post(link)
    await world.deliver()
    first = link_in(world.relay.body(number=-1), "s")
    world.shop |= changed
    assert world.stores, "described anew"
    await world.pool.execute("UPDATE monthly_wishes SET asked_at = asked_at - interval '25 hours'")
    await web.post(link)
    await world.deliver()
    second = link_in(world.relay.body(number=-1), "s")
    page = await web.get(first)
    answer = await web.post(first)
    told = await requested(world)
    assert all(one.wording in page.text for one in told), "what counts is what the page has said"
    if "repeat_products" in changed:
        assert "nothing to confirm" in answer.text
        assert told == []
        await web.post(second)
    assert {(one.sku, one.every) for one in await requested(world)} == (
        {("filter", "2 weeks")}
        if "repeat_products" in changed
        else {("beans-dark", "3 months"), ("filter", "3 months")}
    )


async def test_a_wish_of_a_release_of_before_is_confirmed_as_one_product_every_month(
    world: World, web: httpx.AsyncClient
):
    await arrived(world)
    await web.post(link_in(world.relay.body(number=-1), "m"))
    await world.deliver()
    await world.pool.execute("UPDATE monthly_wishes SET skus = NULL, every = NULL")
    await web.post(link_in(world.relay.body(number=-1), "s"))
    assert [(one.sku, one.every) for one in await requested(world)] == [("beans", "month")]
