"""Stock: what runs low and who holds it, what is waited for, and what was told; people when asked for, and noted."""

from typing import Any
from uuid import UUID

from services.console.domain.figures import CampaignFunnel
from tests.integration.console.pages.conftest import Console
from tests.integration.console.pages.fake_figures import NOW, OFFER

STOCK = "/stores/shop/stock"
RUNS_LOW = CampaignFunnel("runs_low", "low_stock", ("4",), 0, 0, 0, 0, (OFFER,))


async def levels(console: Console) -> None:
    """Tea runs low over all, cups are low in Berlin."""
    await console.pool.execute(
        "INSERT INTO stock_levels VALUES ('shop', 'tea', '', 1, 4, 5, true, $1),"
        " ('shop', 'cup', 'berlin', 1, 1, 3, true, $1)",
        NOW,
    )


async def told(console: Console) -> None:
    """Two people were told that tea runs low; one of them ordered after a click."""
    console.figures.about_items = (RUNS_LOW,)
    await console.pool.execute(
        "INSERT INTO touches (reminder_id, store_id, customer_id, campaign, kind, step, channel, sku, ended, ended_at,"
        " clicked_at, happened_at) SELECT id::uuid, 'shop', id, 'low', 'low_stock', 1, 'sms', 'tea', 'sent', $1,"
        " $1, $1 FROM unnest($2::text[]) AS id",
        NOW,
        [str(UUID(int=n)) for n in (1, 2)],
    )
    await console.pool.execute(
        "INSERT INTO orders (store_id, order_id, placed_at, status, credited_to)"
        " VALUES ('shop', '1', $1, 'placed', $2)",
        NOW,
        UUID(int=1),
    )


async def test_what_runs_low_and_what_is_waited_for_stand_with_their_counts(console: Console):
    await levels(console)
    viewer = await console.somebody("viewer")
    page = (await viewer.get(STOCK)).text
    assert "2 items run low." in page
    assert "17 customers wait, for 2 items." in page
    assert page.count("sold out") == 2, "the trigger knows that none of the cups is left"
    assert ">41<" in page
    assert "berlin" in page
    assert "behind=6.tea" in page
    assert "anna" not in page
    assert console.fake.calls == []


async def test_what_was_told_is_that_of_campaigns_about_items(console: Console):
    marketer, viewer = await console.somebody("marketer"), await console.somebody("viewer")
    assert "Nobody was told anything" in (await marketer.get(STOCK)).text, "left carts are about none"
    console.figures.about_items = (RUNS_LOW,)
    page = (await marketer.get(STOCK)).text
    assert ">512<" in page
    assert "€1,615.00" in page
    assert "messages?campaign=runs_low" in page
    assert "messages?campaign" not in (await viewer.get(STOCK)).text


async def test_what_was_told_about_an_item_stands_beside_it(console: Console):
    await levels(console)
    await told(console)
    viewer = await console.somebody("viewer")
    assert "2 people, 1 order after a click" in (await viewer.get(STOCK)).text
    item = (await viewer.get(f"{STOCK}/item", sku="tea")).text
    assert "2 messages, 2 people, 2 clicks, 1 order after a click" in item
    assert "Nobody was told anything" in (await viewer.get(f"{STOCK}/item", sku="cup")).text


async def test_a_filter_goes_to_both_lists_and_leads_to_the_item(console: Console):
    await levels(console)
    viewer = await console.somebody("viewer")
    page = (await viewer.get(STOCK, sku=" te ")).text
    assert "1 item runs low." in page
    assert "stock/item?sku=te&amp;days=28" in page
    assert "No item like that runs low" in (await viewer.get(STOCK, sku="zzz")).text
    for wrong in ("x" * 201, "\x01"):
        assert "2 items run low." in (await viewer.get(STOCK, sku=wrong, days=3)).text


async def test_an_item_shows_levels_and_counts_and_people_only_when_asked_for(console: Console):
    await levels(console)
    support, marketer = await console.somebody("support"), await console.somebody("marketer")
    page = (await support.get(f"{STOCK}/item", sku="tea")).text
    assert all(told in page for told in ("2 units are left", "41 open carts", "6 customers wait", "4 when it crossed"))
    assert "anna" not in page
    assert "Show customers" not in (await marketer.get(f"{STOCK}/item", sku="tea")).text
    await support.get(f"{STOCK}/item", sku="tea")
    shown = (await support.post(f"{STOCK}/people", sku="tea")).text
    assert "customer?id=ben+7%2Fx" in shown
    assert "Anna Example" not in shown
    named = (await support.post(f"{STOCK}/people", sku="tea", names="yes", after="1.b")).text
    assert "Anna Example" in named
    assert [one for one in await console.audited() if one[0] != "log_in"] == [
        ("items.people", "item:tea"),
        ("items.people", "item:tea"),
        ("customers.look", "customer:anna"),
        ("customers.look", "customer:ben 7/x"),
    ]


async def test_the_row_comes_before_the_look_and_a_failure_is_written_down(console: Console):
    support = await console.somebody("support")
    await support.get(f"{STOCK}/item", sku="tea")
    console.fake.silent = {"trigger"}
    assert (await support.post(f"{STOCK}/people", sku="tea")).status_code == 502
    assert [action for action, _ in await console.audited()][-2:] == ["items.people", "items.people.failed"]


async def test_where_the_trigger_is_silent_the_console_shows_what_it_knows(console: Console):
    await levels(console)
    console.fake.silent = {"trigger"}
    viewer = await console.somebody("viewer")
    page = (await viewer.get(STOCK)).text
    assert "The trigger does not answer" in page
    assert "when it ran low" in page
    assert "Who waits is not known" in page
    item = (await viewer.get(f"{STOCK}/item", sku="tea")).text
    assert "4 units are left" in item
    assert "The trigger does not answer" in item
    assert "How many are left is not known" in (await viewer.get(f"{STOCK}/item", sku="new")).text


async def test_a_shop_without_any_sees_what_fills_the_page(console: Console):
    nothing: dict[str, Any] = {"items": [], "in_all": {"items": 0, "people": 0}, "next": None}
    console.fake.refuses["/items/waited-for"] = (200, nothing)
    viewer, marketer = await console.somebody("viewer"), await console.somebody("marketer")
    page = (await viewer.get(STOCK)).text
    assert "Three things that fill this page" in page
    assert "PUT /v1/stores/shop/inventory/" in page
    assert "campaigns/edit" not in page
    assert "campaigns/edit" in (await marketer.get(STOCK)).text


async def test_what_is_no_sku_is_not_there(console: Console):
    viewer = await console.somebody("viewer")
    for wrong in ("", "x" * 201, "\x01"):
        assert (await viewer.get(f"{STOCK}/item", sku=wrong)).status_code == 404
